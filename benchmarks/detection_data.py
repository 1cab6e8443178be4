"""What `detection.py` judges on: snippets of known language by length, from five collections, in two or three sides.

What is on which side (train, dev, test) is told by a hash of it, so that ours is never judged on what it was trained
on: a paragraph of the UDHR, a document of Wikipedia. The other collections, of which nothing is trained on, have dev
and test alone. Snippets are cut at the ends of words; those of one word are words.
"""

import gzip
import io
import json
import random
import re
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sprachbund.errors import LanguageError
from sprachbund.languages import spoken
from sprachbund.normal_forms import normal_form

LENGTHS = {
    "word": (1, 40),
    "10-20": (10, 20),
    "20-40": (20, 40),
    "40-80": (40, 80),
    "80-160": (80, 160),
    ">160": (161, 400),
}
A_CELL = 10
"""Snippets of a collection, a language and a length at most."""

# ISO 639-3 of individual languages to the codes that corpora use; what `spoken` says is right for the others
_ISO = {
    "als": "sq", "arb": "ar", "ara": "ar", "azj": "az", "cmn": "zh", "ekk": "et", "khk": "mn", "lvs": "lv", "nob": "no",
    "nb": "no", "pes": "fa", "plt": "mg", "swh": "sw", "uzn": "uz", "ydd": "yi", "zsm": "ms", "fri": "fy", "gug": "gn",
    "ike": "iu", "ojb": "oj", "fuc": "ff", "kng": "kg", "knc": "kr", "tzm": "zgh", "ayr": "ay", "swg": "als",
    "gsw": "als", "src": "sc", "ber": "ber", "nno": "nn", "srp": "sr", "lnc": "oc", "prv": "oc", "auv": "oc",
    "quy": "qu", "quz": "qu", "qud": "qu", "qug": "qu", "qva": "qu", "qvc": "qu", "qvh": "qu", "qvm": "qu", "qvn": "qu",
    "qwh": "qu", "qxa": "qu", "qxn": "qu", "qxu": "qu", "mly": "ms", "khm": "km", "ory": "or", "npi": "ne",
    "kzj": "dtp", "max": "max", "arq": "arq", "simple": "en", "sh": "sh", "kur": "ku", "cbk": "cbk-zam", "eml": "eml",
    "aka": "ak", "hau": "ha", "nya": "ny", "tgl": "tl", "fil": "tl", "hbs": "sh", "msa": "ms", "nor": "no", "zho": "zh",
    "roh": "rm", "mol": "ro", "bih": "bh", "bho": "bh", "nrm": "nrm", "jiv": "jiv", "iw": "he", "in": "id", "jw": "jv",
    "vro": "vro", "sgs": "bat-smg", "egl": "eml", "rup": "roa-rup", "nan": "zh-min-nan", "lzh": "zh-classical",
    "prs": "fa", "fuv": "ff", "kmr": "ku", "swa": "sw", "que": "qu", "lat": "la", "fas": "fa", "lav": "lv",
    "grn": "gn", "ori": "or", "aym": "ay", "iku": "iu", "mlg": "mg", "mon": "mn", "sqi": "sq", "aze": "az", "kom": "kv",
    "yid": "yi", "srd": "sc", "kpv": "kv", "zlm": "ms", "uzs": "uz", "pbt": "ps", "pbu": "ps", "est": "et", "uzb": "uz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text of known language: the collection, its side, the name of its length."""

    data: str
    side: str
    language: str
    length: str
    text: str


def code_of(name: str) -> str | None:
    """The corpora's code for a name of a language in any scheme; None where nobody knows it."""
    bare = re.split(r"[-_]", name)[0] if name not in ("zh-min-nan",) else name
    if bare in _ISO:
        return _ISO[bare]
    if not bare.isalpha():  # texts of the UDHR without a code
        return None
    try:
        return spoken(bare)
    except LanguageError:
        return None


def side_of(key: str) -> str:
    """Train six of ten, dev two, test two."""
    number = blake2b(key.encode(), digest_size=4).digest()[0]
    return "train" if number < 154 else "dev" if number < 205 else "test"


def texts(data: Path) -> Iterator[tuple[str, str, str, str]]:
    """The collection, the side, the language and the text of every paragraph, in one order."""
    yield from _udhr(data / "udhr" / "udhr2.zip")
    yield from _documents("wikipedia", data / "wikipedia")
    yield from _documents("berlin", data / "wikipedia_berlin", unseen=True)
    yield from _documents("bible", data / "bible", unseen=True)
    yield from _tatoeba(data / "retrieval" / "laser_tatoeba_v1.tar.xz")


def _udhr(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            language = code_of(Path(name).stem)
            if not name.endswith(".txt") or language is None:
                continue
            for line in normal_form("NFC", archive.read(name).decode("utf-8", "replace")).splitlines():
                if len(line.strip()) > 3:
                    # one paragraph of many languages is on one side in all that number alike; by its own text else
                    yield "UDHR", side_of(line.strip()), language, line.strip()


def _documents(data: str, folder: Path, unseen: bool = False) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        budget: dict[tuple[str, str], int] = defaultdict(int)
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                language = code_of(document["lang"]) or document["lang"]
                if document["lang"] == "als":
                    language = "als"
                place = f"{document['lang']} {document['id']}"
                for section in document["sections"]:
                    paragraphs = section.get("paragraphs") or [" ".join(part) for part in section.get("sentences", [])]
                    for text in paragraphs:
                        side = side_of(text if unseen else place)
                        side = "dev" if unseen and side == "train" else side
                        if budget[language, side] > 400_000:
                            continue
                        budget[language, side] += len(text)
                        yield data, side, language, normal_form("NFC", text)


def _tatoeba(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            code = member.name.rsplit(".", 1)[-1]
            handle = archive.extractfile(member) if code not in ("md", "eng") and "tatoeba." in member.name else None
            language = code_of(code)
            if handle is None or language is None:
                continue
            for line in io.TextIOWrapper(handle, encoding="utf-8"):
                yield (
                    "Tatoeba",
                    "test" if side_of(line) == "test" else "dev",
                    language,
                    normal_form("NFC", line.strip()),
                )


def snippets(data: Path, seed: int = 1) -> list[Snippet]:
    """Snippets of dev and test, at most `A_CELL` a cell."""
    paragraphs: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name, side, language, text in texts(data):
        if side != "train" and any(map(str.isalpha, text)):
            paragraphs[name, side, language].append(text)
    found = []
    for (name, side, language), pool in sorted(paragraphs.items()):
        for length in LENGTHS:
            order = random.Random(f"{seed} {name} {side} {language} {length}")
            cell: dict[str, None] = {}
            for text in order.sample(pool, len(pool)):
                if len(cell) == A_CELL:
                    break
                if (piece := _piece(text, length, order)) is not None:
                    cell[piece] = None
            found += [Snippet(name, side, language, length, piece) for piece in cell]
    return found


def _piece(text: str, length: str, order: random.Random) -> str | None:
    low, high = LENGTHS[length]
    words = text.split()
    if length == "word":
        words = [bare for word in words if len(bare := re.sub(r"^\W+|\W+$", "", word)) > 1 and bare.isalpha()]
        words = [word for word in words if len(word) <= high]
        return order.choice(words) if words else None
    if len(text) < low:
        return None
    if not words or max(map(len, words)) > high:  # scripts without spaces
        start = order.randrange(max(1, len(text) - high))
        piece = text[start : start + (low + high) // 2].strip()
        return piece if len(piece) >= low else None
    start = order.randrange(len(words)) if len(text) > high else 0
    piece = ""
    for word in words[start:]:
        if len(piece) + 1 + len(word) > high:
            break
        piece = f"{piece} {word}".strip()
        if len(piece) >= (low + high) // 2:
            break
    return piece if low <= len(piece) <= high else None
