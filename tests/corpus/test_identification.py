"""In which language a text is, and that a document in several becomes one in each."""

import json
from pathlib import Path

import pytest

from sprachbund import detect_language
from sprachbund.corpus.identification.grams import hashes, load
from sprachbund.corpus.identification.identify import ENOUGH, sample
from sprachbund.corpus.identification.parts import part
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.documents import RawSection
from sprachbund.corpus.store import Corpus
from sprachbund.errors import LanguageError, SettingsError
from sprachbund.languages import among, find, spoken

GL = "O galego é unha lingua románica que se fala en Galicia e nas terras próximas, onde tamén ten moitos falantes."
PT = "A língua portuguesa é falada em muitos países do mundo, e não há quem não conheça os seus poetas e cantores."
EN = "The mill by the river has stood there for two hundred years, and nobody knows any longer who built it at first."
DE = "Die Mühle am Fluss steht dort seit zweihundert Jahren, und niemand weiß noch, wer sie einmal gebaut hat."
EU = "Errota hori duela berrehun urte eraiki zuten ibaiaren ondoan, eta inork ez daki jada nork egin zuen lehenengoz."


# sentences written for these tests; each says who lives where, in the words that the language has and its kin have not
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GL, "gl"),
        (PT, "pt"),
        (EN, "en"),
        (DE, "de"),
        (EU, "eu"),
        ("La casa on vivim és a prop del riu, i cada matí els nens hi van a jugar amb els seus amics del poble.", "ca"),
        ("La casa donde vivimos está cerca del río, y cada mañana los niños van allí a jugar con sus amigos.", "es"),
        ("Vi bor i et hus nær elven, og hver morgen går barna ned for å leke med vennene sine fra bygda vår.", "no"),
        ("Vi bor i eit hus nær elva, og kvar morgon går borna ned for å leike med venene sine frå bygda vår.", "nn"),
        ("Vi bor i et hus tæt på åen, og hver morgen går børnene derned for at lege med deres venner fra byen.", "da"),
        ("Куќата во која живееме е близу до реката, и секое утро децата одат таму да си играат со другарите.", "mk"),
        ("Хата, в якій ми живемо, стоїть біля річки, і щоранку діти ходять туди гратися зі своїми друзями.", "uk"),
        ("घर नदीको छेउमा छ, र हरेक बिहान केटाकेटीहरू आफ्ना साथीहरूसँग त्यहाँ खेल्न जान्छन् भनेर उनले भनिन्।", "ne"),
        ("घर नदी के पास है, और हर सुबह बच्चे अपने दोस्तों के साथ वहाँ खेलने जाते हैं, ऐसा उसने कहा था।", "hi"),
        ("საქართველო", "ka"),
        ("ภาษาไทย", "th"),
        ("Հայաստան", "hy"),
        ("한국어", "ko"),
        ("これは日本語です", "ja"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "chr"),
        ("ߒߞߏ ߞߊ߲", "man"),
    ],
)
def test_the_language_of_a_sentence(text: str, code: str) -> None:
    """Kin are told apart in a sentence; a script that one language has needs a word; NFD is read as NFC is."""
    import unicodedata

    found = detect_language(text)
    assert (found.code, found.confidence >= 0.5) == (code, True)
    assert detect_language(unicodedata.normalize("NFD", text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "12345 6,789.00 2026-11-28",
        "https://example.org/the/house/of/the/people?in=the&for=all",
        "someone.else@example.org",
        "John Smith",
        "Ok",
        "Berlin",
        "presidente",
        "for (int i = 0; i < n; i++) { sum += a[i]; }",
        "def run(self, x): return self.__class__(x)",
        "!!! ??? ... \u2014",
        "\ud800\udfff",
        "\x00\x01",
        "😀😀😀",
        "a",
    ],
)
def test_what_is_no_language_or_too_short_is_und(text: str) -> None:
    """Numbers, addresses, names, code, a word that many languages have, and what no letters are in: `und`."""
    assert detect_language(text).code == "und"


