"""Which languages the text alone said, as a table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sprachbund.cli.output import add_row, table
from sprachbund.errors import LanguageError
from sprachbund.languages import find

if TYPE_CHECKING:
    from rich.table import Table


def detected_table(detected: Mapping[str, Mapping[str, float]]) -> "Table":
    """The languages that were detected with the documents of each and their mean confidence, most documents first."""
    made = table(
        "languages that the text alone said", ("language", "name", "documents", "confidence"), left=("language", "name")
    )
    for code, said in sorted(detected.items(), key=lambda each: (-each[1]["documents"], each[0])):
        add_row(made, [code, _name(code), int(said["documents"]), f"{said['confidence']:.2f}"])
    return made


def _name(code: str) -> str:
    try:
        return find(code).name
    except LanguageError:
        return ""
