"""JSON Lines of every layout, with wrong types, odd numbers, half surrogates and depths that no reader expects."""

import json
from random import Random

from hostile_texts import LANGUAGES, prose, text, title

__all__ = ["json_lines"]

DEPTHS = (10, 200, 1_100, 50_000)
RAW = (
    *(
        "NaN",
        "-Infinity",
        "1e999",
        "-0",
        "0",
        "00",
        "1" * 400,
        "9223372036854775808",
        "18446744073709551616",
        "1.5e-400",
    ),
    *('"\\ud83d"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\nb"', '"\\x"', "'a'", "nul", "", "{}", "[]", "[[]]", "[null]"),
    *('"' + "\\u0301" * 500 + '"', '{"a":1,"a":2}', '"\\ud83d\\ude00"', '"0"', '" "', '"\\u200b"', "tru\\u0065", "//"),
)


class Raw:
    """JSON that is written as it stands, valid or not."""

    def __init__(self, text: str) -> None:
        self.text = text


def json_lines(r: Random) -> bytes:
    """Lines of one layout, nearly always; some have a wrong value, and some are no JSON at all."""
    layout = r.choice((_sections, _sections, _wikipedia, _wikipedia, _segment_wiki))
    lines = []
    for number in range(r.choice((1, 2, 5, 30))):
        row = (layout if r.random() < 0.95 else r.choice((_sections, _wikipedia, _segment_wiki)))(r, number)
        for _ in range(r.choice((0, 0, 0, 1, 1, 3))):
            _spoil(r, row)
        lines.append(_written(r, row) if r.random() < 0.95 else r.choice(("", "  ", "{", "[]", "null", "\x00", "{}{}")))
    end = r.choice(("\n", "\n", "\n", "\r\n", "\n\n", "\r", " "))
    data = end.join(lines) + r.choice(("", "\n"))
    encoded = data.encode("utf-8", "surrogatepass" if r.random() < 0.5 else "replace")
    return r.choice((b"", b"", b"", b"\xef\xbb\xbf", b"\n \n")) + encoded


def _lang(r: Random) -> object:
    return (
        r.choice(LANGUAGES) if r.random() < 0.9 else r.choice(("", "xx-unknown", "PT", " pt ", "pt_BR", "und", "*", 5))
    )


def _id(r: Random, number: int) -> object:
    return r.choice((f"d{number}", number, str(number), "0", 0, "d0", f"d{number % 2}", title(r)))


def _sections(r: Random, number: int) -> dict[str, object]:
    sections = []
    for _ in range(r.choice((1, 1, 2, 6))):
        one: dict[str, object] = {"title": title(r)}
        if r.random() < 0.6:
            one["paragraphs"] = [text(r, 2) for _ in range(r.randint(0, 3))]
        if r.random() < 0.4:
            one["sentences"] = [[prose(r, 1), text(r, 1)] for _ in range(r.randint(0, 2))]
        sections.append(one)
    row: dict[str, object] = {"id": _id(r, number), "lang": _lang(r), "title": title(r), "sections": sections}
    if r.random() < 0.2:
        row["group"] = r.choice(("g", "", 0, None, title(r)))
    return row


def _wikipedia(r: Random, number: int) -> dict[str, object]:
    host = r.choice((*LANGUAGES, "www", "", "xn--p1ai", "[", "a" * 300, "пт"))
    url = r.choice(
        (
            f"https://{host}.wikipedia.org/wiki/X",
            f"//{host}.wiktionary.org",
            f"http://[{host}",
            "ftp://a:b@c:99999/",
            title(r),
        )
    )
    return {"id": _id(r, number), "url": url, "title": title(r), "text": text(r, 4)} | (
        {"lang": _lang(r)} if r.random() < 0.3 else {}
    )


def _segment_wiki(r: Random, number: int) -> dict[str, object]:
    count = r.randint(1, 4)
    return {
        "title": title(r) or f"t{number}",
        "section_titles": [title(r) for _ in range(count)],
        "section_texts": [r.choice(("", "* ", "; ", "'''")) + text(r, 3) for _ in range(count)],
        "interlinks": [["a", "b"]],
    }


def _spoil(r: Random, row: dict[str, object]) -> None:
    """Give a field, at any depth, a value that it must not have, or take it away."""
    place: object = row
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place))) if isinstance(place, list) else []
        if not keys:
            return
        key = r.choice(keys)
        inside = place[key]  # type: ignore[index]
        if isinstance(inside, dict | list) and inside and r.random() < 0.6:
            place = inside
            continue
        if r.random() < 0.2:
            del place[key]  # type: ignore[attr-defined]
        else:
            place[key] = _value(r)  # type: ignore[index]
        return


def _value(r: Random) -> object:
    kind = r.random()
    if kind < 0.4:
        return Raw(r.choice(RAW))
    if kind < 0.55:
        depth = r.choice(DEPTHS)
        opening, closing = r.choice((("[", "]"), ('{"a":', "}"), ('[{"sections":', "}]")))
        return Raw(opening * depth + "1" + closing * (depth if r.random() < 0.8 else depth // 2))
    if kind < 0.65:
        return Raw('"' + r.choice(("a", "\\u0041", "é", "\\\\", "\\ud800")) * r.choice((10, 100_000)) + '"')
    if kind < 0.7:
        return [r.choice((None, 1, "x", [], {}))] * r.choice((1, 20_000))
    return r.choice((None, True, False, 0, -1, 1.5, 1 << 70, "", "x", [], {}, ["x"], {"x": 1}, [["x"]], [{"title": 1}]))


def _written(r: Random, value: object, top: bool = True) -> str:
    """The JSON of a value; `Raw` as it stands, strings escaped or not."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        items = [f"{json.dumps(name)}: {_written(r, one, False)}" for name, one in value.items()]
        if top and r.random() < 0.05:
            items += items[:1]
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(r, one, False) for one in value) + "]"
    return json.dumps(value, ensure_ascii=r.random() < 0.5)
