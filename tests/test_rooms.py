"""A room imports only from rooms before it, wherever in a file the import stands."""

import ast
from pathlib import Path

import pytest

import sprachbund

ROOT = Path(sprachbund.__file__).parent
ROOMS = (
    "statistics", "engines", "runs", "corpus", "simulation", "ngrams", "cognates", "lab", "studies", "report",
    "retrieval", "lm", "speech", "vectors", "neighbours", "analyses", "search", "databases",
    "export", "zoo", "service", "cli",
)  # fmt: skip
"""After the ground, which is every module beside the rooms."""
PUBLIC = ("__init__.py", "__main__.py")
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name not in PUBLIC or path.parent != ROOT)


def place(room: str) -> int:
    """Of a room in the order; the ground is before all."""
    return ROOMS.index(room) if room in ROOMS else -1


def imports(path: Path) -> list[tuple[int, str]]:
    """(line, module of ours) of every import: at the top, in functions, for types alone."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # `from sprachbund.corpus import store` names a module too; a name of the package itself is public
            found += [(node.lineno, f"{node.module}.{each.name}") for each in node.names]
        elif isinstance(node, ast.Import):
            found += [(node.lineno, each.name) for each in node.names]
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
    return [(line, name) for line, name in found if name.split(".")[0] == "sprachbund"]


def back(path: Path, room: str) -> list[str]:
    """The imports of a file of a room that lead the wrong way."""
    wrong = []
    for line, name in imports(path):
        parts = name.split(".")
        if place(parts[1] if len(parts) > 1 else "") > place(room):
            wrong.append(f"{path.name}:{line} {name}")
    return wrong


def test_every_room_has_its_place() -> None:
    """A new room is to be put into the order, here and in docs/architecture.md."""
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert there == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_way_back(path: Path) -> None:
    """Neither at the top of a file nor inside a function."""
    relative = path.relative_to(ROOT)
    assert not back(path, relative.parts[0] if len(relative.parts) > 1 else "")


def test_inside_retrieval_what_ranks_comes_after_what_encodes() -> None:
    """Of their room: ``spelling/`` nothing, ``encoder/`` settings and that, ``ranking/`` settings and ``encoder/``."""
    allowed = {
        "spelling": {"spelling"},
        "encoder": {"settings", "spelling", "encoder"},
        "ranking": {"settings", "encoder", "ranking"},
    }
    for part, known in allowed.items():
        for path in (ROOT / "retrieval" / part).rglob("*.py"):
            names = [name.split(".") for _, name in imports(path) if name.startswith("sprachbund.retrieval.")]
            assert {name[2] for name in names} <= known, path.name


def test_the_test_sees_the_way_back(tmp_path: Path) -> None:
    """In all the places where an import may hide."""
    path = tmp_path / "file.py"
    path.write_text(
        "from sprachbund.errors import SettingsError\nfrom sprachbund import retrieval\n"
        "def work():\n    import sprachbund.report.page\n    from sprachbund.lab.recipe import Recipe\n"
    )
    assert len(back(path, "studies")) == 2 and len(back(path, "cli")) == 0 and len(back(path, "corpus")) == 3
