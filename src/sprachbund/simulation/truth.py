"""What is true of a world, written beside its corpus: ``CORPUS.truth``.

truth.json          the world as it was declared, the tree, the changes of letters, overlaps, what the corpus's hash is
lexicon.parquet     a row a language and meaning: the word, its root, where it is from, topic and subtopic

Overlaps are shares of meanings. ``overlap`` counts word types that are one string in two languages, whatever they mean;
``same`` those of them that mean the same, ``cognate`` the meanings whose words are of one root.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund import files
from sprachbund.errors import FolderError
from sprachbund.simulation.lexicons import Lexicon
from sprachbund.simulation.meanings import Space
from sprachbund.simulation.world import World, plain
from sprachbund.tables import read_table, write_parquet

__all__ = ["Truth", "read_truth", "truth_folder", "write_truth"]

KIND, FORMAT, MANIFEST, LEXICON = "truth", 1, "truth.json", "lexicon.parquet"
SCHEMA = {
    "language": pl.String, "meaning": pl.Int32, "word": pl.String, "root": pl.Int32, "how": pl.String,
    "source": pl.String, "topic": pl.Int32, "subtopic": pl.Int32,
}  # fmt: skip
PAIRS = ("overlap", "same", "cognate")
REMEDY = "simulate the world again"


@dataclass(frozen=True)
class Truth:
    """The truth about a simulated corpus.

    Attributes:
        languages: that have text.
        said: what truth.json says: ``world``, ``tree`` (each language's parent), ``letters``, ``corpus``, the shares
            of meanings ``overlap``, ``same``, ``cognate`` for each language and each other.
        lexicon: a row a language and meaning, with the columns of `SCHEMA`.
    """

    languages: tuple[str, ...]
    said: dict[str, Any]
    lexicon: pl.DataFrame

    def share(self, what: str, one: str, other: str) -> float:
        """The share of meanings that two languages have in common: ``overlap``, ``same`` or ``cognate``."""
        return float(self.said[what][one][other])


def truth_folder(corpus: Path | str) -> Path:
    """Where the truth about a corpus lies: beside it."""
    path = Path(corpus)
    return path.with_name(f"{path.name}.truth")


def shared(lexicons: Mapping[str, Lexicon]) -> dict[str, dict[str, dict[str, float]]]:
    """The three matrices of shares, by what, language and other language; the diagonal is 1."""
    found: dict[str, dict[str, dict[str, float]]] = {what: {} for what in PAIRS}
    strings = {code: lexicon.strings() for code, lexicon in lexicons.items()}
    for one, mine in lexicons.items():
        for what in PAIRS:
            found[what][one] = {}
        for other, theirs in lexicons.items():
            count = len(mine.words)
            alike = sum(a == b for a, b in zip(mine.words, theirs.words, strict=True))
            rooted = int((np.array(mine.roots) == np.array(theirs.roots)).sum())
            found["overlap"][one][other] = len(strings[one] & strings[other]) / len(strings[one])
            found["same"][one][other] = alike / count
            found["cognate"][one][other] = rooted / count
    return found


def write_truth(folder: Path, world: World, space: Space, lexicons: Mapping[str, Lexicon], corpus: str) -> None:
    """Write the truth into an empty folder; its manifest is sealed.

    Args:
        corpus: the hash of the corpus's sentences.
    """
    with files.atomic_path(folder / LEXICON) as temporary:
        write_parquet(_table(world, space, lexicons), temporary, compression="zstd")
    files.write_manifest(
        folder,
        MANIFEST,
        KIND,
        FORMAT,
        corpus=corpus,
        languages=list(world.written),
        world=plain(world),
        tree={code: world.languages[code].parent for code in world.order},
        letters={code: lexicon.changes for code, lexicon in lexicons.items()},
        **shared(lexicons),
    )


def _table(world: World, space: Space, lexicons: Mapping[str, Lexicon]) -> pl.DataFrame:
    topics, concepts = space.topics_of(world.meanings.subtopics), np.arange(world.meanings.concepts)
    frames = [
        pl.DataFrame(
            {
                "language": [code] * len(concepts), "meaning": concepts, "word": lexicon.words, "root": lexicon.roots,
                "how": lexicon.how, "source": lexicon.source, "topic": topics, "subtopic": space.fields,
            },
            schema=SCHEMA,
        )
        for code, lexicon in lexicons.items()
    ]  # fmt: skip
    return pl.concat(frames)


def read_truth(corpus: Path | str) -> Truth:
    """The truth about a simulated corpus, by the corpus's folder or by the truth's own.

    Raises:
        FolderError: there is none, or it is damaged.
    """
    path = Path(corpus)
    folder = path if (path / MANIFEST).exists() else truth_folder(path)
    fields = {
        "corpus": str, "languages": list, "world": dict, "tree": dict, "letters": dict,
        **dict.fromkeys(PAIRS, dict),
    }  # fmt: skip
    said = files.read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields=fields)
    frame = read_table(folder / LEXICON, dict(SCHEMA), REMEDY)
    languages = tuple(said["languages"])
    if not set(languages) <= set(frame["language"].unique().to_list()):
        raise FolderError(f"{folder / LEXICON}: damaged, it lacks the words of a language; {REMEDY}")
    return Truth(languages, said, frame)
