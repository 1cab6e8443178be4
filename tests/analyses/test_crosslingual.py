"""Sentences that look for their translations: ranks worked out by hand, and pairs that are none."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.lm.corpora import make_corpus

from sprachbund import Encoder, Vocabulary, change, crosslingual, preset
from sprachbund.analyses.crosslingual import findings
from sprachbund.analyses.crosslingual.judging import judge_translations
from sprachbund.analyses.crosslingual.scorers import scorers
from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.laboratory.laboratory import run_study_file
from sprachbund.cli.app import run
from sprachbund.cognates.grams import GramTable, gram_key
from sprachbund.cognates.learning import learn
from sprachbund.cognates.words import counted_words
from sprachbund.errors import SettingsError, SourceError
from sprachbund.lm.parallel_text import ParallelText
from sprachbund.runs.store import Runs
from sprachbund.studies import study

PT = ("o rio grande", "a casa velha", "nove aves")
ES = ("el río grande", "la casa vieja", "un perro")
MEANINGS = {"rio": 0, "río": 0, "casa": 1, "aves": 2, "perro": 2}
"""Which numbers are set in the rows of an encoder; other words have none."""


def encoder(meanings: dict[str, int]) -> Encoder:
    """Words whose vectors were put in, without characters and bigrams; what it does not know is nothing."""
    settings = change(preset("best"), dim=4, characters=(), bigram_weight=0.0, unseen=False)
    vocabulary = Vocabulary.count([pl.Series(list(meanings))], bigrams=False, max_size=100)
    table = np.zeros((len(meanings), 4), np.float32)
    for row, word in enumerate(vocabulary.strings):
        table[row, meanings[word]] = 1.0
    return Encoder(settings, vocabulary, table, 0.0, 0)


def text(pt: tuple[str, ...] = PT, es: tuple[str, ...] = ES) -> ParallelText:
    """Portuguese and Spanish sentences, each a document of its own."""
    return ParallelText({"pt": pt, "es": es}, np.arange(len(pt)))


def values(found: pl.DataFrame, one: str, arm: str) -> list[float]:
    """Accuracy@1 and MRR from a language."""
    return found.filter(pl.col("from") == one, arm=arm)["value"].to_list()


def test_ranks_means_and_chance_are_those_worked_out_by_hand() -> None:
    """The encoder knows all three; by words and letters nothing leads from *nove aves* to *un perro*: ties, so last."""
    found = judge_translations([encoder(MEANINGS)], text())
    assert values(found.results, "pt", "encoder") == [1.0, 1.0]
    for arm in ("words", "characters", "cognates"):
        # grande and casa are found; all candidates of the third score nothing, so it is third of three
        assert values(found.results, "pt", arm) == pytest.approx([2 / 3, (1 + 1 + 1 / 3) / 3])
    assert values(found.results, "es", "chance") == pytest.approx([1 / 3, (1 + 1 / 2 + 1 / 3) / 3])
    ways = found.results.select("from", "to").unique(maintain_order=True).rows()
    assert ways == [("pt", "es"), ("es", "pt")]
    row = found.comparisons.filter(pl.col("from") == "pt", against="words", measure="accuracy@1").to_dicts()[0]
    assert row["relative"] == pytest.approx(0.5) and row["verdict"] == "too few"
    assert found.cognates == {("es", "pt"): 0}  # of so few words chance gives as many


def test_several_encoders_are_one_by_their_means() -> None:
    """One that knows all three and one that knows a river: 1, 1, 1 and 1, 1/3, 1/3 by reciprocal ranks."""
    found = judge_translations([encoder(MEANINGS), encoder({"rio": 0, "río": 0})], text())
    assert values(found.results, "pt", "encoder") == pytest.approx([(1 + 0.5 + 0.5) / 3, (1 + 2 / 3 + 2 / 3) / 3])
    assert found.ranks.filter(pl.col("from") == "pt", arm="encoder", model=1)["rank"].to_list() == [1, 3, 3]


def test_the_same_translation_once_more_does_not_compete() -> None:
    """Two sentences that are said alike in the other language are both found; a guess has two to choose from."""
    found = judge_translations([encoder(MEANINGS)], text(("o rio", "rio", "casa"), ("río", "río", "casa")))
    assert values(found.results, "pt", "encoder") == [1.0, 1.0]
    assert values(found.results, "pt", "chance")[0] == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)


def test_a_run_is_looked_for_as_what_stands_for_it() -> None:
    """*cidade* and *ciudad* share no run of four; with idad - udad in the lexicon the score is that of BM25."""
    words = [counted_words(code, {word: 1}) for code, word in (("pt", "cidade"), ("es", "ciudad"))]
    empty = learn(*words)
    known = GramTable(
        np.array([gram_key("idad")], np.uint32), np.array([0, 1]), np.array([gram_key("udad")], np.uint32),
        np.array([0.9], np.float32),
    )  # fmt: skip
    both = ("cidade", "nove"), ("ciudad", "perro")
    without, within = (
        scorers(encoder(MEANINGS), *both, ("pt", "es"), lexicon)["cognates"].scores(0, 1)[0]
        for lexicon in (empty, type(empty)(("pt", "es"), empty.pairs, known, empty.back, empty.costs))
    )
    assert without.tolist() == [0.0, 0.0]
    # " ciudad " has five runs, " perro " four; udad stands once, in one of two
    rarity, norm = np.log(1 + (2 - 1 + 0.5) / (1 + 0.5)), 0.25 + 0.75 * 5 / 4.5
    assert within.tolist() == pytest.approx([1.5 * 0.9 * rarity / (1 + 1.2 * norm), 0.0], rel=1e-5)


def test_files_of_other_lengths_and_languages_are_refused(tmp_path: Path) -> None:
    """In a line that says what was found; before anything is ranked."""
    one, other = tmp_path / "a.pt", tmp_path / "a.es"
    one.write_text("\n".join(PT) + "\n", encoding="utf-8")
    other.write_text("\n".join(ES[:2]) + "\n", encoding="utf-8")
    made = encoder(MEANINGS)
    with pytest.raises(SourceError, match=r"files of as many lines.* found a.pt 3, a.es 2"):
        crosslingual(made, [one, other], ["pt", "es"])
    with pytest.raises(SourceError, match=r"a file for each of pt, es, gl.* found 2"):
        crosslingual(made, [one, other], ["pt", "es", "gl"])
    with pytest.raises(SettingsError, match="two languages or more, each once, found pt, pt"):
        crosslingual(made, [one, one], ["pt", "Portuguese"])
    with pytest.raises(SettingsError, match="expected an encoder or several, found none"):
        crosslingual([], [one, one], ["pt", "es"])


def test_the_verb_says_what_the_function_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In JSON the values of the function, from a table as from two files; in the table for people the arms."""
    made = encoder(MEANINGS)
    made.save(tmp_path / "model")
    files = [tmp_path / "a.pt", tmp_path / "a.es"]
    for file, sentences in zip(files, (PT, ES), strict=True):
        file.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    table = tmp_path / "both.tsv"
    rows = [("es", "pt"), *zip(ES, PT, strict=True)]
    table.write_text("".join(f"{es}\t{pt}\n" for es, pt in rows), encoding="utf-8")
    expected = crosslingual(made, files, ["pt", "es"]).results.to_dicts()
    for pairs in (files, [table]):
        monkeypatch.setattr("sys.argv", ["sprachbund", "crosslingual", str(tmp_path / "model"), *map(str, pairs),
                                         "--languages", "pt,es", "--json"])  # fmt: skip
        assert run() == 0
        assert json.loads(capsys.readouterr().out)["results"] == expected
    monkeypatch.setattr("sys.argv", ["sprachbund", "crosslingual", str(tmp_path / "model"), str(table),
                                     "--languages", "pt,es"])  # fmt: skip
    assert run() == 0
    shown = capsys.readouterr().out
    assert all(arm in shown for arm in ("encoder", "words", "characters", "cognates", "chance"))
    assert "0.778" in shown  # the MRR of the baselines, 7/9


