"""`sprachbund vectors`: trained, shown, refused in a line."""

import json
from pathlib import Path

import numpy as np
from terminal import fail, succeed


def test_train_and_near(corpus: Path, tmp_path: Path) -> None:
    """A folder, which says what it is; the nearest words of one; a word that is not there, in a line."""
    out = tmp_path / "v"
    said = json.loads(
        succeed(
            "vectors", "train", corpus, "--language", "tr", "--out", out, "--dim", "8", "--min-count", "1", "--json"
        )
    )
    assert (
        said["language"] == "tr"
        and said["dim"] == 8
        and said["method"] == "counts"
        and said["words"] >= 10
        and said["memory"] > 0
    )
    from sprachbund import Vectors

    word = Vectors.open(out).words[0]
    near = json.loads(succeed("vectors", "near", out, word, "-k", "3", "--json"))
    assert len(near["near"][word]) == 3 and {"word", "score", "count"} == set(near["near"][word][0])
    assert "cosine" in succeed("vectors", "near", out, word)
    assert "'qqqq' is none of the" in fail("vectors", "near", out, "qqqq")
    assert "no such folder or file" in fail("vectors", "near", tmp_path / "x", "a")
    assert "xx" in fail("vectors", "train", corpus, "--language", "xx", "--out", tmp_path / "w")
    refused = fail("vectors", "train", corpus, "--language", "tr", "--out", tmp_path / "w", "--memory", "1K")
    assert "are allowed; take fewer words" in refused and not (tmp_path / "w").exists()


