"""Words that are typed without accents: what is stored for them, what finds what, what stands first."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund import Index
from sprachbund.corpus.accents import plain_forms, plain_words
from sprachbund.errors import FolderError, SettingsError
from sprachbund.ngrams import keys as ngrams
from sprachbund.ngrams.tokens import word_texts
from sprachbund.retrieval.encoder.bags import Ranges, assemble
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.search import forms
from sprachbund.search.building import IndexSettings, add, create, merge
from sprachbund.search.forms import (
    CHARACTER,
    EXACT,
    PLAIN,
    WORD,
    check_folds,
    entries_of,
    further_postings,
    plain_of,
    salted,
)
from sprachbund.search.passages import Document

TEXTS = st.lists(st.text("aeéèñnß lł'", max_size=14), min_size=1, max_size=4)


def read(texts: Sequence[str], language: str = "es"):
    """Texts with their runs of four characters, and their words, a bag a text."""
    text = analyse(texts, language, bigrams=False, characters=(4,))
    each = np.arange(len(texts))
    return text, assemble(text.sentences, Ranges(each, each + 1, np.full(len(texts), -1)), bigram_weight=0, power=1)


def salt(key: int) -> int:
    """The key of an n-gram in its plain form."""
    return int(salted(np.array([key], np.uint64), PLAIN)[0])


def owed(words: Sequence[str], language: str) -> Counter[int]:
    """What must be stored of the words of a passage, from Python's strings."""
    found: Counter[int] = Counter()
    for word in words:
        for number, form in enumerate(plain_forms([word], language)[0]):
            if form == word or not form:
                continue
            found[salt(ngrams.word_key(form))] += 1
            if number == 0:
                inside = set(ngrams.character_keys(word, 4))
                found.update(salt(key) for key in ngrams.character_keys(form, 4) if key not in inside)
    return found


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.sampled_from(["es", "de"]))
def test_only_what_differs_is_stored(texts: list[str], language: str) -> None:
    """Postings of the plain form stand for words that are not plain, less what stands there anyway."""
    text, words = read(texts, language)
    made = further_postings(text, words, plain_of(text, ("marks",)))
    found: list[Counter[int]] = [Counter() for _ in texts]
    for postings in made:
        for number, key in enumerate(postings.keys.tolist()):
            for at in range(postings.offsets[number], postings.offsets[number + 1]):
                found[postings.passages[at]][key] += int(postings.counts[at])
    spelt = [word_texts(text.data, text.tokens.starts[a:b], text.tokens.lengths[a:b])
             for a, b in zip(text.tokens.offsets[:-1], text.tokens.offsets[1:], strict=True)]  # fmt: skip
    assert found == [owed(own, language) for own in spelt]
    assert further_postings(text, words, plain_of(text, ())) == []


def test_the_entries_of_a_query() -> None:
    """*país pais*: each word by itself and by its plain form, those that stand for one another in one class."""
    entries = entries_of(read(["país pais"])[0], ("marks",))
    accented, plain = ngrams.word_key("país"), ngrams.word_key("pais")
    own = {name: getattr(entries, name) for name in ("keys", "features", "forms", "words", "classes", "held")}
    rows = [dict(zip(own, row, strict=True)) for row in zip(*(column.tolist() for column in own.values()), strict=True)]
    words = [row for row in rows if row["features"] == WORD]
    numbers = {row["keys"]: row["words"] for row in words if row["forms"] == EXACT}
    assert set(numbers) == {accented, plain}
    of_accented = {(row["keys"], row["forms"], row["held"]) for row in words if row["words"] == numbers[accented]}
    assert of_accented == {(accented, EXACT, True), (salt(plain), PLAIN, False), (plain, PLAIN, False)}
    of_plain = {(row["keys"], row["forms"], row["held"]) for row in words if row["words"] == numbers[plain]}
    assert of_plain == {(plain, EXACT, False), (salt(plain), PLAIN, False)}
    # <paí, país, aís> stand for <pai, pais, ais>, each in a class of its own
    for exact, other in zip(ngrams.character_keys("país", 4), ngrams.character_keys("pais", 4), strict=True):
        inside = [row for row in rows if row["features"] == CHARACTER and row["words"] == numbers[accented]]
        number = next(row["classes"] for row in inside if row["keys"] == exact)
        assert {row["keys"] for row in inside if row["classes"] == number} == {exact, other, salt(other)}
    assert len(entries_of(read(["país pais"])[0], ())) == 2 + 6


