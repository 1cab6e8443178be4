"""A plain StaticEmbedding of sentence-transformers: words alone, which loads anywhere without sprachbund.

    OUT/modules.json, config_sentence_transformers.json
        0_StaticEmbedding/tokenizer.json        our rule for words as regular expressions, in the format of `tokenizers`
                          model.safetensors     embedding.weight, float32 [rows, dim]; row 0, the unknown, is zero
        1_Normalize/                            length 1

A word's row has its character n-grams folded in. Lost are: words that are not in the vocabulary (they count as zero),
bigrams, the power of counts (a repeated word counts each time), of ``corpus/folding.py`` the forms of presentation, the
two encodings of a letter and the dotless i of a known language, and the dictionaries of Thai, Lao, Khmer, Burmese,
Chinese and Japanese: a run of these scripts is cut into the longest words of the vocabulary, from its beginning on. For
that the tokenizer is a WordPiece whose only pieces are those words: any other word is whole or unknown. `comparison`
measures what all that costs.
"""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import regex
from safetensors.numpy import save_file

from sprachbund.arrays import Float32, Int64
from sprachbund.corpus.characters import (
    APOSTROPHE,
    CAPITAL_SIGMA,
    DROPPED,
    FINAL_SIGMA,
    GERSHAYIM,
    HEBREW_LETTERS,
    JOINABLE,
    LETTER_APOSTROPHE,
    MIDDLE_DOT,
    PLAIN_APOSTROPHE,
    PLAIN_QUOTE,
    WORD,
    character_tables,
)
from sprachbund.corpus.folding import CAPITALS, STRESS
from sprachbund.corpus.segment import needs_dictionary
from sprachbund.errors import SettingsError
from sprachbund.export.layout import write_layout
from sprachbund.export.words import blocks, word_rows, word_vectors
from sprachbund.files import write_bytes
from sprachbund.retrieval.encoder.encoder import Encoder

__all__ = ["weights", "write"]

UNKNOWN = "[UNK]"  # no word: brackets part words, as # does
INSIDE = "##"
LONGEST = 200  # code points of a word or run that are looked at together: the search is cubic in them
MOST_MARKS = 4  # that stand between a letter and a mark that it loses, plus one
EMBEDDING, LENGTH = "0_StaticEmbedding", "1_Normalize"


def write(encoder: Encoder, folder: Path) -> int:
    """Write the model to a folder; the number of its words.

    Raises:
        SettingsError: the encoder has no cosine: means of words' rows cannot stand for it.
    """
    settings = encoder.settings.encoder
    if settings.similarity != "cosine":
        raise SettingsError(
            f"static: expected an encoder with cosine, found one with similarity {settings.similarity}; export it as "
            "sentence-transformers or onnx"
        )
    words = encoder.vocabulary.strings[word_rows(encoder).astype(np.uint32)].to_list()
    tokens, rows = pieces(words)
    table = weights(encoder)[rows]
    (folder / EMBEDDING).mkdir()
    save_file({"embedding.weight": table}, folder / EMBEDDING / "model.safetensors", metadata={"format": "pt"})
    write_bytes(folder / EMBEDDING / "tokenizer.json", orjson.dumps(tokenizer(tokens)))
    (folder / LENGTH).mkdir()
    write_bytes(folder / LENGTH / "config.json", b"{}\n")
    modules = [(EMBEDDING, "StaticEmbedding"), (LENGTH, "Normalize")]
    write_layout(folder, [(path, f"sentence_transformers.models.{name}") for path, name in modules], "cosine")
    return len(words)


def weights(encoder: Encoder) -> Float32:
    """A zero row for all unknown words, then the unit of each word of the vocabulary: float32 [words + 1, dim]."""
    rows = word_rows(encoder)
    table = np.zeros((len(rows) + 1, encoder.dim), np.float32)
    done = 1
    for part in blocks(rows):
        table[done : done + len(part)] = word_vectors(encoder, part)
        done += len(part)
    return table


