"""What strangers wrote reaches a terminal as something that can be seen, and what writing needs stays as it is."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.visible import ascii_json, one_line, visible, visible_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]52;c;cm0gLXJmIH4=\x07", r"\x1b]52;c;cm0gLXJmIH4=\x07"),  # writes into the clipboard
        ("\x1b]8;;http://a\x1b\\b\x1b]8;;\x1b\\", r"\x1b]8;;http://a\x1b\b\x1b]8;;\x1b" + "\\"),  # a link
        ("\x9b2J\x90q\x9c", r"\x9b2J\x90q\x9c"),  # the same in one byte, which xterm obeys
        ("real\rfake\b\x00\x7f", r"real\rfake\x08\x00\x7f"),
        ("a\nb\tc\u2028d\u2029e\x85", r"a\nb\tc\u2028d\u2029e\x85"),
        ("user\u202etxt.exe\u2066\u2069", r"user\u202etxt.exe\u2066\u2069"),
        ("a\u200bb\ufeff\u2060\u00ad", r"a\u200bb\ufeff\u2060\xad"),
        ("p\u0430y\u200dpal", "p\u0430y" + r"\u200d" + "pal"),
        ("\u200dx", r"\u200dx"),
        ("\udcff\udc80", r"\xff\x80"),  # bytes of a file name that are no UTF-8
        ("\ud83d!", r"\ud83d!"),
        ("\U000e0041\ufffe\U0001fffe\u3164", r"\U000e0041\ufffe\U0001fffe\u3164"),
        ("[red]bold[/red] :smile:", "[red]bold[/red] :smile:"),
        (r"C:\x1b", r"C:\x1b"),
    ],
)
def test_what_acts_or_hides_is_escaped(text: str, expected: str) -> None:
    """Escapes, controls, overrides, what has no width, what is no character."""
    assert visible(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with ZWNJ
        "\u0995\u09cd\u200d\u09af",  # Bengali with ZWJ
        "\u0d05\u0d35\u0d28\u0d4d\u200d \u0d2a\u0d4b\u0d2f\u0d3f",  # Malayalam, whose words end with ZWJ
        "\u1781\u17d2\u1789\u17bb\u17c6\u200b\u1791\u17c5",  # Khmer words
        "\u05e9\u05dc\u05d5\u05dd\u200f! \u200e\u05d0",  # Hebrew with direction marks
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525",
        "\u0601\u0661\u06dd",  # signs of numbers, which can be seen
        "e\u0301 \u00a0 \u3000 \ue000 \u4e2d\u6587",
    ],
)
def test_what_writing_needs_stays(text: str) -> None:
    """Joiners between letters that join, marks beside letters from right to left, every letter."""
    assert visible(text) == text


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_nothing_of_any_text_acts(text: str) -> None:
    """Of Unicode's control, format, separating and surrogate characters only those that writing needs are left."""
    shown = visible(text)
    left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert left <= {*"\u200b\u200c\u200d\u200e\u200f\u061c", *map(chr, [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890])} | {
        *map(chr, [0x891, 0x8E2, 0x110BD, 0x110CD])
    }
    assert "\n" not in one_line(text)
    shown.encode()
    assert visible(shown) == shown


@given(st.text(), st.text())
def test_json_stays_the_same_value(key: str, value: str) -> None:
    """Escaped as JSON does it, or to ASCII alone."""
    made = json.dumps({key: [value]}, ensure_ascii=False, indent=1)
    assert json.loads(visible_json(made)) == {key: [value]}
    assert not {"\x7f", "\x9b", "\u202e", "\u200b"} & set(visible_json(made))
    assert ascii_json(visible_json(made)).isascii() and json.loads(ascii_json(made)) == {key: [value]}


def test_every_character_of_the_tables_is_known() -> None:
    """Each code point alone, against the property's name: nothing without a glyph is left out of ASCII and Latin-1."""
    for point in range(0x100):
        assert (visible(chr(point)) == chr(point)) == (unicodedata.category(chr(point)) not in ("Cc", "Cf"))
    assert visible(chr(sys.maxunicode)) == r"\U0010ffff"
