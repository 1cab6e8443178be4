"""Sentences and words: worked examples in many scripts, and what holds for any text."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sprachbund.corpus.characters import DROPPED, JOINABLE, MIDDLE_DOT, WORD, character_tables
from sprachbund.corpus.folding import fold
from sprachbund.corpus.segment import (
    needs_dictionary,
    normalise,
    sentences,
    split_words_by_dictionary,
    words,
)

LANGUAGES = st.sampled_from(["en", "de", "hy", "th", "ja", "zh", "uk", "simple", "zh-yue", "no such language"])
CHARACTERS = "aZсЯשצกาขລຂမြក្យ漢字かなカー1.!?。।։:;'’\"״·Σσİ \n\u200b\u200c\u200d\u00ad\ufeff"
MORE_CHARACTERS = "\ufe0f\u0301\u3099\u20e3「」(—-\U00020000😀\ud800\x00"
PIECES = st.sampled_from([*CHARACTERS, *MORE_CHARACTERS, "Dr", "word", ". ", "слово. "])
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))


def squeezed(text: str) -> str:
    """The text without its whitespace."""
    return "".join(text.split())


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The 3 QUICK foxes, don't!", ["the", "3", "quick", "foxes", "don", "t"]),
        ("fr", "L'homme qu’on aime", ["l", "homme", "qu", "on", "aime"]),
        ("uk", "П'ять п’ять пʼять", ["п'ять", "п'ять", "п'ять"]),
        ("uk", "'п' т'", ["п", "т"]),
        ("uk", "п''ять", ["п", "ять"]),
        ("ca", "col·legi · l·", ["col·legi", "l"]),
        ("he", 'צה"ל צה״ל ג׳ירפה "שלום"', ['צה"ל', 'צה"ל', "ג'ירפה", "שלום"]),
        ("he", 'א"a צָ"ל', ["א", "a", 'צ"ל']),
        ("hy", "բ՚ա Երևան", ["բ'ա", "երեւան"]),
        ("fa", "می\u200cخواهم کتاب", ["میخواهم", "کتاب"]),
        ("hi", "हिन्दी में ३ किताबें।", ["हिन्दी", "में", "३", "किताबें"]),
        ("bn", "জন\u200d্য জন্য", ["জন্য", "জন্য"]),
        ("tr", "İstanbul Iğdır", ["istanbul", "ığdır"]),
        ("el", "ΟΔΟΣ ΣΟΦΟΣ Σ Σ. σ", ["οδος", "σοφος", "σ", "σ", "σ"]),
        ("de", "Straße GROẞ Silben\u00adtrennung", ["strasse", "gross", "silbentrennung"]),
        ("ko", "한국어 단어는 띄어 쓴다", ["한국어", "단어는", "띄어", "쓴다"]),
        ("ar", "\u200fكِتَاب\u200e ١٢", ["كتاب", "١٢"]),
        ("th", "ภาษาไทยสวย", ["ภาษา", "ไทย", "สวย"]),
        ("lo", "ຂ້ອຍຮັກພາສາລາວ", ["ຂ້ອຍ", "ຮັກ", "ພາສາ", "ລາວ"]),
        ("km", "ខ្ញុំស្រលាញ់ភាសាខ្មែរ", ["ខ្ញុំ", "ស្រលាញ់", "ភាសាខ្មែរ"]),
        ("my", "မြန်မာစာ", ["မြန်မာ", "စာ"]),
        ("zh", "我喜欢中文。", ["我", "喜欢", "中文"]),
        ("ja", "私は日本語を勉強", ["私", "は", "日本語", "を", "勉強"]),
        ("ja", "2023年にiPhoneを", ["2023", "年", "に", "iphone", "を"]),
        ("zh", "约翰·史密斯", ["约翰", "史密斯"]),
        ("en", "snake_case e-mail x2 ½", ["snake", "case", "e", "mail", "x2", "½"]),
        ("en", "zero\u200bwidth", ["zero", "width"]),
        ("en", "😀 👨\u200d👩\u200d👧 ❤\ufe0f 🇩🇪 1\ufe0f\u20e3", ["1"]),
        ("en", "", []),
        ("en", " .,;· ' \" ", []),
    ],
)
def test_words_of_many_scripts(language: str, text: str, expected: list[str]) -> None:
    """Worked out by hand from the rule; the dictionary words are those of any dictionary."""
    assert words(text, language) == expected


@given(TEXTS, LANGUAGES)
def test_composed_and_decomposed_text_have_the_same_words(text: str, language: str) -> None:
    """NFD equals NFC."""
    assert words(unicodedata.normalize("NFD", text), language) == words(unicodedata.normalize("NFC", text), language)


@given(TEXTS, LANGUAGES)
def test_words_keep_every_letter_mark_and_number_and_their_order(text: str, language: str) -> None:
    """Against the folded text itself: apart from what joins, the words are its L, M and N, in their order."""
    classes, lower = character_tables()

    def kept(value: str) -> str:
        return "".join(c for c in value if classes[ord(c)] in (WORD, JOINABLE)).replace("ς", "σ")

    folded = fold(unicodedata.normalize("NFC", text), language)
    lowered = "".join(chr(lower[ord(c)]) for c in folded if classes[ord(c)] in (WORD, JOINABLE))
    assert kept("".join(words(text, language))) == kept(lowered.replace("ß", "ss"))


@given(TEXTS, LANGUAGES)
def test_no_word_is_empty_and_none_has_a_separator(text: str, language: str) -> None:
    """Every code point of a word is a letter, a mark, a number or one of the three that join."""
    classes, _ = character_tables()
    for word in words(text, language):
        assert word
        assert all(classes[ord(c)] in (WORD, JOINABLE, MIDDLE_DOT) or c in "'\"" for c in word)
        assert not any(classes[ord(c)] == DROPPED for c in word)


# ---------------------------------------------------------------- the dictionary


@pytest.mark.parametrize("text", ["ไ", "ລ", "ក", "က", "漢", "か", "カ", "ｶ", "x\U00020000", "English, then 中"])
def test_scripts_without_spaces_need_the_dictionary(text: str) -> None:
    """One letter is enough."""
    assert needs_dictionary(text)


@pytest.mark.parametrize("text", ["", "ascii", "Ünïcode Кир עב عر हि 한국 ՀԱ", "。「」฿๏", "😀\u200b"])
def test_other_text_does_not_need_the_dictionary(text: str) -> None:
    """Hangul, punctuation and currency do not count; such text comes back as the same object."""
    assert not needs_dictionary(text)
    assert split_words_by_dictionary(text, "en") is text


def test_dictionary_words_are_parted_by_zero_width_space() -> None:
    """Also where they touch a letter or digit of another script, and nowhere else."""
    assert split_words_by_dictionary("iPhone 5が好き。ok", "ja") == "iPhone 5\u200bが\u200b好き。ok"


def test_zero_width_spaces_that_were_there_stay() -> None:
    """Even in the middle of a dictionary word, which they part; none is put beside them."""
    assert split_words_by_dictionary("ภา\u200bษา ไทยสวย", "th") == "ภา\u200bษา ไทย\u200bสวย"


@given(TEXTS, LANGUAGES)
@example("ก\nข\r\nค", "th")
@example("か\u3099カ\ufe00漢\U000e0100", "ja")
def test_the_dictionary_changes_nothing_but_zero_width_spaces(text: str, language: str) -> None:
    """Without U+200B, before and after are the same; no U+200B of the text is lost."""
    result = split_words_by_dictionary(text, language)
    assert result.replace("\u200b", "") == text.replace("\u200b", "")
    assert result.count("\u200b") >= text.count("\u200b")


@given(TEXTS, LANGUAGES)
def test_the_dictionary_never_parts_a_mark_from_its_letter(text: str, language: str) -> None:
    """A U+200B that was put in never stands before a combining mark."""
    text = text.replace("\u200b", "")
    followers = re.findall("\u200b(.)", split_words_by_dictionary(text, language), re.DOTALL)
    assert not any(unicodedata.category(follower)[0] == "M" for follower in followers)


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Mr. Smith met J. K. Rowling at 5 p.m. in St. Louis.", "Was it e.g. fun?", "Yes!"]),
        ("en", ["“Where is it?” she asked.", "It was gone."]),
        ("en", ["The war ended.", "1945 was a year of hunger."]),
        ("en", ["It costs 3.50 at www.example.com today.", "Fine."]),
        ("pl", ["Otworzyły się drzwi.", "- Co ci znów ukradła?", "- Nic."]),
        ("de", ["Am 5. Mai kam Dr. Müller z. B. nach Köln.", "Er blieb."]),
        ("el", ["Πού είναι ο κ. Παππάς;", "Εδώ είναι."]),
        ("ru", ["Это написал М. Ю. Лермонтов.", "А это нет."]),
        ("ar", ["هذه الجملة الأولى.", "هل هذا صحيح؟", "نعم!"]),
        ("ur", ["یہ پہلا جملہ ہے۔", "یہ دوسرا ہے۔"]),
        ("hi", ["यह पहला वाक्य है।", "यह दूसरा वाक्य है।"]),
        ("am", ["ይህ የመጀመሪያ ነው።", "ይህ ሁለተኛ ነው።"]),
        ("hy", ["Սա առաջինն է։", "Սա երկրորդն է:", "Սա երրորդն է։"]),
        ("my", ["ကျွန်တော် သွားမယ်။", "သူ လာတယ်။"]),
        ("km", ["ខ្ញុំទៅផ្សារ។", "គាត់មកផ្ទះ។"]),
    ],
)
def test_sentences_of_many_scripts(language: str, expected: list[str]) -> None:
    """Sentences joined with a space come apart again."""
    assert sentences(" ".join(expected), language) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", ["这是第一句。", "这是第二句！", "对吗？"]),
        ("ja", ["これは一番です。", "「そうですか。」", "はい。"]),
    ],
)
def test_sentences_of_scripts_without_spaces(language: str, expected: list[str]) -> None:
    """Joined without a space; an opening bracket belongs to the sentence that it opens."""
    assert sentences("".join(expected), language) == expected


def test_thai_is_cut_at_spaces_once_it_is_long() -> None:
    """Thai has no full stop: three clauses of 45 letters give one piece of two, then the last."""
    clause = "กา" * 22 + "ก"
    assert sentences(" ".join([clause] * 3), "th") == [f"{clause} {clause}", clause]


def test_a_line_break_is_a_space_and_an_empty_line_ends_a_sentence() -> None:
    """Hard-wrapped lines are one sentence, a heading above an empty line is its own."""
    assert sentences("A heading\n\nA line that\r\nis wrapped. Next.", "en") == [
        "A heading",
        "A line that\r\nis wrapped.",
        "Next.",
    ]


@given(TEXTS, LANGUAGES)
@example("「。「(", "ja")
@example("กา " * 100, "th")
def test_sentences_lose_nothing_but_whitespace(text: str, language: str) -> None:
    """Whitespace aside they are the text; none is empty or has blanks at its ends."""
    found = sentences(text, language)
    assert squeezed("".join(found)) == squeezed(text)
    assert all(sentence and sentence == sentence.strip() for sentence in found)


def test_a_long_text_comes_back_whole() -> None:
    """A megabyte of one sentence, and a text of nothing but full stops."""
    for text in ("word " * 200_000, ". " * 100_000):
        assert squeezed("".join(sentences(text, "en"))) == squeezed(text)


# ---------------------------------------------------------------- normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\t\n b\u00a0\u3000c\x00d\x85 ", "a b c d"),
        ("e\u0301", "é"),
        ("a\ud800b", "a b"),
        ("\u200bzero\u200b", "\u200bzero\u200b"),
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    """NFC, and one space for blanks, control characters and halves of surrogate pairs."""
    assert normalise(text) == expected


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    """The result is in NFC, stripped, and can be written as UTF-8."""
    once = normalise(text)
    assert normalise(once) == once == once.strip()
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


# ---------------------------------------------------------------- line breaks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "北京是中华人民共和国的首\n都，也是全国的政治中\n心。长城在北边。",
            "北京是中华人民共和国的首都，也是全国的政治中心。长城在北边。",
        ),
        ("日本語の文\nは空白を\r\n書かない。\n次の文。", "日本語の文は空白を書かない。次の文。"),
        ("カタ\nカナ", "カタカナ"),
        ("ｶﾀ\nｶﾅ", "ｶﾀｶﾅ"),  # half-width
        ("ꆈꌠ\nꁱꂷ", "ꆈꌠꁱꂷ"),  # Yi
        ("首都。\n　　长城", "首都。长城"),  # the next line is indented with wide spaces
        ("他说：\n“你好”\n。", "他说：“你好”。"),  # curly quotation marks are of ambiguous width
        ("漢\n\U00020000", "漢\U00020000"),
        ("首 都\n市", "首 都市"),  # a space that is no line break stays
        ("首\u2028都", "首都"),
        ("中文\nLatin\n中文", "中文 Latin 中文"),
        ("第\n3\n章", "第 3 章"),
        ("“quoted”\n“again”", "“quoted” “again”"),
        ("한국어\n단어", "한국어 단어"),
        ("大韓民國\n한국", "大韓民國 한국"),
        ("ภาษา\nไทย", "ภาษา ไทย"),
        ("ພາສາ\nລາວ", "ພາສາ ລາວ"),
        ("ភាសា\nខ្មែរ", "ភាសា ខ្មែរ"),
        ("မြန်မာ\nစာ", "မြန်မာ စာ"),
        ("བོད་\nཡིག", "བོད་ ཡིག"),
        ("हिन्दी\nभाषा", "हिन्दी भाषा"),
        ("اللغة\nالعربية", "اللغة العربية"),
        ("a line\nthat is wrapped", "a line that is wrapped"),
    ],
)
def test_a_line_break_is_nothing_between_wide_characters_and_a_space_elsewhere(text: str, expected: str) -> None:
    """CSS Text 4, segment break transformation: East Asian Width W, F or H on both sides, and no Hangul."""
    assert normalise(text) == expected


def test_the_width_of_unicode_decides() -> None:
    """Against Python's East Asian Width, over one character of every thousand and the blocks of Hangul."""
    points = [*range(0x21, 0x30000, 997), *range(0x1100, 0x1200, 9), *range(0xAC00, 0xD7A4, 501), 0xFFA1, 0x3131]
    for point in points:
        character = chr(point)
        category = unicodedata.category(character)
        if category[0] in "MZC" or category == "Lm":
            continue
        wide = unicodedata.east_asian_width(character) in "WFH" and "HANGUL" not in unicodedata.name(character, "")
        wide = wide or (unicodedata.east_asian_width(character) == "A" and category[0] in "PS")
        assert normalise(f"中\n{character}") == unicodedata.normalize("NFC", f"中{'' if wide else ' '}{character}"), (
            hex(point)
        )