def test_two_languages_by_halves_are_no_language() -> None:
    """Of a text that is half in each of two languages neither is sure."""
    found = detect_language("This is the house of my friends. Ceci est la maison de mes amis.")
    assert found.code == "und" and 0 < found.confidence < 0.7


def test_the_choice_among_languages() -> None:
    """Among given ones, by code or name, the nearest is chosen, and their probabilities are relative to each other."""
    found = detect_language("presidente da câmara municipal", ["Portuguese", "tr"])
    assert found.code == "pt" and found.confidence > 0.9
    assert {code for code, _ in found.candidates} <= {"pt", "tr"}
    assert detect_language("presidente da câmara municipal", "pt").code == "pt"
    assert detect_language(EN, ["nb"]).code in ("nb", "und"), "the code that was asked for comes out"
    with pytest.raises(LanguageError, match="'qqq'"):
        detect_language(EN, ["qqq"])
    with pytest.raises(SettingsError, match=r"from 0 to 1, found 2"):
        detect_language(EN, sure=2)
    with pytest.raises(SettingsError, match="text: expected a text"):
        detect_language(b"bytes")  # type: ignore[arg-type]


def test_a_macrolanguage_where_its_languages_cannot_be_told_apart() -> None:
    """Two characters of Han are Chinese, be it Mandarin, Cantonese or Wu: none of these has half the probability."""
    found = detect_language("漢字", sure=0.5)
    assert found.code == "zh" and max(probability for _, probability in found.candidates) < 0.5


def test_the_answer_is_the_same_each_time() -> None:
    """The same text, the same bits; of a long text the same pieces are read."""
    assert detect_language(GL) == detect_language(GL)
    long = " ".join(f"word{number}" for number in range(10_000))
    assert sample(long) == sample(long)
    assert ENOUGH <= len(sample(long)) <= ENOUGH + 3
    assert sample(long).startswith("word0 ") and sample(long).endswith("word9999")


def test_n_grams_of_words_by_hand() -> None:
    """`a b` has the letters, the halves of each word with its spaces, and the words; nothing goes over a space."""
    one = len(hashes("ab"))
    assert one == 2 + 3 + 2 + 1, "a, b; _a, ab, b_; _ab, ab_; _ab_"
    assert len(hashes("a b")) == 2 * (1 + 2 + 1), "a; _a, a_; _a_"
    assert set(hashes("ab")) == set(hashes("AB")) == set(hashes("ab 12 ab")) == set(hashes(" -ab- "))
    assert len(hashes("")) == 0


def test_the_scores_of_the_table_are_their_definition() -> None:
    """The vectorised sum is that over the n-grams one by one."""
    table = load()
    text = "nun ye lo mesmo"
    expected = [0.0] * len(table.languages)
    import numpy as np

    for gram, count in zip(*np.unique(hashes(text), return_counts=True), strict=True):
        for place in np.flatnonzero(table.keys == gram):
            for entry in range(table.starts[place], table.starts[place + 1]):
                expected[table.columns[entry]] += float(np.log1p(count)) * table.weights[entry] / 16
    assert table.scores(text).tolist() == pytest.approx(expected)
    assert table.languages[int(table.scores(text).argmax())] == "ast"


def section(*paragraphs: str, title: str = "") -> RawSection:
    """A section of running text."""
    return RawSection(title, paragraphs)


def test_a_document_in_two_languages_is_one_in_each() -> None:
    """Paragraphs of another language go to a part of their own; what is short follows the one before it."""
    found = part([section(GL, GL, EN, "Notes.", title="Un"), section(EU, GL, title="Dous")])
    assert {one.code: one.sections for one in found} == {
        "gl": (section(GL, GL, title="Un"), section(GL, title="Dous")),
        "en": (section(EN, "Notes.", title="Un"),),
        "eu": (section(EU, title="Dous"),),
    }
    assert found[0].code == "gl" and all(one.confidence > 0.9 for one in found)


