"""What pages of ours share: their look, and data within a page."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from sprachbund.report.markup import Markup

__all__ = ["safe_json", "style"]


@cache
def style() -> Markup:
    """The style sheet of every page: light and dark, for phones and for print."""
    return Markup(files("sprachbund.report").joinpath("style.css").read_text(encoding="utf-8"))


def safe_json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in, whatever strings it holds."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