def document(name: str, text: str) -> Document:
    """A document of one sentence."""
    return Document(name, "", (), name, (text,), (0,))


def make(path: Path, model: Path, texts: Mapping[str, Mapping[str, str]], folds: tuple[str, ...] = ("marks",)) -> Index:
    """An index of texts by language and id, a passage each."""
    create(path, model, IndexSettings(sentences=1, map_points=0, folds=folds))
    add(path, {code: [document(*each) for each in own.items()] for code, own in texts.items()})
    return Index.open(path)


FILLER = {f"x{n}": text for n, text in enumerate(("uno dos tres", "cantar bajo la lluvia", "rojo verde azul gris"))}


def found(index: Index, query: str, mode: str = "bm25", languages: Sequence[str] = ()) -> list[str]:
    """The ids of the documents that a query finds."""
    return [hit.document for hit in index.search(query, 10, languages, mode, correct=False)]


# language, what is written, what is typed
TYPED = [
    ("es", "el niño canta", "nino"),
    ("pt", "a situação", "situacao"),
    ("gl", "camiño longo", "camino"),
    ("tr", "ışıklı yol", "isikli"),
    ("tr", "Işıklı yol", "ISIKLI"),
    ("de", "die Straßenbahn in München", "munchen"),
    ("de", "die Straßenbahn in München", "muenchen"),
    ("de", "alte Muenchner Bahn", "Münchner"),
    ("sv", "smörgåsbord", "smorgasbord"),
    ("ru", "зелёная ёлка", "елка"),
    ("ru", "зеленая елка", "ёлка"),
    ("el", "η Αθήνα το βράδυ", "ΑΘΗΝΑ"),
    ("ar", "قال أحمد شيئا", "احمد"),
    ("ar", "في المدرسة", "المدرسه"),
    ("he", "שָׁלוֹם לכולם", "שלום"),
    ("ja", "彼はｶﾞｯｺｳへ行った", "ガッコウ"),
    ("vi", "một đường dài", "duong"),
    ("pl", "miasto Łódź", "lodz"),
    ("fr", "un cœur simple", "coeur"),
    ("fr", "Ｃœur", "coeur"),
    ("hi", "वह क़लम", "कलम"),
    ("ca", "el col·legi", "collegi"),
    ("uk", "п'ять років", "пять"),
]


@pytest.mark.parametrize(("language", "written", "query"), TYPED)
@pytest.mark.parametrize("asked", ["its own", "all"])
def test_typed_without(tmp_path: Path, model: Path, language: str, written: str, query: str, asked: str) -> None:
    """Every word is found as it is typed, first, whether the language is known or not."""
    index = make(tmp_path / "index", model, {language: {"it": written, "other": "zzz yyy"}, "eu": FILLER})
    assert found(index, query, languages=(language,) if asked == "its own" else ())[:1] == ["it"]


def test_exact_above_folded(tmp_path: Path, model: Path) -> None:
    """*pais* finds *pais* first and *país* after it, *país* the other way about; however often the other stands."""
    often = "un país país de hoy"
    index = make(tmp_path / "index", model, {"es": {"a": "un país de hoy", "b": "un pais de hoy", **FILLER}})
    assert found(index, "país") == ["a", "b"] and found(index, "pais") == ["b", "a"]
    index = make(tmp_path / "often", model, {"es": {"a": often, "b": "un pais de hoy y de ayer", **FILLER}})
    assert found(index, "pais")[0] == "b"
    # a Swede's å is no a, and is found by it all the same
    index = make(tmp_path / "sv", model, {"sv": {"a": "ett gott råd", "b": "en lång rad", **FILLER}})
    assert found(index, "rad") == ["b", "a"] and found(index, "råd") == ["a", "b"]


def test_nothing_changes_without_accents(tmp_path: Path, model: Path) -> None:
    """Text and queries that have no accents, and queries that have them all, are scored as without folding."""
    texts = {"en": {"a": "the house on the hill", "b": "a hill far away", "c": "naïve façade"}}
    with_marks, without = (
        make(tmp_path / name, model, texts, folds) for name, folds in (("marks", ("marks",)), ("none", ()))
    )
    for query in ("house hill", "the hill away", "naïve", "façade hill"):
        for mode in ("bm25", "hybrid"):
            a, b = (index.search(query, 10, (), mode) for index in (with_marks, without))
            assert [hit.key for hit in a] == [hit.key for hit in b]
            assert [hit.score for hit in a] == pytest.approx([hit.score for hit in b], rel=1e-6)
    assert found(without, "naive") == []


