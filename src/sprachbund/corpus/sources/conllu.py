"""CoNLL-U: treebanks of Universal Dependencies, and what a parser writes in their format.

The reader is strict, since a measure over half-read trees is wrong and does not look it: every sentence is a tree,
every tag and relation is one of Universal Dependencies, and what is not is an error that names the file and the line.
The library `conllu` reads what no tree is (a head beyond the sentence, cycles) and names no line.

Treebanks of the first version (2014-2016; some still lie in collections) are read in the words of the second: see
`FIRST_VERSION`. The trees stand on words: multiword tokens stand beside them, empty nodes are passed over.

Source: universaldependencies.org/format.html.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sprachbund.corpus.sources.streams import Limits, Stream
from sprachbund.errors import SourceError
from sprachbund.normal_forms import normal_form

TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip
"""The universal parts of speech (UPOS)."""
RELATIONS = (
    "acl", "advcl", "advmod", "amod", "appos", "aux", "case", "cc", "ccomp", "clf", "compound", "conj", "cop", "csubj",
    "dep", "det", "discourse", "dislocated", "expl", "fixed", "flat", "goeswith", "iobj", "list", "mark", "nmod",
    "nsubj", "nummod", "obj", "obl", "orphan", "parataxis", "punct", "reparandum", "root", "vocative", "xcomp",
)  # fmt: skip
"""The universal relations; a subtype stands after a colon, ``acl:relcl``."""
FIRST_VERSION = {
    "auxpass": "aux:pass", "csubjpass": "csubj:pass", "dobj": "obj", "foreign": "flat:foreign", "mwe": "fixed",
    "name": "flat", "neg": "advmod", "nsubjpass": "nsubj:pass", "remnant": "orphan",
}  # fmt: skip
"""Relations of Universal Dependencies 1 and what they became in 2. Besides, CONJ is CCONJ, and what a predicate governs
as nmod is obl."""
_PREDICATES = ("VERB", "AUX", "ADJ", "ADV")

LIMITS = Limits(total=4 << 30)
LONGEST_LINE = 1 << 20
"""Bytes."""
LONGEST_SENTENCE = 10_000
"""Words; the longest of Universal Dependencies has some 1,300."""

_WORD = re.compile(r"[1-9][0-9]{0,8}")
_PASSED_OVER = re.compile(r"[1-9][0-9]{0,8}-[1-9][0-9]{0,8}|[0-9]{1,9}\.[0-9]{1,9}")
_COLUMNS = 10
_TAGS, _RELATIONS = frozenset(TAGS), frozenset(RELATIONS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as a tree, a column of each kind with an entry a word.

    Attributes:
        forms: the words, in NFC. tags: of `TAGS`. heads: the place of each word's head from 1, 0 for the root.
        relations: of `RELATIONS`, with subtypes.
        id: ``sent_id`` of the file, or "". text: as it was written; the words with blanks where the file does not say.
        old: the file had words of the first version, which were exchanged.
        lemmas, features: of each word as the file has them, in NFC; ``_`` where it says nothing.
        joined: (first, last, form) of each multiword token, by the words' places from 0: ``du`` of *de* and *le*.
    """

    forms: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
    id: str = ""
    text: str = ""
    old: bool = False
    lemmas: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    joined: tuple[tuple[int, int, str], ...] = ()


