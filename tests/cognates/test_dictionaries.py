"""Dictionaries as people have them, and what they do to a lexicon."""

import gzip
import logging
import lzma
import unicodedata
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund import Cognates
from sprachbund.cognates.correcting import carried_over, corrected, oriented, with_dictionary
from sprachbund.cognates.costs import start_costs
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.grams import GramTable
from sprachbund.cognates.lexicon import SCHEMA
from sprachbund.cognates.tables import read_pairs, write_pairs
from sprachbund.errors import FolderError, SourceError
from sprachbund.lab.row_table import from_table

DIX = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a dictionary -->
<dictionary>
  <sdefs><sdef n="n"/></sdefs>
  <pardefs><pardef n="x"><e><p><l>no</l><r>word</r></p></e></pardef></pardefs>
  <section id="main" type="standard">
    <e><p><l>cabeza<s n="n"/></l><r>cabeça<s n="n"/></r></p></e>
    <e r="LR"><p><l>testa<s n="n"/></l><r>cabeça<s n="n"/></r></p></e>
    <e><i>gato<s n="n"/></i></e>
    <e><i>gato<s n="n"/><s n="m"/></i></e>
    <e><p><l>Nueva<b/>York</l><r>Nova<b/>Iorque</r></p></e>
    <e><p><l>tener<g><b/>en<b/>cuenta</g></l><r>considerar</r></p></e>
    <e><p><l></l><r>nada</r></p></e>
    <e i="yes"><p><l>viejo</l><r>velho</r></p></e>
    <e><re>[0-9]+</re></e>
    <e><par n="x"/></e>
  </section>
</dictionary>
"""


def lexicon(*pairs: tuple[str, str]) -> Cognates:
    """Of pairs that were learned, with the scores that nothing has changed yet."""
    rows = [(a, b, 2.0, "learned") for a, b in pairs]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Cognates(("es", "pt"), table, GramTable.empty(), GramTable.empty(), start_costs(), {"threshold": 1.0})


def test_apertium(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Symbols go, what is the same in both has both sides; the rest is counted by what it is, and named."""
    path = tmp_path / "es-pt.dix.gz"
    path.write_bytes(gzip.compress(DIX.encode()))
    with caplog.at_level(logging.INFO, "sprachbund"):
        found = read_dictionary(path)
    assert found.pairs == (("cabeza", "cabeça"), ("testa", "cabeça"), ("gato", "gato"))
    assert {reason: count for reason, (count, _) in found.left_out.items()} == {
        "repeated": 1, "several words": 2, "empty": 1, "marked as ignored": 1, "a pattern and no word": 2,
    }  # fmt: skip
    assert "nueva york - nova iorque" in caplog.text and found.several == 0


def test_lines_of_two_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As Wiktionary's word lists are, compressed with xz; two translations of a word are both kept and counted."""
    text = "hide\tesconder\nhide\tcouro\nquiz show\tquiz\n\tnada\n# remark\nalone\nCafé\tcafé\n"
    path = tmp_path / "a.txt.xz"
    path.write_bytes(lzma.compress(unicodedata.normalize("NFD", text).encode()))
    found = read_dictionary(path)
    assert found.pairs == (("hide", "esconder"), ("hide", "couro"), ("café", "café")) and found.several == 1
    assert {reason: count for reason, (count, _) in found.left_out.items()} == {
        "several words": 1, "empty": 1, "fewer than two cells": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "found no pair"),
        (b"one\ntwo\n", "found no pair"),
        (b"<?xml version='1.0'?><dictionary><section><e><p><l>a</l>", "no XML"),
        (b"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'aaaa'>]><d>&a;</d>", "declares entities"),
        (b"a\x00\x01\x02" * 50, "binary data"),
    ],
)
def test_what_is_no_dictionary_is_said_in_a_line(data: bytes, said: str, tmp_path: Path) -> None:
    """Empty, cut, made to expand, binary."""
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(SourceError, match=said) as raised:
        read_dictionary(tmp_path / "a")
    assert "\n" not in str(raised.value)


def test_a_dictionary_wins_over_what_is_learned() -> None:
    """Its words have its translations alone; others keep theirs; it may be the other way round."""
    learned = lexicon(("casa", "casa"), ("mano", "mano"), ("vino", "vino"))
    pairs, turned = oriented([("mão", "mano"), ("vino", "vino"), ("casa", "casa"), ("cão", "perro")], learned)
    assert not turned  # vino and casa say nothing; mano is known on both sides
    pairs, turned = oriented([("mano", "mão"), ("vino", "vino"), ("perro", "cão")], learned)
    found, counts = with_dictionary(learned, pairs)
    assert not turned and counts == {"added": 2, "confirmed": 1, "contradicted": 1}
    assert {(a, b, origin) for a, b, _, origin in found.pairs.rows()} == {
        ("casa", "casa", "learned"), ("mano", "mão", "dictionary"), ("vino", "vino", "dictionary"),
        ("perro", "cão", "dictionary"),
    }  # fmt: skip
    # letter runs are learned from what is alike: nothing of perro becomes anything
    assert found.grams.of("casa") and not found.grams.of("perr")


