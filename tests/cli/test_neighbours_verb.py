"""`sprachbund neighbours`: the table, one pair, JSON, and what a person may do wrong."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed

from sprachbund.cli.neighbours import show_notes
from sprachbund.cli.neighbours_advised import show_advice
from sprachbund.neighbours.advice import Advice

WORDS = {"es": "cabeza", "pt": "cabeça", "it": "capo", "de": "kopf"}
LANGUAGES = {"es": "spa", "pt": "por", "it": "ita", "de": "deu"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve concepts of four varieties: the words of Spanish and Portuguese are all one letter apart."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "iecor").mkdir()
    codes = list(LANGUAGES)
    rows = [f"{number},{code},{LANGUAGES[code]},false,false" for number, code in enumerate(codes)]
    forms = [
        (number, concept, WORDS[code] + chr(97 + concept) * 2)
        for number, code in enumerate(codes)
        for concept in range(12)
    ]
    (folder / "iecor" / "languages.csv").write_text("\n".join(["ID,Name,ISO639P3code,historical,fossil", *rows]))
    concepts = "\n".join(f"{concept},c{concept}" for concept in range(12))
    (folder / "iecor" / "parameters.csv").write_text(f"ID,Name\n{concepts}\n")
    lines = [f"{number}-{concept},{number},{concept},{form}" for number, concept, form in forms]
    (folder / "iecor" / "forms.csv").write_text("\n".join(["ID,Language_ID,Parameter_ID,Form", *lines]))
    roots = [f"{number}-{concept},{number}-{concept},{concept + (number == 3)}" for number, concept, _ in forms]
    (folder / "iecor" / "cognates.csv").write_text("\n".join(["ID,Form_ID,Cognateset_ID", *roots]))
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where features are kept from one command to the next."""
    return tmp_path_factory.mktemp("features") / "kept"


def test_the_table(data: Path, kept: Path) -> None:
    """Spanish first; what has no data is listed with where to get it, and nothing is written beside the features."""
    shown = succeed("neighbours", "Portuguese", "--languages", "de,it,es", "--data", data, "--cache", kept)
    lines = shown.splitlines()
    assert "The languages nearest to pt Portuguese" in lines[0]
    order = [line.split()[1] for line in lines if line.strip()[:2] in ("1 ", "2 ", "3 ")]
    assert order[:3] == ["es", "it", "de"]
    assert "near words 1.000 [1.000, 1.000], unrelated 0.000" in shown
    assert "PHOIBLE (phoneme inventories) is not here" in shown and "https://github.com/phoible/dev" in shown
    assert {path.suffix for path in kept.iterdir()} == {".parquet"}


def test_sentences_are_broken_to_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Reasons and notes; what follows the first line of one is set in, a command is whole, no word is cut."""
    why = "1. es Spanish: not measured yet, because of " + ", ".join(["near words 0.676 (unrelated 0.014)"] * 3)
    command = "sprachbund transfer CORPUS --arms alone,continued:es,continued:it,continued:gl"
    show_advice(Advice("pt", (), "", (f"  {why}", f"  {command}")))
    show_notes(("without inventory: " + "no table here, " * 9 + "x" * 90,))
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(line.strip() for line in lines[1:4]) == why
    assert [len(line) - len(line.lstrip()) for line in lines[1:4]] == [2, 6, 6]
    assert lines[4] == f"  {command}" and len(lines[4]) == 80
    assert lines[5:7] == ["", "Mind:"] and lines[-1] == " " * 6 + "x" * 90
    assert all(len(line) <= 80 for line in lines[:-1])


def test_json(data: Path, kept: Path) -> None:
    """The promised shape; notes on standard error alone, so that the output can be read by a machine."""
    done = sprachbund("neighbours", "pt", "es", "--data", data, "--cache", kept, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0 and list(said) == ["target", "candidates", "disagreements"]
    measures = said["candidates"][0]["measures"]
    assert measures["cognates"]["value"] == 1.0 and measures["near-words"]["from"] == "IE-CoR"
    assert all(list(each) == ["value", "low", "high", "coverage", "floor", "from"] for each in measures.values())
    assert b"without inventory: PHOIBLE" in done.stderr


def test_what_to_add(data: Path, tmp_path: Path, kept: Path) -> None:
    """At the end of the table and in JSON: Spanish and not German; studies are of many, and a folder that is none is
    named."""
    asked = ("neighbours", "pt", "--languages", "de,it,es", "--data", data, "--cache", kept)
    shown = succeed(*asked)
    advised = " ".join(shown[shown.index("What to add to pt") :].split())
    assert "1. es Spanish: not measured yet, because of" in advised and "near words 1.000 (unrelated 0.000)" in advised
    said = json.loads(sprachbund(*asked, "--json").stdout)["advice"]
    assert said["add"][0] == "es" and "de" not in said["add"] and said["none"] is None
    assert "expected a finished study" in fail(*asked, "--studies", tmp_path)
    assert "out of many" in fail("neighbours", "pt", "es", "--data", data, "--studies", tmp_path)


def test_one_pair(data: Path, kept: Path) -> None:
    """Its values by family."""
    shown = succeed("neighbours", "pt", "de", "--data", data, "--cache", kept)
    assert shown.startswith("pt Portuguese and de German") and "cognates 0.000" in shown


def test_why_one_pair(data: Path, kept: Path) -> None:
    """What each value was made of, with examples."""
    shown = succeed("neighbours", "pt", "es", "--why", "--data", data, "--cache", kept)
    for line in (
        "of 12 concepts by edits: 0 at 0, 12 at 1, 0 at 2, 0 more",
        "1: cabeçaaa cabezaaa, cabeçabb cabezabb",
        "12 concepts: words of one 0.125 apart, of different ones 0.375",
        "of one root: c0: cabeçaaa cabezaaa",
    ):
        assert line in shown
    assert all(len(line) <= 80 for line in shown.split("Mind:")[0].splitlines())


def test_what_a_person_may_do_wrong(data: Path, tmp_path: Path, kept: Path) -> None:
    """One line each."""
    known = ("--data", data, "--cache", kept)
    assert "nearest are" in fail("neighbours", "portugese-ish", *known)
    assert "name the other language too" in fail("neighbours", "pt", "--why", *known)
    assert "not both" in fail("neighbours", "pt", "es", "--languages", "it", *known)
    assert "the target itself" in fail("neighbours", "pt", "por", *known)
    assert "expected a folder of published tables" in fail("neighbours", "pt", "--data", tmp_path / "absent")
    assert "corpus" in fail("neighbours", "pt", "es", *known, "--corpus", tmp_path)
