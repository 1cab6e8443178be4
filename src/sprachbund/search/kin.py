"""What two languages of an index have in common: their lexicon, and tables of letters that queries are carried over by.

    INDEX/cognates/<left>+<right>-<g>/kin.json      the manifest
          lexicon/              pairs of words and why, see `cognates.folder`
          tables.safetensors    for runs and skeletons, forth and back: keys, offsets, targets, probabilities

The table of runs is the lexicon's. That of skeletons is learned from the same pairs without their vowels, so what a
query's *l cbz* is in the other language is told too. Search reads the tables alone.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from sprachbund.cognates.grams import GramTable, learn_grams
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.romanising import plain_words
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.search.roman import SKELETONS, skeleton

KIND, FORMAT, MANIFEST = "what languages have in common", 1, "kin.json"
LEXICON, TABLES = "lexicon", "tables.safetensors"
FIELDS = {"files": dict, "left": str, "right": str, "pairs": int}
_TABLES = ("runs", "runs_back", "skeletons", "skeletons_back")
_ARRAYS = {"keys": np.uint32, "offsets": np.int64, "targets": np.uint32, "probabilities": np.float32}


@dataclass(frozen=True, eq=False)
class Kin:
    """How a query in one language is carried over to another.

    Attributes:
        pairs: words of the lexicon; 0 where the languages have nothing in common.
        runs, skeletons: what stands for each gram of the query's language in the other.
    """

    pairs: int
    runs: GramTable
    skeletons: GramTable


def save_kin(cognates: Cognates, folder: Path) -> None:
    """Write a lexicon and the tables that come of it, all or nothing."""
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
        write_manifest(temporary, MANIFEST, KIND, FORMAT, **codes, pairs=len(cognates))


def open_kin(folder: Path, left: str, right: str, *, check: bool = False) -> tuple[Kin, Kin]:
    """What `save_kin` wrote, forth and back.

    Args:
        check: also compare the hash of every file.

    Raises:
        FolderError: a file is missing or damaged, or it is of other languages.
    """
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS, listed=(TABLES,))
    remedy = "build the index anew"
    if (manifest["left"], manifest["right"]) != (left, right) or manifest["pairs"] < 0:
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
    return Kin(manifest["pairs"], runs, skeletons), Kin(manifest["pairs"], runs_back, skeletons_back)