def test_a_dictionary_the_other_way_round_is_turned() -> None:
    """Told by the words that the lexicon knows."""
    learned = lexicon(("cabeza", "cabeça"), ("agua", "água"))
    pairs, turned = oriented([("cabeça", "cabeza"), ("cão", "perro")], learned)
    assert turned and pairs == [("cabeza", "cabeça"), ("perro", "cão")]


def test_hands_win_over_all(tmp_path: Path) -> None:
    """A line taken out, one changed and one put in hold over a dictionary and over what is learned anew."""
    first = lexicon(("para", "para"), ("mano", "mano"), ("casa", "casa"))
    write_pairs(first, tmp_path / "a.tsv")
    lines = (tmp_path / "a.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["start\ttarget\tweight\torigin", "para\tpara\t2.0\tlearned"]
    changed = [lines[0], "mano\tmão\t2.0\tlearned", lines[3], "perro\tcão"]
    (tmp_path / "b.tsv").write_text("\n".join(changed), encoding="utf-8")
    found, counts = corrected(first, read_pairs(tmp_path / "b.tsv"))
    assert counts == {"added": 2, "removed": 2}
    expected = {("mano", "mão"), ("perro", "cão"), ("casa", "casa")}
    assert set(found.pairs.select("left", "right").rows()) == expected
    assert found.of("perro")[0][2] == "corrected" and found.of("casa")[0][2] == "learned"
    # learned anew, with new partners: those of mano and perro are the hand's, para and para stay apart
    again = carried_over(lexicon(("para", "para"), ("mano", "mano"), ("perro", "perro"), ("gato", "gato")), found)
    assert set(again.pairs.select("left", "right").rows()) == {("mano", "mão"), ("perro", "cão"), ("gato", "gato")}
    with_it, _ = with_dictionary(again, [("para", "para"), ("perro", "cachorro"), ("gato", "gata")])
    assert set(with_it.pairs.select("left", "right").rows()) == {("mano", "mão"), ("perro", "cão"), ("gato", "gata")}
    # and the other way round they are the same
    back = carried_over(lexicon(("a", "b")).reversed(), found)
    assert ("cão", "perro") in back.pairs.select("left", "right").rows()


def test_a_folder_keeps_all(tmp_path: Path) -> None:
    """What is saved is what is opened; a folder that is not ours stays."""
    first, _ = corrected(lexicon(("casa", "casa"), ("para", "para")), [("casa", "casa"), ("perro", "cão")])
    first.save(tmp_path / "x")
    again = Cognates.open(tmp_path / "x")
    assert again.pairs.equals(first.pairs) and again.languages == ("es", "pt") and again.about == first.about
    assert again.corrections == first.corrections and np.array_equal(again.costs, first.costs)
    assert again.grams.frame().equals(first.grams.frame()) and again.back.frame().equals(first.back.frame())
    (tmp_path / "x" / "mine.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"mine\.txt"):
        first.save(tmp_path / "x")


@pytest.mark.parametrize("name", ["pairs", "grams", "costs", "corrections"])
def test_damage_is_named(name: str, tmp_path: Path) -> None:
    """A file that is not as it was written."""
    lexicon(("casa", "casa")).save(tmp_path / "x")
    path = tmp_path / "x" / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)
    with pytest.raises(FolderError, match=f"{name}.parquet: damaged"):
        Cognates.open(tmp_path / "x")


WORD = st.text(st.characters(categories=["L"], exclude_characters="\u0130"), min_size=1, max_size=8).filter(
    lambda w: len(unicodedata.normalize("NFC", w).lower()) <= 48
)


@given(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=8))
def test_any_pairs_go_through_a_table(tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]) -> None:
    """What is written is read again, in NFC and lower case."""
    path = tmp_path_factory.mktemp("x") / "a.tsv"
    folded = list(dict.fromkeys(tuple(unicodedata.normalize("NFC", w).lower() for w in pair) for pair in pairs))
    write_pairs(lexicon(*folded), path)  # type: ignore[arg-type]
    assert read_pairs(path) == [tuple(unicodedata.normalize("NFC", w).lower() for w in pair) for pair in folded]


def test_a_table_names_its_broken_line(tmp_path: Path) -> None:
    """A line without two words."""
    (tmp_path / "a.tsv").write_text("casa\tcasa\nperro\n")
    with pytest.raises(SourceError, match="line 2: expected two words parted by a tab, found 'perro'"):
        read_pairs(tmp_path / "a.tsv")


def test_the_table_is_one_of_rows_to_carry(tmp_path: Path) -> None:
    """`train --carry` reads it as it is: the right words are the targets."""
    write_pairs(lexicon(("cabeza", "cabeça"), ("testa", "cabeça")), tmp_path / "a.tsv")
    found = from_table(tmp_path / "a.tsv", ["cabeça", "outra"], ["testa", "cabeza", "x"])
    assert found.mapped.tolist() == [True, False] and found.rows.tolist() == [0, 1]
    assert found.weights.tolist() == [0.5, 0.5]
