"""What a template shows, for the few that only wrap a text; all others show nothing here.

Arguments are MediaWiki's: a numbered one (``2=x``) is the positional one, the last of a name counts, and the
blanks around a named one do not.
"""

import re
from collections.abc import Sequence

from sprachbund.corpus.sources.wikitext.marks import NOTHING, masked, unmasked

_ILL = ("ill", "interlanguage link", "仮リンク")
_FIRST = frozenset(("nowrap", "nobr", "small", "big", "abbr", "読み仮名", "нп", "iw", *_ILL))
_LABELS = ("lt", "label")
_TEXTS = ("lang", "transl", "transliteration", "convert", "cvt")
_CHARACTERS = {"!": "|", "=": masked("=")}
_PREFIX = re.compile(r"(?:(?:safesubst|subst|template|msg|int)?:)+", re.I)
LONGEST_NAME = 100
# What stands between the ends of a range, as Module:Convert of the English Wikipedia writes it.
_RANGES = {
    "-": "–",
    "–": "–",
    "to": " to ",
    "to(-)": " to ",
    "to about": " to about ",
    "and": " and ",
    "and(-)": " and ",
    "or": " or ",
    "or(-)": " or ",
    "by": " by ",
    "by(-)": " by ",
    "x": " by ",
    "xx": " × ",
    "*": " × ",
    "×": " × ",
    "+": " + ",
    "+/-": " ± ",
    "±": " ± ",
    ",": ", ",
    ", and": ", and ",
    ", or": ", or ",
}
# Units of which a second, smaller one may follow: 6 ft 2 in.
_SMALLER = {
    "ft": ("in",),
    "yd": ("ft", "in"),
    "mi": ("yd", "ft", "ch", "chain", "furlong"),
    "lb": ("oz",),
    "st": ("lb",),
    "LT": ("cwt", "qr"),
    "cwt": ("qr", "lb"),
    "acre": ("rood", "perch"),
    "h": ("min",),
}
_NUMBER = re.compile(r"[-+−]?[\d.,]+(?:(?:\+\d+)?/+\d+)?")


def shown_template(arguments: Sequence[Sequence[str]]) -> str | None:
    """What ``{{name|argument|...}}`` shows, or None.

    Args:
        arguments: the name and each argument, in pieces; a piece that begins with NOTHING was markup and is no
            name of an argument.
    """
    if len(arguments[0]) == 1 and (name := arguments[0][0]) in _CHARACTERS and len(arguments) == 1:
        return _CHARACTERS[name]
    name = unmasked("".join(arguments[0])).strip()[:LONGEST_NAME]
    if prefix := _PREFIX.match(name):
        name = name[prefix.end() :]
    name = " ".join(name.replace("_", " ").split()).lower()
    if name.startswith("formatnum:"):
        return name.removeprefix("formatnum:")
    if name not in _FIRST and name not in _TEXTS and not name.startswith("lang-"):
        return None
    values = _named(arguments[1:])
    if name == "lang":
        return values.get("2", values.get("text"))
    if name in ("transl", "transliteration"):
        return next((values[key] for key in ("3", "2") if key in values), None)
    if name in ("convert", "cvt"):
        return _measure([values[str(number)] for number in range(1, len(values) + 1) if str(number) in values])
    if name in _ILL and (label := next((values[key] for key in _LABELS if values.get(key)), None)):
        return label
    return values.get("1")


def _named(arguments: Sequence[Sequence[str]]) -> dict[str, str]:
    """The arguments by name; the positional ones are named 1, 2, 3..."""
    values: dict[str, str] = {}
    position = 0
    for pieces in arguments:
        equals = next((n for n, piece in enumerate(pieces) if "=" in piece and not piece.startswith(NOTHING)), None)
        if equals is None:
            position += 1
            values[str(position)] = "".join(pieces)
        else:
            name, _, begin = pieces[equals].partition("=")
            values[("".join(pieces[:equals]) + name).strip()] = "".join((begin, *pieces[equals + 1 :])).strip()
    return values


def _measure(values: list[str]) -> str | None:
    """``5|to|10|km`` as 5 to 10 km, ``6|ft|2|in`` as 6 ft 2 in; None without a unit. What is converted is left out."""
    plain = [unmasked(value).strip() for value in values]
    shown: list[str] = []
    place = 0
    while place + 2 < len(plain) and plain[place + 1].lower() in _RANGES:
        shown += plain[place], _RANGES[plain[place + 1].lower()]
        place += 2
    if place + 1 >= len(plain):
        return None
    unit = plain[place + 1]
    shown.append(f"{plain[place]} {unit}")
    place += 2
    # A number behind the unit is the precision, unless a smaller unit follows it.
    while place + 1 < len(plain) and plain[place + 1] in _SMALLER.get(unit, ()) and _NUMBER.fullmatch(plain[place]):
        unit = plain[place + 1]
        shown.append(f" {plain[place]} {unit}")
        place += 2
    return "".join(shown)