def test_a_study_file_asks_it_of_its_pooled_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding has the numbers of the function for the models of both seeds; without pairs it says what to write."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, **_: Any) -> None:
        for specification in specifications:
            runs.perform(specification, work)

    monkeypatch.setattr(findings, "perform_all", perform)
    monkeypatch.setattr(study, "perform_all", perform)
    made = make_corpus(tmp_path, {"gl": 24, "pt": 24}, sentences=8)
    lines = [made.read(code, ["text"])["text"].to_list()[:20] for code in ("gl", "pt")]
    (tmp_path / "pairs.tsv").write_text(
        "gl\tpt\n" + "".join(f"{one}\t{other}\n" for one, other in zip(*lines, strict=True)), encoding="utf-8"
    )
    text = (
        'corpus = "corpus"\nstrategies = ["alone", "pooled"]\npools = ["unseen"]\ntasks = ["ic"]\nseeds = 2\n'
        'trials = 1\nanalyses = ["crosslingual"]\n[settings]\ndim = 8\nepochs = 1\nbatch = 16\ntemplates = false\n'
        "shares = [0.5, 0.2, 0.3]\n"
    )
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    unasked = run_study_file(file, tmp_path / "out", jobs=1).unanswered["crosslingual"]
    assert "name sentences that are translations: [crosslingual]" in unasked
    file.write_text(text + '[crosslingual]\npairs = {gl-pt = "pairs.tsv"}\n', encoding="utf-8")
    assert not run_study_file(file, tmp_path / "out", jobs=1).unanswered
    (finding,) = read_findings(tmp_path / "out" / "findings")
    results = dict(finding.tables)["gl and pt: what finds how many"]
    assert results["sentences"].unique().to_list() == [20] and "2 seeds" in finding.sentence
    value = results.filter(pl.col("from") == "gl", arm="encoder", measure="mrr")["value"][0]
    assert f"gl-pt {value:.3f}" in finding.sentence
    file.write_text(text + '[crosslingual]\npairs = {glpt = "pairs.tsv"}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="line 15: pairs must be a table of LANGUAGE-LANGUAGE"):
        run_study_file(file, tmp_path / "out", jobs=1)
