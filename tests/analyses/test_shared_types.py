"""Overlaps of vocabularies are those of sets of strings, with the cap, by kind and script, without template text."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprachbund.analyses.overlap.intersections import directed, jaccard, members, shared_types
from sprachbund.analyses.overlap.repeated import numerals, repeated
from sprachbund.analyses.overlap.vocabularies import Overlap, overlap, overlap_of
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, LanguageError, SettingsError
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.settings import BEST, change

TEXT: Mapping[str, Sequence[Sequence[str]]] = {
    "gl": [["o rio corre para o mar", "o porto é antigo"], ["a ponte do rio", "Kyiv é longe"], ["a casa"],
           ["o mar"], ["a ponte é antiga"], ["o río"]],
    "pt": [["o rio corre para o mar azul", "o porto é muito antigo"], ["a ponte do rio velho"], ["a casa azul"],
           ["o mar"], ["a ponte"], ["o rio"]],
    "uk": [["річка тече до моря", "Kyiv Київ"], ["міст 1902 року"], ["хата"], ["море"], ["річка"], ["порт є"]],
}  # fmt: skip
SETTINGS = change(BEST, shares=(0.6, 0.2, 0.2))


def encoded(folder: Path, text: Mapping[str, Sequence[Sequence[str]]] = TEXT) -> EncodedCorpus:
    """A corpus of documents of one section as ids, with character n-grams, which are no part of a vocabulary."""
    folder.mkdir(exist_ok=True)
    rows = [
        {"id": f"{code}{number}", "lang": code, "title": "", "sections": [{"title": "", "sentences": [sentences]}]}
        for code, documents in text.items()
        for number, sentences in enumerate(documents)
    ]
    source = folder / "text.jsonl"
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    ingest([source], folder / "corpus", workers=1)
    return encode_corpus(Corpus.open(folder / "corpus"), folder / "encoded", settings=SETTINGS, cut=False)


def counted(found: EncodedCorpus, code: str, training: bool = True) -> Counter[str]:
    """Words and bigrams of a language's training side, or of the rest, by splitting at blanks."""
    data = found.language(code)
    counts: Counter[str] = Counter()
    side = {data.names[document]: int(side) for document, side in zip(data.documents, data.sides, strict=True)}
    for number, sentences in enumerate(TEXT[code]):
        if (side[f"{code}{number}"] == 0) == training:
            for sentence in sentences:
                words = sentence.lower().split()
                counts.update(words)
                counts.update(" ".join(pair) for pair in pairwise(words))
    return counts


def row(found: Overlap, one: str, other: str, ngrams: str = "all", script: str = "all") -> dict[str, Any]:
    """One row of the pairs."""
    return found.pairs.filter(language=one, other=other, ngrams=ngrams, script=script).row(0, named=True)


def test_what_vocabularies_share_is_counted_exactly() -> None:
    """Of {1..9}, {5..12} and none: 5 in common, Jaccard 5/12, directed 5/9 and 5/8; of nothing there is no share."""
    keys = [np.arange(1, 10, dtype=np.uint64), np.arange(5, 13, dtype=np.uint64), np.empty(0, np.uint64)]
    shared = shared_types(members(keys))
    assert shared.tolist() == [[9, 5, 0], [5, 8, 0], [0, 0, 0]]
    assert jaccard(shared)[:2, :2].tolist() == [[1, 5 / 12], [5 / 12, 1]]
    assert directed(shared)[0, 1] == 5 / 9 and directed(shared)[1, 0] == 5 / 8
    assert np.isnan(directed(shared)[2]).all() and np.isnan(jaccard(shared)[2, 2]) and jaccard(shared)[0, 2] == 0


