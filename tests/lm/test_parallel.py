"""Bits per parallel sentence: texts as people have them, and what models of several languages make of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from sprachbund import ingest
from sprachbund.errors import SettingsError, SourceError
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import bits_of, train_characters
from sprachbund.lm.parallel import score_parallel
from sprachbund.lm.parallel_text import ParallelText, read_parallel


def test_a_table_and_a_folder_say_the_same(tmp_path: Path) -> None:
    """Columns and files are found by the language's code, whatever stands beside; what one lacks counts for none."""
    table = tmp_path / "table.tsv"
    table.write_text("id\tel\tpt\n1\tναι\tsim\n2\t\tnão\n3\tκαλά\tbem\n4\tτέλος\n", encoding="utf-8")
    read = read_parallel(table, ["pt", "Greek"])
    assert read.sentences == {"pt": ("sim", "bem"), "Greek": ("ναι", "καλά")}
    assert (len(read), read.left_out, read.groups.tolist()) == (2, 2, [0, 1])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "pt.txt").write_text("sim\nnão\nbem\n\n", encoding="utf-8")
    (folder / "el.monotonic.txt").write_text("ναι\n\nκαλά\nτέλος\n", encoding="utf-8")
    (folder / ".hidden").write_text("x")
    again = read_parallel(folder, ["pt", "el"])
    assert list(again.sentences.values()) == [("sim", "bem"), ("ναι", "καλά")] and again.left_out == 2


def test_a_corpus_of_groups(tmp_path: Path) -> None:
    """Documents of one group, where all have as many sentences; the groups are what intervals draw."""
    texts = {
        ("a", "pt"): ["Um gato.", "Dois gatos."], ("a", "es"): ["Un gato.", "Dos gatos."],
        ("b", "pt"): ["Sim.", "Não."], ("b", "es"): ["Sí."], ("c", "pt"): ["Bem."], ("c", "es"): ["Bien."],
    }  # fmt: skip
    source = tmp_path / "source.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for (group, language), sentences in texts.items():
            sections = [{"title": "", "sentences": [sentences]}]
            record = {"id": f"{group}-{language}", "group": group, "lang": language, "sections": sections}
            out.write(json.dumps(record) + "\n")
    ingest([source], tmp_path / "corpus")
    read = read_parallel(tmp_path / "corpus", ["es", "pt"])
    assert read.sentences == {"es": ("Un gato.", "Dos gatos.", "Bien."), "pt": ("Um gato.", "Dois gatos.", "Bem.")}
    assert (read.groups.tolist(), read.left_out) == ([0, 0, 1], 2)
    with pytest.raises(SourceError, match="expected languages named by languages, el among them"):
        read_parallel(tmp_path / "corpus", ["es", "el"])


def test_what_is_not_parallel_is_refused(tmp_path: Path) -> None:
    """Other numbers of lines, two files of a language, JSON that nobody ingested, no line that all have."""
    (tmp_path / "pt.txt").write_text("um\ndois\n")
    (tmp_path / "es.txt").write_text("uno\n")
    with pytest.raises(SourceError, match=r"as many lines.* found pt.txt 2, es.txt 1"):
        read_parallel(tmp_path, ["pt", "es"])
    (tmp_path / "es.txt").write_text("uno\n\n")
    (tmp_path / "pt.txt").write_text("\ndois\n")
    with pytest.raises(SourceError, match="of 2 lines none has a sentence in all of pt, es"):
        read_parallel(tmp_path, ["pt", "es"])
    (tmp_path / "es.old.txt").write_text("uno\n")
    with pytest.raises(SourceError, match=r"one file a language, found es.old.txt, es.txt"):
        read_parallel(tmp_path, ["pt", "es"])
    (tmp_path / "gl.jsonl").write_text("{}\n{}\n")
    with pytest.raises(SourceError, match="found JSON; ingest it"):
        read_parallel(tmp_path, ["gl"])


def test_bits_per_sentence_are_means_over_the_same_sentences() -> None:
    """By hand from each model's own bits; beside itself by the same draws a model is 0."""
    pt = LanguageModel("pt", (train_characters(["o gato dorme\n" * 20], "pt", 4),))
    el = LanguageModel("el", (train_characters(["η γάτα κοιμάται\n" * 20], "el", 4),))
    text = ParallelText({"pt": ("o gato", "dorme", "gato"), "el": ("η γάτα", "κοιμάται", "γάτα")}, np.arange(3))
    first, second, third = score_parallel([pt, el, pt], text)
    own = bits_of(el.ngrams[0], ["η γάτα\n", "κοιμάται\n", "γάτα\n"])
    assert second.bits == pytest.approx(own) and second.per_sentence == pytest.approx(own.mean())
    # 6 + 8 + 4 characters and three ends; each Greek letter takes two bytes, the blank and the ends one
    assert second.per_character == pytest.approx(own.sum() / 21)
    assert second.per_byte == pytest.approx(own.sum() / 38)
    assert (second.characters, second.bytes) == (7, pytest.approx(38 / 3))
    assert second.low <= second.per_sentence <= second.high
    assert second.beside == pytest.approx(100 * (second.per_sentence / first.per_sentence - 1))
    assert (third.beside, third.beside_low, third.beside_high) == (0, 0, 0)
    with pytest.raises(SettingsError, match="whose languages the text has"):
        score_parallel([pt, el], ParallelText({"pt": ("a",)}, np.arange(1)))