def test_why_says_how_words_are_alike(tmp_path: Path, model: Path) -> None:
    """Pairs are the same word, the same but for accents, or share a part; they add up to the score."""
    texts = {"es": {"a": "un país y otro pais", "b": "paisaje verde", **FILLER}}
    index = make(tmp_path / "index", model, texts)
    for query in ("pais", "país"):
        for hit in index.search(query, 10, (), "bm25"):
            why = index.why(query, hit)
            alike = {
                why.text[why.text_words[pair.text].start : why.text_words[pair.text].end]: pair.match
                for pair in why.pairs
            }
            other = "país" if query == "pais" else "pais"
            assert alike == ({query: "word", other: "accents"} if hit.document == "a" else {"paisaje": "part"})
            total = sum(pair.exact + pair.dense for pair in why.pairs) + why.rest_exact + why.around_exact
            assert total == pytest.approx(hit.score, rel=1e-5)


def test_an_index_keeps_its_own(tmp_path: Path, model: Path) -> None:
    """What is folded stands in the manifest; documents that come later, and a merge, follow it."""
    for folds in ((), ("marks",)):
        path = tmp_path / "-".join(("index", *folds))
        make(path, model, {"es": {"a": "un niño", **FILLER}}, folds)
        add(path, {"es": [document("b", "otro niño")]})
        assert sorted(found(Index.open(path), "nino")) == (["a", "b"] if folds else [])
        merge(path)
        index = Index.open(path)
        assert index.folds == folds and index.manifest["settings"]["folds"] == list(folds)
        assert sorted(found(index, "nino")) == (["a", "b"] if folds else [])


def test_traditional_by_simplified(tmp_path: Path, model: Path) -> None:
    """Where Chinese is folded, 国家 finds 國家 below itself; where it is not, it does not."""
    pytest.importorskip("opencc")
    texts = {"zh": {"a": "國家的歷史", "b": "国家的历史", "c": "天气很好"}}
    index = make(tmp_path / "both", model, texts, ("marks", "chinese"))
    assert found(index, "国家") == ["b", "a"] and found(index, "國家") == ["a", "b"]
    assert found(make(tmp_path / "marks", model, texts), "国家") == ["b"]


def test_what_can_be_folded(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other names, Chinese alone, and a manifest that says others, are refused in one line."""
    assert check_folds(()) == () and check_folds(("marks",)) == ("marks",)
    for folds in (("accents",), ("chinese",), ("marks", "x")):
        with pytest.raises(SettingsError, match="an index folds marks"):
            IndexSettings(folds=folds).check()
    index = make(tmp_path / "index", model, {"es": FILLER})
    manifest = json.loads((index.path / "index.json").read_text(encoding="utf-8"))
    for wrong in (["accents"], ["marks", "marks"], "marks", [1]):
        manifest["settings"]["folds"] = wrong
        (index.path / "index.json").write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(FolderError, match=r"index\.json"):
            Index.open(index.path)
    monkeypatch.setattr(forms, "simplified", lambda: (_ for _ in ()).throw(SettingsError("no table")))
    with pytest.raises(SettingsError, match="no table"):
        IndexSettings(folds=("marks", "chinese")).check()


def test_the_weight_of_the_plain_form(tmp_path: Path, model: Path) -> None:
    """The weight scales what a folded match gives beside an exact one; 0 leaves it out."""
    index = make(tmp_path / "index", model, {"es": {"a": "un país", "b": "un pais", **FILLER}})
    scores = {}
    for weight in (0.0, 0.5, 1.0):
        tuned = replace(index, fusion=replace(index.fusion, plain=weight))
        scores[weight] = {hit.document: hit.score for hit in tuned.search("pais", 10, (), "bm25")}
    assert set(scores[0.0]) == {"b"}
    assert scores[1.0]["a"] == pytest.approx(scores[1.0]["b"])
    assert scores[0.5]["a"] == pytest.approx(0.5 * scores[0.5]["b"])
    assert plain_words(["país"]) == ["pais"]