def test_bits_of_any_number_of_keys_are_all_counted() -> None:
    """Against Python's sets, at sizes around the eight bytes that are counted at a time."""
    generator = np.random.default_rng(0)
    for size in (1, 63, 64, 65, 1000):
        sets = [set(generator.choice(size, generator.integers(0, size + 1), replace=False).tolist()) for _ in range(4)]
        shared = shared_types(members([np.array(sorted(each), np.uint64) for each in sets]))
        assert shared.tolist() == [[len(one & other) for other in sets] for one in sets]


def test_overlap_is_that_of_the_strings(tmp_path: Path) -> None:
    """Words and bigrams of the training side, together and apart; a language's own size is that of its set."""
    corpus = encoded(tmp_path)
    found = overlap_of(corpus)
    for ngrams, blanks in (("all", (0, 1)), ("words", (0,)), ("bigrams", (1,))):
        sets = {code: {gram for gram in counted(corpus, code) if gram.count(" ") in blanks} for code in TEXT}
        for one in TEXT:
            for other in set(TEXT) - {one}:
                a, b = sets[one], sets[other]
                assert row(found, one, other, ngrams) == {
                    "language": one, "other": other, "ngrams": ngrams, "script": "all", "types": len(a),
                    "other_types": len(b), "shared": len(a & b), "jaccard": len(a & b) / len(a | b),
                    "directed": len(a & b) / len(a), "jaccard_apart": len(a & b) / len(a | b),
                    "directed_apart": len(a & b) / len(a),
                }  # fmt: skip
    assert found.towards("pt") == {code: row(found, code, "pt")["directed"] for code in ("gl", "uk")}
    near = [found.languages.index(code) for code in ("gl", "pt")]
    assert abs(near[0] - near[1]) == 1, "the two that share most stand side by side"
    assert found.matrix()[near[0], near[1]] == row(found, "gl", "pt")["jaccard"] and found.matrix()[0, 0] == 1


def test_what_is_shared_is_told_by_script(tmp_path: Path) -> None:
    """*kyiv* is Latin, *kyiv київ* of two scripts, a number of none; the scripts add up to all."""
    found = overlap_of(encoded(tmp_path))
    scripts = found.pairs.filter(ngrams="all").filter(found.pairs.filter(ngrams="all")["script"] != "all")
    assert set(scripts["script"]) <= {"Latin", "Cyrillic", "mixed", "none"}
    for code, other in (("gl", "uk"), ("uk", "pt")):
        parts = scripts.filter(language=code, other=other)
        whole = row(found, code, other)
        assert parts["types"].sum() == whole["types"] and parts["shared"].sum() == whole["shared"]
    assert row(found, "gl", "pt", script="Cyrillic")["types"] == 0
    assert row(found, "gl", "pt", script="Cyrillic")["jaccard"] is None


def test_the_cap_keeps_what_is_frequent_in_all_together(tmp_path: Path) -> None:
    """Of the most frequent seven n-grams of all languages, and of those that occur twice."""
    corpus = encoded(tmp_path)
    counts = {code: counted(corpus, code) for code in TEXT}
    total = sum(counts.values(), Counter())
    twice = {gram for gram, count in total.items() if count >= 2}
    found = overlap_of(corpus, settings=change(BEST, min_count=2))
    for row_ in found.coverage.iter_rows(named=True):
        own = counts[row_["language"]]
        assert (row_["types"], row_["tokens"]) == (len(own), own.total())
        assert row_["kept_types"] == len(twice & set(own)) / len(own)
        assert row_["kept_tokens"] == sum(own[gram] for gram in twice) / own.total()
    assert row(found, "gl", "pt")["shared"] == len(twice & set(counts["gl"]) & set(counts["pt"]))
    few = overlap_of(corpus, settings=change(BEST, max_rows=7))
    assert sum(count for _, count in total.most_common(7)) == round(
        sum(share * tokens for share, tokens in few.coverage.select("kept_tokens", "tokens").iter_rows())
    )
    with pytest.raises(CorpusError, match="no word occurs 1000 times or more in the training text; lower min_count"):
        overlap_of(corpus, settings=change(BEST, min_count=1000))


