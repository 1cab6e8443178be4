"""How sentences end in every script: nothing that ends as one is lost, and none runs into the next."""

import json
import unicodedata
from pathlib import Path

import pytest
import regex

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.segment import sentences
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.store import Corpus

# Short sentences, a script or a way to close a quotation each. The first six are from bug reports.
WHOLE = {
    "am": "እሱ ወደ ቤት ሄደ።",
    "km": "គាត់ទៅផ្ទះ។",
    "sat": "ᱩᱱᱤ ᱚᱲᱟᱜ ᱛᱮ ᱪᱟᱞᱟᱣ ᱮᱱᱟ᱾",
    "de": "Er sagte: „Ich komme morgen nach Hause.“",
    "hi": "वह घर गया।",
    "en": "He said: “I come home tomorrow.”",
    "am typed": "እሱ ወደ ቤት ሄደ፡፡",
    "am two colons": "እሱ ወደ ቤት ሄደ::",
    "ar": "ذهب إلى البيت؟",
    "ar mark": "ذهب إلى البيت.\u200f",
    "ban": "ᬳᬶᬬ ᬫᬮᬶ᭟",
    "bax": "ꚩꚫ ꛑꛂ꛳",
    "bn": "সে বাড়ি গেল।",
    "bo": "བོད་ནི་མཐོ་སྒང་ཡིན།",
    "cjm": "ꨀꨇ ꨊꨋ꩝",
    "da": "Han sagde: »Jeg kommer.«",
    "dz": "ཁོ་ཁྱིམ་ནང་སོང་ཡི༎",
    "el": "Πού είναι ο κ. Παππάς;",
    "es": "(Se fue a casa.)",
    "fr": "Il dit : « Je viens. »",
    "he": "הוא הלך הביתה.\u200f",
    "hi bar": "वह घर गया|",
    "hy": "Նա գնաց տուն։",
    "hy typed": "Նա գնաց տուն:",
    "iu": "ᐊᖏᕐᕋᒧᑦ ᐊᐅᓪᓚᖅᑐᖅ᙮",
    "ja": "彼は言った。「行く。」",
    "ja half": "彼は家へ行った｡",
    "jv": "ꦥꦤꦶꦏ ꦏꦺꦴꦠ꧉",
    "lis": "ꓬꓲꓸ ꓠꓬ ꓡꓯ꓿",
    "mn": "ᠲᠡᠷᠡ ᠭᠡᠷ ᠲᠡᠭᠡᠨ ᠶᠠᠪᠤᠪᠠ᠃",
    "mni": "ꯃꯍꯥꯛ ꯌꯨꯝꯗꯥ ꯆꯠꯈꯤ꯫",
    "my": "သူအိမ်ပြန်တယ်။",
    "nl": "Hij ging naar huis…",
    "nqo": "ߊ߬ ߕߊ߫ ߘߊ߫ ߛߏ߫߹",
    "or": "ସେ ଘରକୁ ଗଲା।",
    "pl": "Powiedział: „Przyjdę.”",
    "sv": "Han sa: ”Jag kommer.”",
    "syc": "ܐܙܠ ܠܒܝܬܐ܀",
    "ur": "وہ گھر گیا۔",
    "vai": "ꕉꔤ ꕞꕌ꘎",
    "zh": "他走了！』",
    "zh full": "他走了．",
}
HEADINGS = {
    "am": "የኢትዮጵያ ታሪክ",
    "bo": "བོད་ཀྱི་ལོ་རྒྱུས",
    "de": "Leben „in Berlin“",
    "fr": "Histoire « ancienne »",
    "hi": "भारत का इतिहास",
    "km": "ប្រវត្តិសាស្ត្រ",
    "ja": "歴史（古代）",
    "my": "သမိုင်း",
    "nl": "'s-Gravenhage",
    "th": "ประวัติศาสตร์",
    "ur": "تاریخ",
}


@pytest.mark.parametrize("line", WHOLE.values(), ids=WHOLE)
def test_a_short_sentence_is_no_heading(line: str) -> None:
    """Its script's full stop, and whatever closes a quotation after it, end a sentence."""
    assert not is_heading(line)


@pytest.mark.parametrize("line", HEADINGS.values(), ids=HEADINGS)
def test_a_short_line_without_a_full_stop_is_a_heading(line: str) -> None:
    """Quotation marks and brackets alone end nothing."""
    assert is_heading(line)