def pieces(words: list[str]) -> tuple[list[str], list[int]]:
    """The tokens of a vocabulary, and for each its row in `weights`.

    The unknown, then the words; those of scripts that write no spaces also as they stand within a run, with ## before
    them, and their code points, which count as nothing, so that a run keeps its known words beside an unknown one.
    """
    inside = [number for number, word in enumerate(words) if needs_dictionary(word)]
    tokens = [UNKNOWN, *words, *(INSIDE + words[number] for number in inside)]
    rows = [*range(len(words) + 1), *(number + 1 for number in inside)]
    points = sorted({point for number in inside for point in words[number]})
    known = set(tokens)
    single = [token for point in points for token in (point, INSIDE + point) if token not in known]
    return tokens + single, rows + [0] * len(single)


def tokenizer(tokens: list[str]) -> dict[str, Any]:
    """The rule of ``corpus/characters.py`` as a tokenizer of the library `tokenizers`; the first token is the unknown.

    The classes of code points are written out, so that the rule does not depend on the reader's Unicode version. An
    apostrophe that joins two letters is written as the letter apostrophe here, in text and vocabulary. Letters of
    scripts without spaces that no word of the vocabulary has are left out of the text.
    """
    classes, _ = character_tables()
    letters = np.flatnonzero(np.isin(classes, (WORD, JOINABLE)))
    unspaced = np.array([needs_dictionary(chr(point)) for point in letters.tolist()])
    word = _ranges(letters[~unspaced])
    joinable, dot = _class(JOINABLE), _class(MIDDLE_DOT)
    hebrew = _ranges(np.array(HEBREW_LETTERS))
    quote = f"(?<=[{hebrew}])[{_class(GERSHAYIM)}](?=[{hebrew}])"
    capital, final = chr(CAPITAL_SIGMA), chr(FINAL_SIGMA)
    dotted, cyrillic = _matching(rf"[\p{{Soft_Dotted}}{CAPITALS}]"), _matching(r"\p{Cyrillic}")
    steps = [
        {"type": "NFC"},
        _replace(f"{_on(dotted)}\u0307", ""),
        _replace(f"{_on(cyrillic)}[{STRESS}]", ""),
        _replace("İ", "i"),
        {"type": "NFC"},
        _replace(f"[{_class(DROPPED)}]", ""),
        _replace(f"(?<=[{joinable}])[{_class(APOSTROPHE)}](?=[{joinable}])", chr(LETTER_APOSTROPHE)),
        _replace(quote, chr(PLAIN_QUOTE)),
        # the last letter of its word and not the only one
        _replace(f"(?:(?<=[{word}])|(?<=[{word}][{dot}])){capital}(?![{word}])(?![{dot}][{word}])", final),
        _replace("[ßẞ]", "ss"),
        {"type": "Lowercase"},
    ]
    pattern = f"(?:[{word}]|(?<=[{word}])[{dot}](?=[{word}])|{quote})+"
    points = {ord(point) for token in tokens[1:] if needs_dictionary(token) for point in token.removeprefix(INSIDE)}
    if points:
        held = np.array(sorted(points))
        pattern = f"[{_ranges(np.intersect1d(held, letters[unspaced]))}][{_ranges(held)}]{{0,{LONGEST - 1}}}|{pattern}"
    names = [tokens[0], *(name.replace(chr(PLAIN_APOSTROPHE), chr(LETTER_APOSTROPHE)) for name in tokens[1:])]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": names[0],
            "continuing_subword_prefix": INSIDE,
            "max_input_chars_per_word": LONGEST,
            "vocab": {name: row for row, name in enumerate(names)},
        },
    }


def _replace(pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def _on(letters: str) -> str:
    """What stands on one of some letters, other marks between them."""
    return "(?<=" + "|".join(f"[{letters}]" + r"\p{M}" * marks for marks in range(MOST_MARKS)) + ")"


def _class(*kinds: int) -> str:
    """The code points of some classes as ranges of a regular expression."""
    classes, _ = character_tables()
    return _ranges(np.flatnonzero(np.isin(classes, kinds)))


def _matching(pattern: str) -> str:
    """The code points that match a pattern of one as ranges of a regular expression."""
    every = "".join(chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)
    return _ranges(np.array([ord(character) for character in regex.findall(pattern, every)], np.int64))


def _ranges(points: Int64) -> str:
    """Sorted code points as ranges of a regular expression."""
    edges = [0, *(np.flatnonzero(np.diff(points) > 1) + 1).tolist(), len(points)]
    return "".join(f"\\x{{{points[low]:X}}}-\\x{{{points[high - 1]:X}}}" for low, high in pairwise(edges))
