"""Words spelt otherwise than they are written: each spelling by itself, a corpus in it, a model that reads by it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.retrieval.tiny import SETTINGS, TINY, encoded_tiny, write_corpus

from sprachbund import espeak
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, MissingExtraError, SettingsError
from sprachbund.export.folder import write_export
from sprachbund.ngrams.keys import bigram_key, character_keys, word_key
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.reuse import Asked, covering
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import BEST, SPELLINGS, Settings, change, from_dict, to_dict
from sprachbund.retrieval.spelling.learning import Counted, learn_spelling
from sprachbund.retrieval.spelling.spellings import BEGINNING, Spelling, silent, spell
from sprachbund.retrieval.spelling.spellings import SPELLINGS as TABLE
from sprachbund.retrieval.train import train
from sprachbund.retrieval.transfer import ask
from sprachbund.search.why import word_vectors

AS_BYTES, ROMANISED, FOLDED = (Spelling(name) for name in ("bytes", "romanised", "folded"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Portuguese, Galician and a little Spanish."""
    return write_corpus(tmp_path_factory.mktemp("spellings"), TINY)


def in_spelling(spelling: str, **more: object) -> Settings:
    """The tiny corpus's settings in a spelling; so few pieces that words are cut."""
    return change(SETTINGS, spelling=spelling, pieces=60, epochs=1, **more)


def encoded(corpus: Corpus, folder: Path, spelling: str) -> EncodedCorpus:
    """The corpus in a spelling."""
    return encode_corpus(corpus, folder / spelling, settings=in_spelling(spelling), cut=False)


def test_the_setting_names_what_there_is() -> None:
    """The settings know the same spellings as the table, in its order."""
    assert tuple(TABLE) == SPELLINGS


def test_bytes_are_letters() -> None:
    """дім is D0 B4 D1 96 D0 BC in UTF-8; ASCII letters and digits stay, an apostrophe is a letter too."""
    assert spell(AS_BYTES, ["дім", "a1", "п'я"], "uk") == [
        "\ua0d0\ua0b4\ua0d1\ua096\ua0d0\ua0bc", "a1", "\ua0d0\ua0bf\ua027\ua0d1\ua08f",
    ]  # fmt: skip


def test_bytes_are_of_nfc() -> None:
    """Both normal forms of é are C3 A9; a run of four of <é> is none, for marks and bytes are four: <, C3, A9, >."""
    both = [analyse([text], "fr", bigrams=False, characters=(4,), spelling=AS_BYTES) for text in ("\u00c9", "E\u0301")]
    assert both[0].ngrams.keys.tolist() == both[1].ngrams.keys.tolist()
    assert both[0].ngrams.keys.tolist() == [word_key("\ua0c3\ua0a9"), *character_keys("\ua0c3\ua0a9", 4)]


def test_romanised() -> None:
    """Greek, Cyrillic and Arabic as anyascii writes them, with accents gone; the alef is none."""
    words = ["μετάφραση", "переклад", "п'ять", "كتاب", "straße", "東京"]
    assert spell(ROMANISED, words, "el") == ["metafrasi", "pereklad", "pyat", "ktb", "strasse", "dongjing"]


def test_folded() -> None:
    """Marks are left out and letters stay in their script; a word that is a mark alone stays as it is."""
    assert spell(FOLDED, ["żółć", "ναός", "мрійник", "\u0301"], "pl") == ["zolc", "ναος", "мрійник", "\u0301"]


def test_cognates_are_spelt_as_the_hub_spells_them() -> None:
    """By the lexicon of the word's own language; all others are romanised, and so is a language without one."""
    own = Spelling("cognates", hub="es", cognates={"pt": {"cabeça": "cabeza", "nação": "nación"}})
    assert spell(own, ["cabeça", "nação", "não"], "pt") == ["cabeza", "nacion", "nao"]
    assert spell(own, ["cabeça"], "gl") == ["cabeca"]


def test_cognates_are_learned_from_the_words() -> None:
    """The language with most words is the hub; what differs by one rule is found, and spelt as there."""
    stems = [a + b for a in ("na", "re", "po", "li", "ca", "tra", "men", "so", "di", "fu") for b in "bcdfglmnprstv"]
    left = Counted([f"{stem}ção" for stem in stems], np.arange(len(stems), 0, -1))
    right = Counted([f"{stem}ción" for stem in stems], 2 * np.arange(len(stems), 0, -1))
    found = learn_spelling("cognates", {"pt": left, "es": right}, 60)
    assert found.hub == "es" and set(found.cognates) == {"pt"}
    kept = found.cognates["pt"]
    assert len(kept) > 100 and all(other == f"{word[:-3]}ción" for word, other in kept.items())


