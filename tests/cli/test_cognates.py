"""`sprachbund cognates`: learned from lists, read again, explained, corrected."""

import json
from pathlib import Path

import numpy as np
from terminal import fail, sprachbund, succeed

LAW = str.maketrans("pt", "fz")


def lists(folder: Path) -> tuple[Path, Path]:
    """Two lists of 400 words: the second is the first with p for f and t for z."""
    random = np.random.default_rng(0)
    syllables = [a + b for a in "bdglmnprst" for b in "aeiou"]
    words = dict.fromkeys("".join(syllables[i] for i in random.integers(0, 50, 4)) for _ in range(400))
    (folder / "a.txt").write_text("".join(f"{word}\n" for word in words))
    (folder / "b.txt").write_text("".join(f"{word.translate(LAW)}\n" for word in words))
    return folder / "a.txt", folder / "b.txt"


def test_learn_show_correct(tmp_path: Path) -> None:
    """The whole way: a folder, why, a table, corrections that hold when it is learned anew."""
    one, other = lists(tmp_path)
    folder, table = tmp_path / "x", tmp_path / "t.tsv"
    shown = succeed("cognates", "es", "pt", "--words", one, other, "--out", folder, "--tsv", table)
    assert "pairs" in shown and "letter runs" in shown
    said = json.loads(succeed("cognates", "pt", "es", "--out", folder, "--json"))
    assert said["languages"] == ["pt", "es"] and said["pairs"] == said["origins"]["learned"] > 380
    word = next(w for w in one.read_text().split() if w[0] == "p" and "t" in w[1:])
    why = json.loads(succeed("cognates", "es", "pt", "--out", folder, "--why", word, "--json"))
    assert why["pairs"][0]["right"] == word.translate(LAW)
    joined = "".join(step["right"] for step in why["pairs"][0]["operations"]).replace(" ", "")
    assert joined == word.translate(LAW)
    plain = succeed("cognates", "es", "pt", "--out", folder, "--why", word)
    assert f"{word} - {word.translate(LAW)}   score" in plain and "learned" in plain
    assert "has this word" in succeed("cognates", "es", "pt", "--out", folder, "--why", "qqq")
    kept = [line for line in table.read_text().splitlines() if not line.startswith(word)]
    table.write_text("\n".join([*kept, "perro\tcao"]))
    succeed("cognates", "es", "pt", "--out", folder, "--corrections", table)
    again = json.loads(succeed("cognates", "es", "pt", "--words", one, other, "--out", folder, "--json"))
    assert again["corrections"] == {"kept": 1, "removed": 1} and again["pairs"] == said["pairs"]


def test_nothing_in_common_is_said(tmp_path: Path) -> None:
    """A warning and an empty lexicon, which can be asked."""
    one, _ = lists(tmp_path)
    random = np.random.default_rng(1)
    syllables = [a + b for a in "vwkhzcfj" for b in "aeiou"]
    words = dict.fromkeys("".join(syllables[i] for i in random.integers(0, 40, 4)) for _ in range(400))
    (tmp_path / "c.txt").write_text("".join(f"{word}\n" for word in words))
    done = sprachbund("cognates", "es", "fi", "--words", one, tmp_path / "c.txt", "--out", tmp_path / "x")
    assert done.returncode == 0 and b"0 pairs" in done.stdout
    assert b"es and fi have no more words in common than chance gives" in done.stderr
    assert "has this word" in succeed("cognates", "es", "fi", "--out", tmp_path / "x", "--why", "casa")


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    """No lexicon, one language twice, unknown ones, other languages than the folder's, both sources."""
    one, other = lists(tmp_path)
    assert "no such lexicon; learn one with" in fail("cognates", "es", "pt", "--out", tmp_path / "x")
    both = ("--words", one, other, "--out", tmp_path / "x")
    assert "two languages, found es twice" in fail("cognates", "es", "spa", *both)
    assert "qqq" in fail("cognates", "es", "qqq", *both)
    succeed("cognates", "es", "pt", *both)
    assert "expected cognates of es and gl, found es and pt" in fail("cognates", "es", "gl", "--out", tmp_path / "x")
    assert "found both" in fail("cognates", "es", "pt", *both, "--corpus", tmp_path)
    (tmp_path / "empty").write_text("")
    assert "found none" in fail("cognates", "es", "pt", "--words", one, tmp_path / "empty", "--out", tmp_path / "y")
    assert not (tmp_path / "y").exists()
