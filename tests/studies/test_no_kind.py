"""What serves every kind says no word of any."""

import ast
import re
from pathlib import Path

import pytest

import sprachbund
from sprachbund.retrieval.declared import DECLARATION

ROOT = Path(sprachbund.__file__).parent
ROOMS = ("statistics", "studies", "report")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
WORDS = re.compile(
    r"mrr|bm25|\brank|recall|encoder|hybrid|n-gram|\bnsp\b|\bic\b|perplexity|bits per|phoneme|utterance's|\bctc\b", re.I
)
EXAMPLES = re.compile(r"^ {4,}.*$|``[^`]*``", re.M)
"""A docstring may give examples: whole indented lines, and what stands in double backquotes."""
POOLS = {pool.name for pool in DECLARATION.pools} - {"mixed", "own"}  # a strategy, and a word of every day


def said(path: Path) -> list[tuple[int, str]]:
    """Every text, name and word of a file: (line, what)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append((node.lineno, EXAMPLES.sub("", node.value) if id(node) in documents else node.value))
        elif isinstance(node, (ast.Name, ast.Attribute, ast.arg, ast.FunctionDef, ast.ClassDef)):
            named = (getattr(node, name, "") for name in ("id", "attr", "arg", "name"))
            found += [(node.lineno, name) for name in named if name]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_of_a_kind(path: Path) -> None:
    """Measures, baselines, views, tasks and pools are named where the kind declares itself."""
    found = [(line, text) for line, text in said(path) if WORDS.search(text) or text in POOLS]
    assert not found


def test_the_test_sees_words(tmp_path: Path) -> None:
    """In names, in texts and in docstrings; not in examples."""
    path = tmp_path / "file.py"
    path.write_text('"""The ranks.\n\n    bm25 is an example\n"""\nbest_mrr = "hybrid-pooled"\npool = "unseen"\n')
    found = [text for _, text in said(path) if WORDS.search(text) or text in POOLS]
    assert len(found) == 4