def test_phonemes() -> None:
    """A word as it is said; romanised where the voice cannot read its script, and where no language is known."""
    if not espeak.is_there():
        pytest.skip("eSpeak NG is not installed: pip install 'sprachbund[espeak]'")
    said = Spelling("phonemes")
    assert spell(said, ["переклад", "washington"], "uk") == ["pɛrɛklad", "washington"]
    assert spell(said, ["μετάφραση"], "el") == ["metafrasi"]
    assert spell(said, ["thought"], "en") == ["θɔːt"]
    assert spell(said, ["переклад"], "") == ["pereklad"]
    assert silent("phonemes", ["uk", "got"]) == ("got",) and silent("bytes", ["got"]) == ()
    assert spell(said, ["𐌰𐍄𐍄𐌰"], "got") == ["atta"]


def test_subwords() -> None:
    """The pieces of a word in a row are the word, and the first of them says that it begins one."""
    pytest.importorskip("sentencepiece")
    words = [f"{a}{b}{c}" for a in ("an", "be", "ver") for b in ("lauf", "kauf", "steh") for c in ("en", "t", "ung")]
    counted = {"de": Counted(words, np.arange(len(words), 0, -1))}
    found = learn_spelling("subwords", counted, 40)
    spelt = [word.split() for word in spell(found, [*words, "п'я"], "de")]
    assert ["".join(pieces) for pieces in spelt[:-1]] == [f"{BEGINNING}{word}" for word in words]
    assert max(map(len, spelt)) > 1 and all(BEGINNING not in piece for pieces in spelt for piece in pieces[1:])
    assert spelt[-1] == [BEGINNING, "пˈя"]
    assert learn_spelling("subwords", counted, 40).pieces == found.pieces


def test_the_overlap_with_greek_rises_when_romanised() -> None:
    """демократия and δημοκρατία have no run in common as they are written; romanised, of nine and eight, four."""

    def runs(text: str, language: str, spelling: Spelling) -> set[int]:
        read = analyse([text], language, bigrams=False, characters=(4,), spelling=spelling)
        return set(read.ngrams.keys[read.ngrams.orders < 0].tolist())

    both = ("демократия", "bg"), ("δημοκρατία", "el")
    assert not runs(*both[0], Spelling()) & runs(*both[1], Spelling())
    assert spell(ROMANISED, ["демократия", "δημοκρατία"], "") == ["demokratiya", "dimokratia"]
    one, other = (runs(*each, ROMANISED) for each in both)
    assert one & other == {character_keys(run, 4)[1] for run in ("mokr", "okra", "krat", "rati")}


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if name != "written"])
def test_what_is_asked_stays_the_same(corpus: Corpus, tmp_path: Path, spelling: str) -> None:
    """Pairs, sides, templates and equal candidates are found in the words as they are written."""
    if spelling == "phonemes" and not espeak.is_there():
        pytest.skip("eSpeak NG is not installed")
    plain, other = encoded(corpus, tmp_path, "written"), encoded(corpus, tmp_path, spelling)
    assert other.spelt == spelling and plain.spelt == "written"
    for code in ("pt", "gl"):
        one, two = plain.language(code), other.language(code)
        for name in ("lengths", "hashes", "sides", "templates", "sections"):
            assert np.array_equal(getattr(one, name), getattr(two, name)), name
        for side in ("train", "dev", "test"):
            pairs = [data.pairs("ic", SETTINGS, side) for data in (one, two)]
            assert np.array_equal(pairs[0].query, pairs[1].query)


def test_a_corpus_and_a_text_are_read_alike(corpus: Corpus, tmp_path: Path) -> None:
    """The first Galician sentence in the ids of the corpus has the words of the same sentence by itself, spelt so."""
    made = encoded(corpus, tmp_path, "folded")
    own = made.language("gl").sentences
    keys = made.ngrams.keys[own.words[: own.word_offsets[1]]]
    assert keys.tolist() == [word_key(word) for word in ["o", "mar", "esta", "moi", "preto", "da", "vila"]]
    assert made.ngrams.keys[own.bigrams[0]] == bigram_key(word_key("o"), word_key("mar"))


def test_nothing_is_shared_between_spellings(corpus: Corpus, tmp_path: Path) -> None:
    """Another spelling is another folder of ids and another run, of BM25 too; the same spelling is the same."""
    places, identities = set(), []
    for spelling, pieces in (("written", 60), ("folded", 60), ("bytes", 60), ("subwords", 60), ("subwords", 61)):
        settings = change(in_spelling(spelling), pieces=pieces)
        asked = Asked(("gl", "pt"), settings, bigrams=True, characters=(4,), cut=False)
        path, languages = covering(corpus, tmp_path, asked, ())
        assert path not in places
        places.add(path)
        encode_corpus(corpus, path, languages=languages, settings=settings, characters=(4,), cut=False)
        assert covering(corpus, tmp_path, asked, ()) == (path, languages)
        kind = RetrievalKind(path, settings)
        identities += [kind.identity(trained=True), kind.identity(trained=False)]
    assert len({repr(each) for each in identities}) == len(identities)


