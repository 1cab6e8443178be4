"""What two languages of an index have in common: their lexicon, and tables of letters that queries are carried over by.

    INDEX/cognates/<left>+<right>-<g>/kin.json      the manifest
          lexicon/              pairs of words and why, see `cognates.folder`
          tables.safetensors    for runs and skeletons, forth and back: keys, offsets, targets, probabilities

The table of runs is the lexicon's. That of skeletons is learned from the same pairs without their vowels, so what a
query's *l cbz* is in the other language is told too. Search reads the tables alone.

**Who is kin.** Any two languages share names and words of the world, which are spelt alike. What tells kin is frequent
words that are one and *not* spelt alike, *cabeza* and *cabeça*; or so many that are, that they cannot be names.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from sprachbund.cognates.grams import GramTable, learn_grams
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.romanising import plain_words
from sprachbund.cognates.words import Words
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.search.roman import SKELETONS, skeleton

KIND, FORMAT, MANIFEST = "what languages have in common", 1, "kin.json"
LEXICON, TABLES = "lexicon", "tables.safetensors"
FIELDS = {"files": dict, "left": str, "right": str, "pairs": int, "otherwise": float, "alike": float}
COMMON = 2_000
"""Words of a language, the most frequent, that kinship is told by."""
OTHERWISE, TOGETHER = 0.075, 0.3
"""Two languages are kin where this share of them has a partner that is spelt otherwise, or any partner at all.

On lists of frequent words (`benchmarks/kin.py`) near kin have .11 and more, or .6 together (uk-ru); without kinship it
is .03 and .07, in a corpus of two thousand words .055 and .14 (Turkish, which has many words from French).
"""
_TABLES = ("runs", "runs_back", "skeletons", "skeletons_back")
_ARRAYS = {"keys": np.uint32, "offsets": np.int64, "targets": np.uint32, "probabilities": np.float32}


@dataclass(frozen=True, eq=False)
class Kin:
    """How a query in one language is carried over to another.

    Attributes:
        pairs: words of the lexicon; 0 where the languages have nothing in common.
        otherwise, alike: shares of the frequent words, see `kinship`.
        runs, skeletons: what stands for each gram of the query's language in the other.
    """

    pairs: int
    otherwise: float
    alike: float
    runs: GramTable
    skeletons: GramTable

    @property
    def near(self) -> bool:
        """Whether a query in the one is looked for in the other by its letters."""
        return self.otherwise >= OTHERWISE or self.otherwise + self.alike >= TOGETHER


def save_kin(cognates: Cognates, words: tuple[Words, Words], folder: Path) -> None:
    """Write a lexicon of two lists of words and the tables that come of it, all or nothing."""
    left, right = (
        [skeleton(word) for word in plain_words(cognates.pairs[side].to_list())] for side in ("left", "right")
    )
    tables = (
        cognates.grams,
        cognates.back,
        *(
            learn_grams(*sides, letters=SKELETONS) if left else GramTable.empty()
            for sides in ((left, right), (right, left))
        ),
    )
    arrays = {
        f"{name}.{part}": getattr(table, part) for name, table in zip(_TABLES, tables, strict=True) for part in _ARRAYS
    }
    with atomic_folder(folder) as temporary:
        cognates.save(temporary / LEXICON)
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary / TABLES)
        codes = {"left": cognates.languages[0], "right": cognates.languages[1]}
        otherwise, alike = kinship(cognates, *words)
        counts = {"pairs": len(cognates), "otherwise": otherwise, "alike": alike}
        write_manifest(temporary, MANIFEST, KIND, FORMAT, **codes, **counts)


def kinship(cognates: Cognates, left: Words, right: Words) -> tuple[float, float]:
    """The shares of the `COMMON` words of two languages with a partner spelt otherwise, and with the same one."""
    common = [set(each.words[:COMMON]) for each in (left, right)]
    counts = {False: 0, True: 0}
    for pair in zip(cognates.pairs["left"], cognates.pairs["right"], strict=True):
        counts[pair[0] == pair[1]] += sum(word in held for word, held in zip(pair, common, strict=True))
    every = max(1, sum(map(len, common)))
    return counts[False] / every, counts[True] / every


def open_kin(folder: Path, left: str, right: str, *, check: bool = False) -> tuple[Kin, Kin]:
    """What `save_kin` wrote, forth and back.

    Args:
        check: also compare the hash of every file.

    Raises:
        FolderError: a file is missing or damaged, or it is of other languages.
    """
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS, listed=(TABLES,))
    remedy = "build the index anew"
    if (manifest["left"], manifest["right"]) != (left, right) or min(
        manifest["pairs"], manifest["otherwise"], manifest["alike"]
    ) < 0:
        raise FolderError(f"{folder / MANIFEST}: damaged, it is of other languages; {remedy}")
    try:
        arrays = load_file(folder / TABLES)
        for name, array in arrays.items():
            if array.dtype != _ARRAYS[name.partition(".")[2]] or array.ndim != 1:
                raise ValueError(f"{name} is {array.dtype} with {array.ndim} dimensions")
        made = [GramTable(*(arrays[f"{name}.{part}"] for part in _ARRAYS)) for name in _TABLES]
        if any(not np.isfinite(table.probabilities).all() for table in made):
            raise ValueError("a probability is none")
    except (SafetensorError, SettingsError, OSError, ValueError, LookupError, OverflowError) as error:
        raise FolderError(f"{folder / TABLES}: damaged ({one_line(error)}); {remedy}") from None
    runs, runs_back, skeletons, skeletons_back = made
    said = manifest["pairs"], manifest["otherwise"], manifest["alike"]
    return Kin(*said, runs, skeletons), Kin(*said, runs_back, skeletons_back)
