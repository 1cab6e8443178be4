"""The benchmarks are run by hand and rarely: what they take from the library must still be there."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "benchmarks").rglob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.relative_to(ROOT / "benchmarks").as_posix() for path in SCRIPTS])
def test_what_a_benchmark_imports_is_there(path: Path) -> None:
    """Every name of the library that it imports."""
    missing = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sprachbund":
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                if not hasattr(module, alias.name):
                    try:
                        importlib.import_module(f"{node.module}.{alias.name}")
                    except ModuleNotFoundError:
                        missing.append(f"{node.module}.{alias.name}, line {node.lineno}")
    assert missing == []
