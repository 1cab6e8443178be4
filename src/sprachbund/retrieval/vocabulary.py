"""The n-grams of some texts, counted exactly and cut to the most frequent, and their rows.

Counting holds everything in memory as long as that fits the budget (about 45 bytes a distinct n-gram) and spills
sorted runs to a temporary folder where it does not; the result is the same to the last bit, also for any number
of threads. Strings are kept, so that every row of a model can be named.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund import files
from sprachbund.errors import CapacityError, CorpusError, FolderError, SettingsError
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval import spill
from sprachbund.retrieval.lookup import Lookup
from sprachbund.retrieval.ngrams import Bytes, Keys, Offsets, blocks_of, from_series, tokenize
from sprachbund.retrieval.selection import ROW, Selection, name

__all__ = ["Batch", "Vocabulary"]

Batch = tuple[Bytes, Offsets] | pl.Series
"""Texts in NFC and split by dictionary: bytes with offsets as `ngrams.pack` gives them, or a column."""

MANIFEST = "vocabulary.json"
KIND, FORMAT = "vocabulary", 1
_LEAST_MEMORY = 16 << 20
_LARGEST_CHUNK = 16 << 20  # bytes of text counted at a time
_CHUNKS = 128  # parts of the budget, of which a chunk is one and its tokens some twelve
