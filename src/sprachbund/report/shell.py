"""What pages of ours share: their look, and data within a page."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from sprachbund.report.markup import Markup, join

__all__ = ["head", "safe_json", "style"]


@cache
def style() -> Markup:
    """The style sheet of every page: light and dark, for phones and for print."""
    return Markup(files("sprachbund.report").joinpath("style.css").read_text(encoding="utf-8"))


def head(title: str, allows: str, css: str = "") -> Markup:
    """A page's beginning up to its body, with a policy that lets nothing in from outside.

    Args:
        allows: what the policy allows of the page itself, besides its style. css: rules beyond those of every page.
    """
    policy = "; ".join(("default-src 'none'", *filter(None, [allows]), "style-src 'unsafe-inline'", *_NOTHING))
    return Markup(
        f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{join(title)}</title>
<style>
{style()}{css}</style>
</head>"""
    )


_NOTHING = ("base-uri 'none'", "form-action 'none'")


def safe_json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in, whatever strings it holds."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
