"""``sprachbund search --in URL``: what of a search a database can do, and the search."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sprachbund.cli.options import split_languages
from sprachbund.errors import SettingsError

if TYPE_CHECKING:
    from sprachbund.search.hits import Hit

KNOWN = {"index", "words", "k", "languages", "mode", "database", "model", "as_json"}
"""Parameters of the verb that mean something to a database."""


def require_alone(call: typer.Context) -> None:
    """Refuse what a database cannot do, rather than leave it out unsaid.

    Raises:
        SettingsError: such an option was given; names it.
    """
    for each in call.command.params:
        source = call.get_parameter_source(str(each.name))
        if each.name not in KNOWN and source is not None and source.name == "COMMANDLINE":
            raise SettingsError(
                f"{each.opts[0]} is of an index in a folder; with --in there are -k, --languages, --mode, --model "
                "and --json"
            )


def search_database(url: str, model: Path | None, query: str, k: int, languages: str | None, mode: str) -> "list[Hit]":
    """The best passages of a database.

    Raises:
        SettingsError: the query is empty, or no model is named and there is no folder ``index``.
    """
    from sprachbund.databases.database import Database

    if not query.strip():
        raise SettingsError("the query is empty; give words to find")
    if model is None:
        model = Path("index")
        if not model.is_dir():
            raise SettingsError("--in needs --model DIR: the index that was written, or the encoder of its vectors")
    given: Any = mode
    with Database.open(url, model) as opened:
        return opened.search(query, k, split_languages(languages) or (), given)