def test_every_full_stop_of_unicode_ends_a_sentence() -> None:
    """All code points with Sentence_Terminal: no line is a heading, and two sentences come apart."""
    stops = [c for c in map(chr, range(0x110000)) if regex.fullmatch(r"\p{Sentence_Terminal}", c)]
    assert len(stops) > 150
    known = [stop for stop in stops if unicodedata.category(stop) != "Cn"]
    assert [stop for stop in stops if is_heading(f"ab{stop}")] == []
    assert [stop for stop in known if len(sentences(f"Abcde{stop} Fghij{stop}", "en")) != 2] == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("bo", ["བོད་ནི་མཐོ་སྒང་ཡིན།", "དེའི་རྒྱལ་ས་ལྷ་ས་ཡིན།", "ཆུ་བོ་མང་པོ་ཡོད།"]),
        ("bo", ["བོད་ནི་མཐོ་སྒང་ཡིན། །", "དེའི་རྒྱལ་ས་ལྷ་ས་ཡིན།། །"]),
        ("bo", ["འདི་བོད་ཡིག", "ཆུ་བོ་མང་པོ་ཡོད།"]),  # after ga the shad is left out
        ("bo", ["ཨམ་དོ་དང༌། ཁམས་ཡིན།", "དབུས་གཙང་ཡིན།"]),  # after "and" it ends nothing
        ("bo", ["༄༅། །བོད་ནི་མཐོ་སྒང་ཡིན།", "ཆུ་བོ་ཡོད།"]),  # the head mark is of its sentence
        ("dz", ["ཁོ་ཁྱིམ་ནང་སོང་ཡི༎", "མོ་འོངས་ཡི།"]),
        ("am", ["እሱ ወደ ቤት ሄደ፡፡", "እሷ ዳቦ በላች፡፡"]),
        ("ti", ["ንሱ ናብ ገዛ ከይዱ፡ ፡", "ንሳ መጺኣ።"]),
        ("am", ["እሱ ሄደ::", "እሷ በላች::"]),
        ("am", ["“እሱ ሄደ፡፡”", "እሷ በላች፡፡"]),
        ("hi", ["वह घर गया |", "वह सो गया|", "वह उठा।"]),
        ("bn", ["সে বাড়ি গেল|", "সে ঘুমাল||", "সে উঠল।"]),
        ("fr", ["« Je viens. »", "Elle part !", "« Oui ! »", "Il rit."]),
        ("fr", ["« Je viens ! » dit-elle.", "Il part."]),
        ("de", ["Er sagte: „Ich komme.“", "Sie ging.", "‚Gut.‘", "Er blieb."]),
        ("sv", ["Han sa: ”Jag kommer.”", "Hon gick."]),
        ("da", ["»Jeg kommer.«", "Hun gik.", "»Ja.«"]),
        ("mni", ["ꯃꯍꯥꯛ ꯌꯨꯝꯗꯥ ꯆꯠꯈꯤ꯫", "ꯃꯍꯥꯛ ꯇꯨꯝꯈꯤ꯫"]),
        ("sat", ["ᱩᱱᱤ ᱚᱲᱟᱜ ᱛᱮ ᱪᱟᱞᱟᱣ ᱮᱱᱟ᱾", "ᱩᱱᱤ ᱡᱚᱢ ᱠᱮᱫᱟ᱾"]),
        ("nqo", ["ߊ߬ ߕߊ߫ ߘߊ߫ ߛߏ߫߹", "ߊ߬ ߣߊ߬ ߘߊ߫."]),
        ("jv", ["ꦥꦤꦶꦏ ꦏꦺꦴꦠ꧉", "ꦥꦤꦶꦏ ꦢꦺꦱ꧉"]),
    ],
)
def test_sentences_come_apart(language: str, expected: list[str]) -> None:
    """Joined with a space they are the same sentences again."""
    assert sentences(" ".join(expected), language) == expected


@pytest.mark.parametrize("text", ["std::string is a type", "either a | b or c", "कौन||क्या", "कौन::क्या", "ሀ:ለ"])
def test_two_colons_and_a_bar_end_nothing_elsewhere(text: str) -> None:
    """Only after Ethiopic letters, and where a space follows after letters of a script that writes the danda."""
    assert sentences(text, "en") == [text]


def test_the_last_sentence_of_a_record_is_kept(tmp_path: Path) -> None:
    """Through ingest: records of the layout without marks for headings lose no line that a full stop ends."""
    lines = [
        {"id": str(n), "lang": lang.split()[0], "title": "a", "text": text}
        for n, (lang, text) in enumerate(WHOLE.items())
    ]
    lines[0]["text"] = "እሱ ወደ ቤት ሄደ።\nእሷ ዳቦ በላች።"
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    ingest([source], tmp_path / "corpus", workers=1)
    corpus = Corpus.open(tmp_path / "corpus")
    kept = {lang: corpus.read(lang)["text"].to_list() for lang in corpus.languages}
    assert kept["am"] == ["እሱ ወደ ቤት ሄደ።", "እሷ ዳቦ በላች።", "እሱ ወደ ቤት ሄደ፡፡", "እሱ ወደ ቤት ሄደ::"]
    assert {lang.split()[0] for lang in WHOLE} == set(kept)
    assert sum(map(len, kept.values())) == len(WHOLE) + 1 + 1  # the Japanese line is two sentences