def read_conllu(path: Path | str, limits: Limits = LIMITS) -> Iterator[Sentence]:
    """The sentences of a file, which may be compressed with gzip, bzip2, xz or zstd.

    Raises:
        SourceError: the file cannot be read, is cut, or a line is not CoNLL-U; the message names the line.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError(f"{path}: expected a CoNLL-U file, found {'a folder' if path.exists() else 'nothing'}")
    return parse_conllu(_lines(path, limits), str(path))


def parse_conllu(lines: Iterable[str], where: str = "text") -> Iterator[Sentence]:
    """The sentences of lines of CoNLL-U, without or with their line breaks.

    Args:
        where: the lines come from, for messages.

    Raises:
        SourceError: a line is not CoNLL-U; the message names it.
    """
    block: list[tuple[int, str]] = []
    number = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.strip():
            block.append((number, line))
            if len(block) > 3 * LONGEST_SENTENCE:
                raise _broken(where, number, f"a blank line after {LONGEST_SENTENCE:,} words at most", "none")
        elif block:
            yield from _sentence(block, where)
            block = []
    if block:
        yield from _sentence(block, where)
    elif not number:
        raise SourceError(f"{where}: expected sentences in CoNLL-U, found nothing")


def _lines(path: Path, limits: Limits) -> Iterator[str]:
    """Lines of UTF-8, and errors that name the line where the bytes are not."""
    stream = Stream(path, limits)
    rest, number = b"", 0
    for piece in stream:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            yield _decoded(line, number, path)
        if len(rest) > LONGEST_LINE:
            raise _broken(str(path), number + 1, f"a line of at most {LONGEST_LINE:,} bytes", "a longer one")
    if stream.broken:
        raise SourceError(f"{path}, line {number + 1}: {stream.broken}; get the file again")
    if rest:
        yield _decoded(rest, number + 1, path)


def _decoded(line: bytes, number: int, path: Path) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise _broken(str(path), number, "UTF-8", f"the byte 0x{line[error.start]:02x}") from None
    if len(line) > LONGEST_LINE:
        raise _broken(str(path), number, f"a line of at most {LONGEST_LINE:,} bytes", "a longer one")
    return text


def _sentence(block: list[tuple[int, str]], where: str) -> Iterator[Sentence]:
    """The tree of the lines between two blank ones; none where they are comments alone."""
    said: dict[str, str] = {}
    forms: list[str] = []
    tags: list[str] = []
    heads: list[int] = []
    relations: list[str] = []
    lemmas: list[str] = []
    features: list[str] = []
    joined: list[tuple[int, int, str]] = []
    lines: list[int] = []
    old = False
    for number, line in block:
        if line[0] == "#":
            name, sign, value = line[1:].partition("=")
            if sign and not forms:
                said[name.strip()] = value.strip()
            continue
        columns = line.split("\t")
        if len(columns) != _COLUMNS:
            raise _broken(where, number, f"{_COLUMNS} columns parted by tabs", f"{len(columns)}: {_shown(line)}")
        place, form, lemma, tag, _, feature, head, relation, _, _ = columns
        if place != str(len(forms) + 1):
            if _PASSED_OVER.fullmatch(place):
                first, sign, last = place.partition("-")
                if sign:
                    joined.append((int(first) - 1, int(last) - 1, _composed(form)))
                continue
            raise _broken(where, number, f"the word's number {len(forms) + 1}", _shown(place))
        if not form.strip():
            raise _broken(where, number, "a word in the second column", "none")
        if tag == "CONJ":
            tag, old = "CCONJ", True
        elif tag not in _TAGS:
            raise _broken(where, number, "a universal part of speech (UPOS), as NOUN", _shown(tag))
        if relation in FIRST_VERSION:
            relation, old = FIRST_VERSION[relation], True
        elif relation.partition(":")[0] not in _RELATIONS:
            raise _broken(where, number, "a relation of Universal Dependencies, as nsubj", _shown(relation))
        if head != "0" and not _WORD.fullmatch(head):
            raise _broken(where, number, "the number of the word's head, or 0", _shown(head))
        forms.append(_composed(form))
        lemmas.append(_composed(lemma))
        features.append(feature)
        tags.append(tag)
        heads.append(int(head))
        relations.append(relation)
        lines.append(number)
        if len(forms) > LONGEST_SENTENCE:
            raise _broken(where, number, f"at most {LONGEST_SENTENCE:,} words a sentence", "more")
    if not forms:
        return
    if _is_no_tree(heads):
        raise _no_tree(heads, lines, where)
    if old:
        relations = [
            "obl" if relation == "nmod" and head and tags[head - 1] in _PREDICATES else relation
            for relation, head in zip(relations, heads, strict=True)
        ]
    text = said.get("text") or " ".join(forms)
    yield Sentence(
        tuple(forms),
        tuple(tags),
        tuple(heads),
        tuple(relations),
        said.get("sent_id", ""),
        normal_form("NFC", text),
        old,
        tuple(lemmas),
        tuple(features),
        tuple(joined),
    )


def _composed(text: str) -> str:
    return text if text.isascii() else normal_form("NFC", text)


def _is_no_tree(heads: list[int]) -> bool:
    count = len(heads)
    if heads.count(0) != 1 or max(heads) > count:
        return True
    hangs = bytearray(count + 1)  # 0: not looked at, 1: on the root, 2: on the way
    hangs[0] = 1
    for first in range(1, count + 1):
        word, path = first, []
        while not hangs[word]:
            hangs[word] = 2
            path.append(word)
            word = heads[word - 1]
        if hangs[word] == 2:
            return True
        for each in path:
            hangs[each] = 1
    return False


def _no_tree(heads: list[int], lines: list[int], where: str) -> SourceError:
    """What is wrong with heads that make no tree, and in which line."""
    roots = [line for line, head in zip(lines, heads, strict=True) if head == 0]
    if len(roots) != 1:
        found = "none in the sentence" if not roots else "another in the same sentence"
        return _broken(where, (roots or lines)[bool(roots)], "one word with head 0, the root", found)
    for line, head in zip(lines, heads, strict=True):
        if head > len(heads):
            return _broken(where, line, f"a head among the {len(heads)} words of the sentence", str(head))
    for line, word in zip(lines, range(1, len(heads) + 1), strict=True):
        steps = 0
        while word and steps <= len(heads):
            word, steps = heads[word - 1], steps + 1
        if word:
            return _broken(where, line, "a tree", "a word that hangs on itself by way of its heads")
    raise AssertionError("the heads make a tree")


def _broken(where: str, number: int, expected: str, found: str) -> SourceError:
    return SourceError(f"{where}, line {number}: expected {expected}, found {found}; not CoNLL-U")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