def test_held_out_text_is_covered_by_the_own_and_by_all_vocabularies(tmp_path: Path) -> None:
    """What a language has not seen in training another may have: *o rio* of one in the other."""
    corpus = encoded(tmp_path)
    found = overlap_of(corpus)
    every = set().union(*(counted(corpus, code) for code in TEXT))
    for line in found.coverage.iter_rows(named=True):
        held = counted(corpus, line["language"], training=False)
        own = set(counted(corpus, line["language"]))
        for name, known in (("own", own), ("pooled", every)):
            assert line[f"{name}_types"] == len(known & set(held)) / len(held)
            assert line[f"{name}_tokens"] == sum(held[gram] for gram in known) / held.total()


def test_template_text_is_told_apart(tmp_path: Path) -> None:
    """Sentences that stand in two documents but for their numbers, and all of a document that has such a sentence."""
    own = {"ceb": ["usa ka balay sa bukid", "ang dagat asul kaayo"], "sv": ["ett hus vid havet där", "havet var blått"]}
    text = {
        code: [[f"it has {number} legs and wings", f"{code} insect"] for number in range(6)] + [[one], [other]]
        for code, (one, other) in own.items()
    }
    corpus = encoded(tmp_path, text)
    numbers = np.zeros(len(corpus.ngrams), bool)
    strings = corpus.vocabulary().strings
    numbers[: len(strings)] = numerals(strings)
    assert {gram for gram, number in zip(strings, numbers, strict=False) if number} <= set("012345")
    found = overlap_of(corpus)
    for code in text:
        data = corpus.language(code)
        training = {number for number, side in enumerate(data.sides) if side == 0}
        bots = {number for number in training if data.names[data.documents[number]] in {f"{code}{i}" for i in range(6)}}
        assert len(bots) >= 4, "the split leaves too few documents to test with"
        assert set(np.flatnonzero(repeated(data, numbers)).tolist()) == bots
        assert found.coverage.filter(language=code)["template"].item() == len(bots) / len(training)
    one = row(found, "ceb", "sv")
    assert one["shared"] > 0 and one["jaccard"] > 0 and one["jaccard_apart"] in (0, None)


def test_a_sentence_of_the_same_words_in_another_order_is_another(tmp_path: Path) -> None:
    """*the dog bit the man* is no template of *the man bit the dog*, and short sentences are none at all."""
    documents = [["the dog bit the man"], ["the man bit the dog"], ["see also"], ["see also"], ["see also"], ["x y"]]
    corpus = encoded(tmp_path, {"en": documents, "de": documents})
    assert not repeated(corpus.language("en"), np.zeros(len(corpus.ngrams), bool)).any()


def test_raw_corpora_and_encoded_ones_say_the_same(tmp_path: Path) -> None:
    """A folder of either kind; languages by name; in the order asked, tables hold the same rows."""
    corpus = encoded(tmp_path)
    whole = overlap(tmp_path / "corpus", settings=SETTINGS)
    same = overlap(tmp_path / "encoded", settings=SETTINGS)
    assert whole.pairs.equals(same.pairs) and whole.coverage.equals(same.coverage)
    assert whole.languages == same.languages == overlap(corpus).languages
    two = overlap(tmp_path / "corpus", ["Portuguese", "gl"], settings=SETTINGS)
    assert sorted(two.languages) == ["gl", "pt"] and two.pairs.height < whole.pairs.height
    assert row(two, "gl", "pt")["shared"] == row(whole, "gl", "pt")["shared"]


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    """One language, and one that is not there."""
    corpus = encoded(tmp_path)
    with pytest.raises(SettingsError, match="overlap is of two languages or more, found gl"):
        overlap_of(corpus, ["gl"])
    with pytest.raises(LanguageError, match="has no fr"):
        overlap(tmp_path / "corpus", ["gl", "fr"])
    with pytest.raises(LanguageError, match="has no 'fr'"):
        overlap_of(corpus, ["gl", "fr"])