def write(path: Path, words: list[str], table: np.ndarray) -> Path:
    """A file of vectors as text."""
    lines = [f"{word} {' '.join(map(repr, row.tolist()))}" for word, row in zip(words, table, strict=True)]
    path.write_text(f"{len(words)} {table.shape[1]}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def turned(folder: Path) -> tuple[Path, Path, Path]:
    """Vectors of 400 words, the same turned with half of the words renamed, and a dictionary of them."""
    random = np.random.default_rng(0)
    table = random.standard_normal((400, 12))
    letters = ["".join(random.choice(list("bdfgklmnprst"), 5)) for _ in range(1_200)]
    ours = list(dict.fromkeys(letters))[:400]
    theirs = [word if i % 2 else word[::-1] + "zz" for i, word in enumerate(ours)]
    turn = np.linalg.qr(random.standard_normal((12, 12)))[0]
    (folder / "d.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in zip(ours, theirs, strict=True)))
    return write(folder / "a.vec", ours, table), write(folder / "b.vec", theirs, table @ turn), folder / "d.tsv"


def test_align_and_dictionary(tmp_path: Path) -> None:
    """An alignment in a folder, a dictionary by it judged, and as a table; by a dictionary; mistakes in a line."""
    one, other, truth = turned(tmp_path)
    said = json.loads(succeed("vectors", "align", one, other, "--out", tmp_path / "map", "--json"))
    assert said["pairs"]["identical"] == 200 and said["held_out"]["precision"] > 0.9
    arguments = ("vectors", "dictionary", one, other, "--map", tmp_path / "map", "--judge", truth)
    judged = json.loads(succeed(*arguments, "--json"))
    assert judged["judged"]["all"]["at_1"] > 0.9 and judged["judged"]["unlike"]["words"] > 100
    assert judged["control"]["unlike"]["at_1"] < 0.1
    shown = succeed(*arguments, "--out", tmp_path / "pairs.tsv")
    assert "not spelled alike" in shown and "find their partner first" in shown
    first = (tmp_path / "pairs.tsv").read_text().splitlines()[:2]
    assert first[0] == "start\ttarget\tweight\trank\tmutual" and len(first[1].split("\t")) == 5
    shown = succeed("vectors", "align", one, other, "--out", tmp_path / "m2", "--dictionary", truth, "--no-spelling")
    assert "from 400 dictionary pairs" in shown
    assert "twice; expected vectors of two languages" in fail("vectors", "align", one, one, "--out", tmp_path / "m3")
    far = write(tmp_path / "c.vec", [f"{n}" for n in range(400)], np.ones((400, 12)))
    assert "pairs to begin from" in fail("vectors", "align", one, far, "--out", tmp_path / "m3")
    assert "learned on other vectors" in fail("vectors", "dictionary", one, far, "--map", tmp_path / "map")
    assert not (tmp_path / "m3").exists()


def test_compare(tmp_path: Path) -> None:
    """Neighbours, directions and opposites on the terminal and as JSON; a page; wrong files in a line."""
    one, other, _ = turned(tmp_path)
    words = [line.split()[0] for line in one.read_text().splitlines()[1:]]
    theirs = [line.split()[0] for line in other.read_text().splitlines()[1:]]
    (tmp_path / "pairs.tsv").write_text("".join(f"{words[i]}\t{words[i + 1]}\n" for i in range(0, 20, 2)))
    kinds = ("synonym", "antonym")
    (tmp_path / "known.tsv").write_text("".join(f"{words[i]}\t{words[i + 3]}\t{kinds[i % 2]}\n" for i in range(8)))
    succeed("vectors", "align", one, other, "--out", tmp_path / "map")
    arguments = (
        "vectors", "compare", one, other, "--map", tmp_path / "map", "--word", words[0], "--word", words[1],
        "--directions", tmp_path / "pairs.tsv", "--relations", tmp_path / "known.tsv",
    )  # fmt: skip
    said = json.loads(succeed(*arguments, "-k", "3", "--json"))
    assert [found["right"][0][0] for found in said["words"]] == theirs[:2]
    assert said["directions"]["cosine"] > 0.9 and said["directions"]["chance"] < 0.01
    assert said["opposites"][0]["synonyms"] == 4 and len(said["words"][0]["left"]) == 3
    shown = succeed(*arguments, "--out", tmp_path / "page.html", "--points", "20")
    assert "directions" in shown and "a page with 20 words of each language" in shown
    assert words[0] in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "is in neither space" in fail("vectors", "compare", one, other, "--map", tmp_path / "map", "--word", "qq")
    assert "line 1: expected two or four words" in fail(
        "vectors", "compare", one, other, "--map", tmp_path / "map", "--directions", tmp_path / "known.tsv"
    )


def test_senses_and_intrusion(tmp_path: Path) -> None:
    """A word of two topics has two senses; dimensions are asked beside their control; mistakes in a line."""
    random = np.random.default_rng(0)
    topics = [[f"{first}{a}{b}{a}" for a in "aeiou" for b in "lmnrst"] for first in "bdfg"]
    lines = []
    for _ in range(1_200):
        kind = int(random.integers(4))
        words = random.choice(topics[kind], 8).tolist()
        lines.append(" ".join((*words[:4], *(["xoxo"] if kind < 2 else []), *words[4:])).capitalize() + ".")
    (tmp_path / "text.txt").write_text("\n\n".join(lines), encoding="utf-8")
    corpus, out = tmp_path / "corpus", tmp_path / "v"
    succeed("ingest", tmp_path / "text.txt", "--language", "pt", "--out", corpus)
    succeed("vectors", "train", corpus, "--language", "pt", "--out", out, "--dim", "4", "--method", "sparse")
    said = json.loads(succeed("vectors", "senses", out, corpus, "xoxo", "--json"))["words"][0]
    assert len(said["senses"]) == 2 and said["dealt"] == 1
    assert len({word[0] for word in said["senses"][0]["words"]}) == 1
    assert "xoxo: 2 senses in" in succeed("vectors", "senses", out, corpus, "xoxo")
    asked = json.loads(succeed("vectors", "intrusion", out, corpus, "--json"))
    assert asked["score"] > 0.6 and len(asked["dimensions"]) == 4 and 0 <= asked["control"] <= 1
    assert "of intruders found; turned at random" in succeed("vectors", "intrusion", out, corpus)
    assert "does not occur in the text" in fail("vectors", "senses", out, corpus, "qqqq")
    assert "not of uk" in fail("vectors", "intrusion", out, corpus, "--language", "uk")
