"""The table of characters: classes and lower case, checked against Python's own Unicode data."""

import unicodedata

import pytest

from sprachbund.corpus.characters import (
    APOSTROPHE,
    DROPPED,
    GERSHAYIM,
    JOINABLE,
    MIDDLE_DOT,
    SEPARATOR,
    WORD,
    character_tables,
)


@pytest.mark.parametrize(
    ("characters", "expected"),
    [
        ("aß1٣一คकが", WORD),
        (
            "\u0301\u093e\u200c\u02bc",
            WORD,
        ),  # combining acute, a Devanagari vowel sign, ZWNJ, the letter apostrophe
        ("їЯאת\u05efԱև", JOINABLE),
        ("'’\u05f3\u055a", APOSTROPHE),
        ('"\u05f4', GERSHAYIM),
        ("·", MIDDLE_DOT),
        ("\u00ad\u200d\u200e\u200f\u061c\u202a\u2066\u2060\ufeff\ufe0f\u20e3\U000e0100", DROPPED),
        (" \n.,-_\u200b。।😀\u05eb\ud800", SEPARATOR),  # U+05EB is not assigned
    ],
)
def test_each_character_has_its_class(characters: str, expected: int) -> None:
    """Examples of every class."""
    classes, _ = character_tables()
    assert {character: int(classes[ord(character)]) for character in characters} == dict.fromkeys(characters, expected)


def test_word_classes_are_letters_marks_and_numbers_and_nothing_else() -> None:
    """Over all of Unicode: WORD and JOINABLE hold L, M and N but for what is dropped, and ZWNJ besides."""
    classes, _ = character_tables()
    wrong = []
    for point in range(len(classes)):
        is_word = classes[point] in (WORD, JOINABLE)
        expected = unicodedata.category(chr(point))[0] in "LMN" or point == 0x200C
        if is_word != expected and classes[point] != DROPPED:
            wrong.append(hex(point))
    assert wrong == []


def test_no_letter_or_number_is_dropped() -> None:
    """What is dropped has category Cf, Mn or Me: no text loses a letter."""
    classes, _ = character_tables()
    dropped = [chr(point) for point in range(len(classes)) if classes[point] == DROPPED]
    assert {unicodedata.category(character) for character in dropped} == {"Cf", "Mn", "Me"}


def test_joinable_code_points_are_letters_of_three_scripts() -> None:
    """By their Unicode names."""
    classes, _ = character_tables()
    names = [unicodedata.name(chr(point)) for point in range(len(classes)) if classes[point] == JOINABLE]
    scripts = ("CYRILLIC", "HEBREW", "ARMENIAN")
    assert [name for name in names if not any(script in name for script in scripts)] == []
    assert all(any(script in name for name in names) for script in scripts)


def test_lower_case_is_pythons_but_for_two_code_points() -> None:
    """U+0130 has only its i here; the letter apostrophe becomes the plain one."""
    _, lower = character_tables()
    other = {hex(p): chr(lower[p]) for p in range(len(lower)) if chr(lower[p]) != chr(p).lower()}
    assert other == {"0x130": "i", "0x2bc": "'"}


def test_lower_case_of_a_lower_case_is_itself() -> None:
    """Folding twice changes nothing."""
    _, lower = character_tables()
    assert (lower[lower] == lower).all()
