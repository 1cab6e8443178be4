"""Options that several verbs share, and how they become settings."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from sprachbund.errors import SettingsError
from sprachbund.retrieval.settings import TASKS, Settings, Task, change, from_dict, preset

Languages = Annotated[
    str | None, typer.Option(help="Languages, parted by commas, as tr,uk. Default: all of the corpus.")
]
Preset = Annotated[
    str, typer.Option(help="Frozen settings to begin from: best (ours) or paper (Arnold & Cohen 2021).")
]
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
        help="Memory that counting n-grams may use, as 2G; what does not fit goes to disk. Default: half."
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


def check_task(text: str) -> Task:
    """A task by its name.

    Raises:
        SettingsError: there is no such task.
    """
    if text not in TASKS:
        raise SettingsError(f"no task is called {text!r}; there are: {', '.join(TASKS)}")
    return text


def resolve(name: str, file: Path | None, assignments: list[str] | None, **options: Any) -> Settings:
    """Settings from a preset, a TOML file, ``--set`` and single options (None: not given), each over the one before.

    Raises:
        SettingsError: an unknown name or a value that cannot work.
    """
    settings = preset(name)
    if file is not None:
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SettingsError(f"{file}: no such file") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: not TOML ({error})") from None
        settings = change(settings, **_flatten(found))
    changes = dict(_assignment(text) for text in assignments or [])
    changes |= {key: value for key, value in options.items() if value is not None}
    return _tupled(change(settings, **changes))


def _flatten(values: dict[str, Any]) -> dict[str, Any]:
    """Stages as tables, or the names alone: both are read."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("pairs", "encoder", "training") and isinstance(value, dict):
            flat |= value
        else:
            flat[name] = value
    return flat


def _assignment(text: str) -> tuple[str, Any]:
    name, sign, raw = text.partition("=")
    if not sign or not name.strip():
        raise SettingsError(f"expected --set NAME=VALUE, found {text!r}")
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw
    return name.strip(), value


def _tupled(settings: Settings) -> Settings:
    """Lists that came from TOML as tuples, and types checked: a text where a number belongs is refused here."""
    for stage in (settings.pairs, settings.encoder, settings.training):
        for field in dataclasses.fields(stage):
            value, usual = getattr(stage, field.name), field.default
            if isinstance(usual, (int, float)) and (
                not isinstance(value, (int, float)) or isinstance(value, bool) != isinstance(usual, bool)
            ):
                raise SettingsError(f"{field.name} must be like {usual!r}, found {value!r}")
    return from_dict(dataclasses.asdict(settings))
