"""Options that several verbs share, and how they become settings."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from sprachbund.errors import SettingsError, one_line
from sprachbund.languages import spoken
from sprachbund.retrieval.settings import Settings, change, preset
from sprachbund.settings import change as changed
from sprachbund.settings import flatten, from_text

Tree = TypeVar("Tree")
Languages = Annotated[
    str | None, typer.Option(help="Languages, parted by commas, as tr,uk. Default: all of the corpus.")
]
Preset = Annotated[str, typer.Option(help="Frozen settings to begin from: best (ours) or paper (Arnold & Cohen 2021).")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="A TOML file of settings by name, over the preset.", show_default=False),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Any setting by its name, over preset and file, as --set rate=0.05 --set characters=[4,5]; repeatable. "
        "docs/settings.md lists all with units.",
        show_default=False,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        help="Memory that counting n-grams may use, as 2G; what does not fit goes to disk. "
        "Default: half of what there is."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes side by side, one thread each. Default: one a processor."),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="CLUSTER",
        help="Do the work on Ray: ray (started here, or that of RAY_ADDRESS), auto (the one on this machine), "
        "HOST:PORT or ray://HOST:PORT. Default: processes of this machine. See docs/cluster.md.",
        show_default=False,
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="COLUMN", help="Of tables and JSON: the column of the text. Default: text, content, body..."
    ),
]
TitleColumn = Annotated[
    str | None, typer.Option("--title", metavar="COLUMN", help="The column of the title. Default: title, name...")
]
IdColumn = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The column of the id. Default: id, _id, key...")
]
LanguageColumn = Annotated[
    str | None,
    typer.Option(
        "--language-column",
        metavar="COLUMN",
        help="The column of the language's code. Default: lang, language, locale.",
    ),
]
LanguageFrom = Annotated[
    str | None,
    typer.Option(
        metavar="folder",
        help="Take the language from the name of the nearest folder, as docs/pt/x.txt, where that is a language's "
        "code or name, whatever the sources say; --language wins over it.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def split_languages(text: str | None) -> list[str] | None:
    """``tr, uk`` as a list; None stays None."""
    if text is None:
        return None
    found = [code.strip() for code in text.split(",") if code.strip()]
    if not found:
        raise SettingsError("--languages names no language; write --languages tr,uk or leave it out")
    return found


def known_language(text: str) -> str:
    """The code of a language that an option names by code or name; empty text, for one that is not known, stays.

    Raises:
        LanguageError: nobody knows it; the message has the nearest.
    """
    return spoken(text) if text.strip() else ""


def resolve(
    name: str,
    file: Path | None,
    assignments: list[str] | None,
    shape: Callable[[Settings], Settings] | None = None,
    **options: Any,
) -> Settings:
    """Settings from a preset, a TOML file, ``--set`` and single options (None: not given), each over the one before.

    Args:
        shape: what becomes of the preset before anything else, as the shape of a model that training goes on from.

    Raises:
        SettingsError: an unknown name or a value that cannot work.
    """
    begun = shape(preset(name)) if shape else preset(name)
    changes = _changes(begun, file, assignments)
    changes |= {key: value for key, value in options.items() if value is not None}
    if changes.pop("preset", name) != name:
        raise SettingsError("the preset is no setting among others; choose it with --preset")
    return change(begun, **{key: from_text(begun, key, value) for key, value in changes.items()})


def named_settings(settings: Tree, file: Path | None, assignments: list[str] | None) -> dict[str, Any]:
    """What a TOML file and ``--set`` say, each value as its setting has it.

    Raises:
        SettingsError: an unknown name or a value of another type.
    """
    return {key: from_text(settings, key, value) for key, value in _changes(settings, file, assignments).items()}


def settled(settings: Tree, file: Path | None, assignments: list[str] | None) -> Tree:
    """Settings of any kind with those of a TOML file and of ``--set`` over them.

    Raises:
        SettingsError: an unknown name or a value that cannot work.
    """
    return changed(settings, named_settings(settings, file, assignments))


def _changes(settings: Any, file: Path | None, assignments: list[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if file is not None:
        try:
            found = flatten(settings, tomllib.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise SettingsError(f"{file}: no such file") from None
        except IsADirectoryError:
            raise SettingsError(f"{file}: is a folder; name a TOML file of settings") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: not TOML ({one_line(error)})") from None
    return found | dict(_assignment(text) for text in assignments or [])


def _assignment(text: str) -> tuple[str, Any]:
    name, sign, raw = text.partition("=")
    if not sign or not name.strip():
        raise SettingsError(f"expected --set NAME=VALUE, found {text!r}")
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    return name.strip(), value
