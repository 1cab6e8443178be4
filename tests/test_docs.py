"""The documentation says what the code does: settings, commands, names, links."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sprachbund import settings as tree
from sprachbund.cli.app import app
from sprachbund.retrieval import settings as stages
from sprachbund.retrieval.trials import GRID

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted((*DOCS.glob("*.md"), *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"))))
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def defaults(name: str) -> dict[str, Any]:
    """Every setting of a preset by its name, tuples as lists."""
    found = tree.to_dict(stages.preset(name))
    nested = tree.stages(stages.preset(name))
    flat = {key: value for key, value in found.items() if key not in nested}
    return flat | {key: value for stage in sorted(nested) for key, value in found[stage].items()}


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables of a page by the name in backquotes that begins them."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0].strip("`"): row[1:] for row in cells if re.fullmatch(r"`\w+`", row[0])}


def section(text: str, heading: str) -> str:
    """What stands under ``## heading``."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"no heading {heading}"
    return found[1]


def slug(heading: str) -> str:
    """The anchor that Markdown's table of contents gives a heading."""
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[\s-]+", "-", kept)


def anchors(page: Path) -> set[str]:
    """The anchors of a page, its fenced code left out."""
    return {slug(found) for found in re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.M)}


@pytest.mark.parametrize("preset", ["best", "paper"])
def test_every_setting_stands_in_the_settings_page_with_its_default(preset: str) -> None:
    """The tables above the trials name each setting of the dataclasses, no other, with the preset's value as TOML."""
    text = (DOCS / "settings.md").read_text(encoding="utf-8").partition("## What the trials change")[0]
    column = {"best": 0, "paper": 1}[preset]
    written = {name: tomllib.loads(f"value = {cells[column]}")["value"] for name, cells in rows(text).items()}
    assert written == defaults(preset)


def test_the_settings_page_names_the_table_of_each_stage() -> None:
    """And the text says which tables a file may have."""
    text = section((DOCS / "settings.md").read_text(encoding="utf-8"), "How to give them")
    assert set(re.findall(r"`\[(\w+)\]`", text)) == set(tree.stages(stages.BEST))


def test_the_page_names_what_trials_change() -> None:
    """The table of the trials has a row for each setting of the grid."""
    text = section((DOCS / "settings.md").read_text(encoding="utf-8"), "What the trials change")
    assert set(rows(text)) == set(GRID)


def verbs() -> dict[str, Any]:
    """The commands of the program by their names."""
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def alone(command: Any) -> list[Any]:
    """A command, or those of a group of them."""
    return list(command.commands.values()) if hasattr(command, "commands") else [command]


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_every_option_stands_under_its_verb(verb: str) -> None:
    """docs/commands.md has the long options that the verb takes, and no other."""
    text = section((DOCS / "commands.md").read_text(encoding="utf-8"), verb)
    taken = {
        option
        for command in alone(verbs()[verb])
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    } - {"--help"}
    listed = set(re.findall(r"`(--[\w-]+)`", "\n".join(line for line in text.splitlines() if line.startswith("| `--"))))
    shown = {option for option in listed if f"| `{option}`" in text or f", `{option}` |" in text}
    assert shown == taken


def test_the_commands_page_has_no_verb_that_is_none() -> None:
    """The headings of docs/commands.md are the verbs."""
    found = re.findall(r"^## (.+)$", (DOCS / "commands.md").read_text(encoding="utf-8"), re.M)
    assert sorted(found) == sorted(verbs())


def test_the_readme_names_the_two_commands_and_the_makefile_has_them() -> None:
    """`make demo` and `make test` are what a stranger types."""
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_resolve(page: Path) -> None:
    """Every link without a scheme leads to a file that is there, and to a heading that it has."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_path_of_a_machine(page: Path) -> None:
    """The pages name no absolute path: a reader's machine has others."""
    found = re.findall(r"(?<![\w.:/<])/(?:home|root|Users|mnt|tmp|work|opt)\b\S*", page.read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_compile_and_their_names_exist(page: Path) -> None:
    """Code fenced as python is valid, and what it imports from sprachbund is there."""
    for language, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if language != "python":
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sprachbund"):
                module = __import__(node.module or "", fromlist=[name.name for name in node.names])
                assert all(hasattr(module, name.name) for name in node.names), node.module


def test_a_room_imports_only_from_the_rooms_above_it() -> None:
    """The table of rooms in docs/architecture.md names every room, in an order that all imports keep."""
    text = section((DOCS / "architecture.md").read_text(encoding="utf-8"), "One way through the house")
    order = re.findall(r"`(\w+)(?:\.py|/)`", "\n".join(line.split("|")[1] for line in text.splitlines() if "|" in line))
    source = ROOT / "src" / "sprachbund"
    paths = sorted(source.rglob("*.py"))
    rooms = [path.relative_to(source).parts[0].removesuffix(".py") for path in paths]
    assert set(order) == set(rooms) - {"__init__", "__main__"}
    first = order.index("statistics")
    place = {room: max(0, number - first + 1) for number, room in enumerate(order)}
    upward = []
    for path, room in zip(paths, rooms, strict=True):
        for imported in re.findall(r"(?:from|import) sprachbund\.(\w+)", path.read_text(encoding="utf-8")):
            if room not in ("__init__", "__main__") and place[imported] >= max(1, place[room]) and imported != room:
                upward.append(f"{path.relative_to(source)} imports {imported}")
    assert upward == []
    importers = {room for path, room in zip(paths, rooms, strict=True) if "sprachbund.report" in path.read_text()}
    assert importers <= {"report", "analyses", "cli", "neighbours", "vectors", "zoo"}


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest could not tell their modules apart."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_the_table_of_formats_has_the_numbers_that_are_written() -> None:
    """docs/formats.md gives each kind of folder the number of the format that its manifest has."""
    source = ROOT / "src" / "sprachbund"
    written = {}
    for path in source.rglob("*.py"):
        for kind, number in re.findall(r'^KIND, FORMAT.* = "([^"]+)", (\d+)', path.read_text(encoding="utf-8"), re.M):
            written[kind.replace("neural language model", "neural part").replace("neural checkpoint", "")] = int(number)
    text = (DOCS / "formats.md").read_text(encoding="utf-8").partition("\n## ")[0]
    table = re.findall(r"^\| \[([a-z ]+)\].*?\| `\w+\.json` \| (\d+) \|", text, re.M)
    told = {kind: int(number) for kind, number in table}
    assert {kind: written[kind] for kind in told if kind in written} == {k: n for k, n in told.items() if k in written}
    assert set(told) - set(written) == {"card"}