def test_a_study_describes_a_corpus_of_pieces(corpus: Corpus, tmp_path: Path) -> None:
    """What of test the training text covers is counted in pieces, of which there are more than written words."""
    pytest.importorskip("sentencepiece")
    made = encoded(corpus, tmp_path, "subwords")
    data = made.language("pt")
    described = RetrievalKind(made.path, in_spelling("subwords")).describe("ic", "pt")
    offsets, words, sides = data.sentences.word_offsets, data.sentences.words, data.sides
    test = [
        number for n in np.flatnonzero(sides == 2).tolist() for number in words[offsets[n] : offsets[n + 1]].tolist()
    ]
    assert len(test) > data.lengths[sides == 2].sum()
    assert described["coverage_tokens"] == pytest.approx(np.mean([data.counts[number] > 0 for number in test]))


def test_what_is_written_keeps_its_name() -> None:
    """Settings say nothing of a spelling where words are as they are written: runs of before are found again."""
    assert not {"spelling", "pieces"} & set(to_dict(BEST)["encoder"])
    assert not {"spelling", "pieces"} & set(to_dict(change(BEST, pieces=7))["encoder"])
    spelt = change(BEST, spelling="subwords", pieces=500)
    assert to_dict(spelt)["encoder"]["spelling"] == "subwords" and from_dict(to_dict(spelt)) == spelt
    assert from_dict(to_dict(BEST)) == BEST


@pytest.mark.parametrize("spelling", ["bytes", "subwords", "cognates"])
def test_a_model_reads_as_it_was_trained(corpus: Corpus, tmp_path: Path, spelling: str) -> None:
    """Saved and opened, it gives the same vectors; what each written word adds is the sum of its pieces."""
    if spelling == "subwords":
        pytest.importorskip("sentencepiece")
    model = train(corpus, tmp_path / "model", settings=in_spelling(spelling), languages=["pt", "gl"])
    texts = ["A festa é o 25 de xullo.", "Os lobos vivem nos bosques altos, muito antigos."]
    opened = Encoder.load(tmp_path / "model")
    assert np.array_equal(model.encode(texts, "gl"), opened.encode(texts, "gl"))
    assert opened.spelling.name == spelling and opened.spelling.hash() == model.spelling.hash()
    read = opened.analyse(texts, "gl")
    each = word_vectors(opened, read)
    assert len(each) == 7 + 8
    np.testing.assert_allclose(each[:7].sum(axis=0), opened.sums(read)[0], atol=1e-5)
    plain = encoded_tiny(tmp_path / "plain", settings=in_spelling("written"))
    with pytest.raises(SettingsError, match=f"reads words as {spelling}, the corpus was encoded as written"):
        opened.in_corpus(plain)
    with pytest.raises(SettingsError, match=f"reads words as {spelling}, and no other tool"):
        write_export(opened, tmp_path / "export")
    if spelling == "subwords":
        (tmp_path / "model" / "spelling" / "pieces.model").write_bytes(b"no pieces")
        with pytest.raises(FolderError, match=r"pieces\.model"):
            Encoder.load(tmp_path / "model", check=False)


def test_an_heir_reads_as_its_start(corpus: Corpus, tmp_path: Path) -> None:
    """A model that goes on from another has its pieces, learned from the start's text and not anew."""
    pytest.importorskip("sentencepiece")
    start = train(corpus, settings=in_spelling("subwords"), languages=["pt"])
    heir = train(corpus, tmp_path / "heir", settings=start.settings, languages=["pt"], start=start)
    assert (
        heir.spelling.hash()
        == start.spelling.hash()
        != train(corpus, settings=in_spelling("subwords"), languages=["gl", "pt"]).spelling.hash()
    )
    with pytest.raises(SettingsError, match="spelling"):
        train(corpus, settings=in_spelling("folded"), languages=["pt"], start=start)


def test_damaged_pieces_end_in_a_line() -> None:
    """Pieces that the library does not read are a folder's damage, never its own error."""
    pytest.importorskip("sentencepiece")
    with pytest.raises(FolderError, match="pieces are damaged"):
        spell(Spelling("subwords", pieces=b"no pieces"), ["word"], "en")


def test_a_spelling_that_there_is_not(corpus: Corpus) -> None:
    """An unknown name is an error that says which there are; so are pieces that cannot be."""
    with pytest.raises(SettingsError, match="spelling must be written, folded, romanised, bytes, phonemes"):
        change(BEST, spelling="klingon")
    with pytest.raises(SettingsError, match="pieces must be from 2"):
        change(BEST, pieces=1)


def test_an_extra_that_is_not_installed(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named before any work, in a study and in a training, with what installs it."""
    monkeypatch.setattr(espeak, "_library", lambda: None)
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    for spelling, extra in (("phonemes", r"sprachbund\[espeak\]"), ("subwords", r"sprachbund\[laboratory\]")):
        with pytest.raises(MissingExtraError, match=extra):
            ask(corpus, settings=in_spelling(spelling))
        with pytest.raises(MissingExtraError, match=extra):
            train(corpus, settings=in_spelling(spelling))


def test_what_was_learned_is_part_of_the_hash() -> None:
    """Two lexicons are two spellings, though they have one name."""
    one = Spelling("cognates", hub="es", cognates={"pt": {"a": "b"}})
    assert len({one.hash(), replace(one, hub="en").hash(), replace(one, cognates={}).hash()}) == 3
