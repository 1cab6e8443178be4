"""What is CoNLL-U becomes trees, what is not is named with its line."""

import gzip
from pathlib import Path

import pytest

from made_trees import SMALL_DOG, lines
from sprachbund.corpus.sources.conllu import Sentence, parse_conllu, read_conllu
from sprachbund.errors import SourceError

TREE = Sentence(("un", "perro", "pequeño"), ("DET", "NOUN", "ADJ"), (2, 0, 2), ("det", "root", "amod"), "dog-1",
                "un perro pequeño", False, ("uno", "perro", "pequeño"), ("_", "_", "_"))  # fmt: skip


def test_a_tree() -> None:
    """Its columns, lemmas and features among them, its id and text; words typed in NFD are in NFC."""
    assert list(parse_conllu(SMALL_DOG.splitlines())) == [TREE]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_files(tmp_path: Path, ends: str, packed: bool) -> None:
    """Of any line break, with a mark of byte order, compressed, and without a blank line at the end."""
    data = ("\ufeff" + SMALL_DOG * 2).rstrip().replace("\n", ends).encode()
    path = tmp_path / "es.test.conllu"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert list(read_conllu(path)) == [TREE, TREE]


def test_what_is_no_word_is_passed_over() -> None:
    """Empty nodes; multiword tokens stand beside the words, which the trees stand on."""
    du, le = lines("de ADP 2 case", "lit NOUN 0 root")
    text = ["1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_", du, "1.1\t_\t_\tVERB\t_\t_\t_\t_\t0:root\t_", le]
    assert [(each.forms, each.joined) for each in parse_conllu(text)] == [(("de", "lit"), ((0, 1, "du"),))]


def test_the_first_version() -> None:
    """CONJ, dobj and nmod of a verb are what the second version calls CCONJ, obj, obl; nmod of a noun stays."""
    text = lines("and CONJ 2 cc", "eats VERB 0 root", "fish NOUN 2 dobj", "sea NOUN 3 nmod", "knife NOUN 2 nmod")
    (found,) = parse_conllu(text)
    assert found.old and found.tags[0] == "CCONJ"
    assert found.relations == ("cc", "root", "obj", "nmod", "obl")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        (["1 un uno DET _ _ 0 root _ _"], 1, "10 columns"),
        ([*lines("un DET 0 root"), "3\tx\t_\tNOUN\t_\t_\t1\tdep\t_\t_"], 2, "number 2, found '3'"),
        (lines("un DET 2 det", "perro NOMBRE 0 root"), 2, "found 'NOMBRE'"),
        (lines("un DET 2 det", "perro NOUN 0 ROOT"), 2, "found 'ROOT'"),
        (lines("un DET two det", "perro NOUN 0 root"), 1, "found 'two'"),
        (lines("un DET 5 det", "perro NOUN 0 root"), 1, "among the 2 words of the sentence, found 5"),
        (lines("un DET 2 det", "perro NOUN 1 root"), 1, "found none in the sentence"),
        (lines("un DET 0 root", "perro NOUN 0 root"), 2, "another in the same sentence"),
        (lines("a DET 0 root", "b NOUN 3 nmod", "c NOUN 2 nmod"), 2, "hangs on itself"),
        (["1\t \t_\tDET\t_\t_\t0\troot\t_\t_"], 1, "a word in the second column"),
        (["", "", *lines("un DET 1 det")], 3, "found none in the sentence"),
    ],
)
def test_what_is_broken_is_named(text: list[str], line: int, found: str) -> None:
    """In one line with the file and the number of the line."""
    with pytest.raises(SourceError) as caught:
        list(parse_conllu(text, "x.conllu"))
    message = str(caught.value)
    assert message.startswith(f"x.conllu, line {line}: expected ") and found in message and "\n" not in message


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (SMALL_DOG.encode().replace("ñ".encode(), b"\xf1"), "line 2: expected UTF-8, found the byte 0xf1"),
        (gzip.compress(SMALL_DOG.encode() * 50, 0, mtime=0)[:3000], "truncated"),
        (b"x" * (1 << 20) + b"x\n", "line 1: expected a line of at most 1,048,576 bytes"),
        (b"", "found nothing"),
    ],
)
def test_broken_files(tmp_path: Path, data: bytes, found: str) -> None:
    """Other bytes than UTF-8, a cut archive, a line without end, an empty file."""
    path = tmp_path / "es.test.conllu"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"es\.test\.conllu") as caught:
        list(read_conllu(path))
    assert found in str(caught.value)


def test_sentences_before_a_broken_line_are_read() -> None:
    """The reader gives them one by one, so that nothing waits for the end of a file."""
    reader = parse_conllu([*SMALL_DOG.splitlines(), "broken"])
    assert next(reader) == TREE
    with pytest.raises(SourceError, match="line 7"):
        next(reader)