def test_a_document_in_one_language_stays_whole() -> None:
    """Short paragraphs, names and a heading in another language part nothing; gold sentences are looked at too."""
    whole = [section(GL, "Berlin", "The end.", "1999", GL)]
    assert [(one.code, one.sections) for one in part(whole)] == [("gl", tuple(whole))]
    gold = RawSection("", (), ((GL, GL), (DE,), (DE, DE)))
    assert {one.code: one.sections[0].sentences for one in part([gold])} == {"de": ((DE,), (DE, DE)), "gl": ((GL, GL),)}
    assert [(one.code, one.confidence) for one in part([section()])] == [("und", 0.0)]


def write(folder: Path, **texts: str) -> Path:
    """Files of plain text; ``__`` in a name is a folder."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_plain_text_finds_its_language(tmp_path: Path) -> None:
    """Texts without a word about their language: each in its own, the mixed one in both, with one group."""
    folder = write(tmp_path / "texts", a=GL, b=DE, c=f"{GL}\n\n{EN}\n\n{GL}", d="Ok.")
    summary = ingest([folder], tmp_path / "c")
    assert [source.languages for source in summary.sources] == [{"gl": 1}, {"de": 1}, {"en": 1, "gl": 1}, {"und": 1}]
    assert {code: said["documents"] for code, said in summary.detected.items()} == {"de": 1, "en": 1, "gl": 2, "und": 1}
    assert all(0 <= said["confidence"] <= 1 for said in summary.detected.values())
    assert summary.warnings == (
        "d.txt: language unknown: 1 documents do not say theirs and their text is too short or too mixed to tell, kept "
        "as und; name it with --language (d)",
    )
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.read("en").select("document", "group", "text").rows() == [("c", "c", EN)]
    assert corpus.documents("gl")["document"].to_list() == ["a", "c"]
    again = ingest([folder], tmp_path / "c")
    assert all(source.skipped for source in again.sources) and again.detected == summary.detected


def test_what_says_its_language_is_not_asked(tmp_path: Path) -> None:
    """--lang, und and mul too, wins over everything; a field over the text; the field `und` is no answer."""
    path = tmp_path / "a.jsonl"
    rows = [{"id": str(number), "lang": lang, "text": DE} for number, lang in enumerate(["en", "mul", "und", None])]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = ingest([path], tmp_path / "c")
    assert said.sources[0].languages == {"de": 2, "en": 1, "mul": 1}
    assert said.detected["de"]["documents"] == 2
    for code in ("und", "mul", "pt"):
        forced = ingest([path], tmp_path / code, language=code)
        assert (forced.sources[0].languages, forced.detected) == ({code: 4}, {})


def test_the_language_of_a_folder(tmp_path: Path) -> None:
    """Asked for, the nearest folder with a code or a name wins over the text, and --lang over it."""
    folder = write(tmp_path / "gl", x=DE, Portuguese__src__y=f"{DE} {DE}", pt__eu__z=DE * 2, in__w=DE * 3)
    found = ingest([folder], tmp_path / "c", language_from="folder")
    assert {source.name: list(source.languages) for source in found.sources} == {
        "x.txt": ["gl"],
        "Portuguese/src/y.txt": ["pt"],
        "pt/eu/z.txt": ["eu"],
        "in/w.txt": ["gl"],
    }
    assert list(ingest([folder], tmp_path / "d").counts) == ["de"]
    assert list(ingest([folder], tmp_path / "e", language="tr", language_from="folder").counts) == ["tr"]
    with pytest.raises(SettingsError, match="found 'name'"):
        ingest([folder], tmp_path / "f", language_from="name")


def test_und_and_mul_are_languages() -> None:
    """They stand wherever a code does, in any case, and by their names."""
    assert [find("und").name, find("MUL").name] == ["Unknown language", "Multiple languages"]
    assert [spoken("Mul"), spoken("unknown language"), spoken("und")] == ["mul", "und", "und"]
    assert among(["UND", "mul"], ["de", "mul", "und"], "here") == ["und", "mul"]
    with pytest.raises(LanguageError, match="has no und"):
        among(["und"], ["de", "en"], "here")
