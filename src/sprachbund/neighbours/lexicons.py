"""Lexicons of pronunciations: WikiPron (phones parted by blanks) and ipa-dict (one string in slashes)."""

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from sprachbund.neighbours.identities import alpha3
from sprachbund.neighbours.sources import Sources
from sprachbund.normal_forms import normal_form

__all__ = ["file_of", "name_of", "phones_in", "read_ipa_dict", "read_lexicon", "read_wikipron"]

_UNSAID = re.compile(r"[ˈˌ.‿͡|‖\s/\[\]()˥˦˧˨˩0-9]")
# a phone is a letter with the marks and modifiers behind it; a length mark is one of them
_PHONE = re.compile(r"\w[\u0300-\u036fʰʲʷˠˤːˑʼⁿˡ̃]*|[ǀǁǂǃ]")
_NARROWER = ("broad", "narrow")


def file_of(sources: Sources, code: str) -> Path | None:
    """The file of a language's lexicon: WikiPron's, broad before narrow, else ipa-dict's; None without one."""
    folder = sources.find("wikipron")
    for iso in alpha3(code) if folder is not None else ():
        for kind in _NARROWER:
            for path in sorted(folder.glob(f"{iso}_*{kind}*.tsv*")) if folder is not None else ():
                return path
    folder = sources.find("ipa")
    named = sorted(folder.glob(f"{code}*.txt*")) if folder is not None else []
    return next((path for path in named if re.split(r"[._]", path.name)[0] == code), None)


def name_of(path: Path) -> str:
    """A lexicon as a source is named: its publisher and its file."""
    return f"{'WikiPron' if '.tsv' in path.name else 'ipa-dict'} {path.name.split('.')[0]}"


def read_lexicon(path: Path) -> dict[str, tuple[str, ...]]:
    """Words, NFC and lower case, with their phones; of several pronunciations the first."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
        return read_wikipron(lines) if ".tsv" in path.name else read_ipa_dict(lines)


def read_wikipron(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``word<TAB>p h o n e s``; lines of another form are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        word, tab, said = line.rstrip("\n").partition("\t")
        phones = tuple(plain for each in said.split() if (plain := normal_form("NFC", _UNSAID.sub("", each))))
        if tab and phones:
            found.setdefault(normal_form("NFC", word).lower(), phones)
    return found


def read_ipa_dict(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``word<TAB>/phones/, /others/``."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        word, tab, said = line.rstrip("\n").partition("\t")
        phones = phones_in(said.split(",")[0])
        if tab and phones:
            found.setdefault(normal_form("NFC", word).lower(), phones)
    return found


def phones_in(said: str) -> tuple[str, ...]:
    """The phones of a transcription without marks between them: a letter with what modifies it, each in NFC."""
    return tuple(normal_form("NFC", each) for each in _PHONE.findall(normal_form("NFD", _UNSAID.sub("", said))))
