"""Marks that change only the look of a word hide no passage, and a passage is shown as it is written."""

import json
from pathlib import Path

import pytest
from shelf import FUSION

from sprachbund import Index
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.search.building import IndexSettings, add_corpus, create

ROWS = {
    "tr": ("İş arayanlar her sabah meydanda toplanır ve beklerdi.", "Gemi limana girdi ve yolcular karaya çıktı."),
    "az": ("İt həyətdə yatırdı və heç kəsə baxmırdı.", "Gəmi limana girdi və yükü boşaltdı."),
    "ar": ("هذا كـتـاب جديد عن تاريخ المدينة القديمة.", "هذا بيت قديم في المدينة البيضاء."),
    "ml": ("അവന്\u200d വീട്ടിലേക്ക് പോയി എന്ന് അവള്\u200d പറഞ്ഞു.", "മഴ പെയ്തു എന്ന് പറഞ്ഞു."),
    "he": ("הספר הזה על שָׁלוֹם בעולם ועל אנשים.", "הבית הזה ישן מאוד ויפה."),
    "ja": ("彼はｶﾞｯｺｳへ行って本を読んだ。", "彼女は家で本を読んだ。"),
    "de": ("Die STRASSE führt am Fluss entlang zum Markt.", "Der Berg ist im Winter weiß von Schnee."),
    "fa": ("او می\u200cخواهم را در کتاب نوشت و رفت.", "خانه در کنار رود بزرگ است."),
    "ru": ("Река\u0301 течёт через город и поля.", "Дом стоит на горе у леса."),
    "bn": ("বাড়িতে উত্\u200dসব হয় প্রতি বছর শীতে।", "নদী শহরের মাঝে বয়ে যায়।"),
    "en": ("The o\ufb03ce opens in the mor\u00adning every day.", "A river runs through the old town."),
    "ur": ("یہ اُردُو زبان کی پہلی کتاب ہے۔", "دریا شہر کے بیچ بہتا ہے۔"),
    "hy": ("Երևան քաղաքը մայրաքաղաք է և մեծ է։", "Գետը հոսում է դաշտով դեպի ծով։"),
    "uk": ("П’я\u0301ть мли\u0301нів стоять над рікою.", "Ліс шумить уночі від вітру."),
}
ASKED = [
    ("tr", "iş", "İş"),
    ("tr", "İş", "İş"),
    ("tr", "İŞ ARAYANLAR", "İş"),
    ("az", "it", "İt"),
    ("ar", "كتاب", "كـتـاب"),
    ("ar", "ﻛﺘﺎﺏ", "كـتـاب"),
    ("ml", "അവൻ", "അവന്\u200d"),
    ("he", "שלום", "שָׁלוֹם"),
    ("ja", "ガッコウ", "ｶﾞｯｺｳ"),
    ("de", "Straße", "STRASSE"),
    ("fa", "میخواهم", "می\u200cخواهم"),
    ("ru", "река", "Река\u0301"),
    ("bn", "উৎসব", "উত্\u200dসব"),
    ("en", "office", "o\ufb03ce"),
    ("en", "morning", "mor\u00adning"),
    ("ur", "اردو", "اُردُو"),
    ("hy", "երեւան", "Երևան"),
    ("uk", "п'ять", "П’я\u0301ть"),
]


@pytest.fixture(scope="module")
def shelf(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of two rows a language, the first with the marks."""
    folder = tmp_path_factory.mktemp("look")
    rows = [
        {"id": str(number), "lang": lang, "title": "a", "sections": [{"paragraphs": [text]}]}
        for lang, texts in ROWS.items()
        for number, text in enumerate(texts, 1)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ingest([folder / "rows.jsonl"], folder / "corpus", workers=1)
    create(folder / "index", model, IndexSettings(map_points=0), FUSION)
    add_corpus(folder / "index", Corpus.open(folder / "corpus"))
    return Index.open(folder / "index")


@pytest.mark.parametrize(("language", "query", "word"), ASKED, ids=[f"{n}-{row[0]}" for n, row in enumerate(ASKED)])
def test_a_passage_is_found_however_its_word_looks(shelf: Index, language: str, query: str, word: str) -> None:
    """In its language first and, by BM25, alone; its text is as it was, and the word that was found stands in it."""
    first, *others = shelf.search(query, languages=[language], mode="bm25")
    assert first.document == "1"
    assert all(other.score < first.score for other in others)
    assert first.text == ROWS[language][0]
    why = shelf.why(query, first)
    best = max(why.pairs, key=lambda pair: pair.exact)
    span = why.text_words[best.text]
    assert word in [why.text[each.start : each.end] for each in why.text_words]
    assert best.exact > 0 and 0 <= span.start < span.end <= len(why.text)


@pytest.mark.parametrize(("language", "query", "word"), ASKED, ids=[f"{n}-{row[0]}" for n, row in enumerate(ASKED)])
def test_it_is_found_without_saying_the_language(shelf: Index, language: str, query: str, word: str) -> None:
    """Among all languages the passage is first; so much is known of a query whose language is not."""
    best = shelf.search(query, mode="bm25")[0]
    assert (best.language, best.document) == (language, "1")
