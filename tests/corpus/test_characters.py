"""The table of characters: classes and lower case, checked against Python's own Unicode data."""

import unicodedata

import numpy as np
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
            "\u0301\u093e\u0654\u065f\u07eb\u02bc",
            WORD,
        ),  # acute, a Devanagari vowel sign, Arabic hamza and wavy hamza, a tone of N'Ko, the letter apostrophe
        ("їЯאת\u05efԱև", JOINABLE),
        ("'’\u05f3\u055a", APOSTROPHE),
        ('"\u05f4', GERSHAYIM),
        ("·", MIDDLE_DOT),
        ("\u0640\u07fa\u180a\u200d", DROPPED),  # they only join: tatweel, lajanyalan, nirugu, ZWJ
        ("\u05b8\u05c1\u0591\u064b\u0670\u06d6\u0730\u0711\u0818\ufb1e", DROPPED),  # points of abjads
        ("\u034f\u200c\u3164\u180e\ufe0f\U000e0020", DROPPED),  # not shown
        ("\u00ad\u200d\u200e\u200f\u061c\u202a\u2066\u2060\ufeff\ufe0f\u20e3\U000e0100", DROPPED),
        (" \n.,-_\u200b。।😀\u05eb\ud800", SEPARATOR),  # U+05EB is not assigned
    ],
)
def test_each_character_has_its_class(characters: str, expected: int) -> None:
    """Examples of every class."""
    classes, _ = character_tables()
    assert {character: int(classes[ord(character)]) for character in characters} == dict.fromkeys(characters, expected)


def test_word_classes_are_letters_marks_and_numbers_and_nothing_else() -> None:
    """Over all of Unicode: WORD and JOINABLE hold L, M and N but for what is dropped."""
    classes, _ = character_tables()
    wrong = []
    for point in range(len(classes)):
        is_word = classes[point] in (WORD, JOINABLE)
        if is_word != (unicodedata.category(chr(point))[0] in "LMN") and classes[point] != DROPPED:
            wrong.append(hex(point))
    assert wrong == []


def test_no_letter_or_number_is_dropped() -> None:
    """What is dropped is a mark or not shown, but for what only stretches and the Hangul fillers: no letter is lost."""
    classes, _ = character_tables()
    dropped = [chr(point) for point in range(len(classes)) if classes[point] == DROPPED]
    others = {c for c in dropped if unicodedata.category(c) not in ("Cf", "Cn", "Mn", "Me")}
    assert others == set("\u0640\u07fa\u180a\u115f\u1160\u3164\uffa0")
    assert not any(unicodedata.category(c)[0] == "N" for c in dropped)


def test_marks_that_are_dropped_are_points_of_abjads() -> None:
    """By their names: no mark of a script in which vowels are letters or signs, but for those that are not shown."""
    classes, _ = character_tables()
    abjads = ("HEBREW", "ARABIC", "SYRIAC", "SAMARITAN", "MANDAIC")
    unseen = ("VARIATION SELECTOR", "GRAPHEME JOINER", "KHMER VOWEL INHERENT", "ENCLOSING")
    for point in np.flatnonzero(classes == DROPPED).tolist():
        if unicodedata.category(chr(point))[0] == "M":
            assert any(part in unicodedata.name(chr(point)) for part in (*abjads, *unseen)), hex(point)
    assert set(classes[0x653:0x660].tolist()) == {WORD}  # hamza, madda and the vowels of Kashmiri and African languages


def test_joinable_code_points_are_letters_of_three_scripts() -> None:
    """By their Unicode names."""
    classes, _ = character_tables()
    names = [unicodedata.name(chr(point)) for point in range(len(classes)) if classes[point] == JOINABLE]
    scripts = ("CYRILLIC", "HEBREW", "ARMENIAN")
    assert [name for name in names if not any(script in name for script in scripts)] == []
    assert all(any(script in name for name in names) for script in scripts)


def test_lower_case_is_pythons_but_for_two_code_points() -> None:
    """U+0130 has its i alone; the letter apostrophe becomes the plain one."""
    _, lower = character_tables()
    other = {hex(p): chr(lower[p]) for p in range(len(lower)) if chr(lower[p]) != chr(p).lower()}
    assert other == {"0x130": "i", "0x2bc": "'"}


def test_lower_case_of_a_lower_case_is_itself() -> None:
    """Folding twice changes nothing."""
    _, lower = character_tables()
    assert (lower[lower] == lower).all()
