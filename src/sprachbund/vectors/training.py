"""Vectors of a language from the raw text of a corpus."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprachbund import machine
from sprachbund.arrays import Float32
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.languages import among
from sprachbund.progress import logger, progress
from sprachbund.vectors.counting import cooccurrences, information, of_length_one_rows
from sprachbund.vectors.factoring import singular
from sprachbund.vectors.nonnegative import factor, keep_largest
from sprachbund.vectors.running import Running, running_words
from sprachbund.vectors.settings import COUNTS, PREDICTED, SPARSE, VectorSettings, require_memory
from sprachbund.vectors.skipgram import skip_gram
from sprachbund.vectors.space import Space
from sprachbund.vectors.subwords import Subwords

__all__ = ["train_running", "train_vectors"]


def train_vectors(
    corpus: Corpus | Path | str,
    language: str,
    out: Path | str | None = None,
    *,
    settings: VectorSettings | None = None,
    memory: int | None = None,
) -> Space:
    """Train vectors of a language's words.

    Args:
        corpus: a corpus or its folder. language: by code or name.
        out: the folder to write; None: nothing is written.
        memory: bytes that may be taken; None: what the process may use.

    Raises:
        SettingsError: a setting cannot work. LanguageError: the corpus lacks the language.
        CapacityError: the work does not fit the memory; told before it begins.
        CorpusError: there is too little text. FolderError: ``out`` holds something else.
    """
    settings = settings or VectorSettings()
    settings.check()
    text = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus, check=False)
    code = among([language], text.languages, f"{text.path}:")[0]
    limit = machine.memory_limit() if memory is None else memory
    need = require_memory(int(text.counts[code]["characters"]), settings, limit)
    logger.info("%s: vectors take up to %.2f GiB of memory", code, need / 2**30)
    running = running_words(text, code, settings)
    trained = train_running(running, code, settings)
    space = replace(trained, about={**trained.about, "memory": need})
    if out is not None:
        space.save(Path(out))
    return space


def train_running(running: Running, language: str, settings: VectorSettings) -> Space:
    """Train vectors on text that is numbered already.

    Raises:
        CorpusError: it has too few words for the dimensions.
    """
    if len(running.words) < 10 or len(running) < len(running.words):
        raise CorpusError(
            f"{language}: {len(running.words):,} words occur {settings.min_count} times or more in {running.text:,} "
            "words of text, too few for vectors; give more text or a smaller --min-count"
        )
    method = settings.chosen(len(running))
    begun = time.monotonic()
    vectors, subwords = _MADE[method](running, settings)
    about = {
        "method": method, "settings": settings.to_dict(), "tokens": len(running), "text": running.text,
        "sentences": len(running.offsets) - 1,
    }  # fmt: skip
    logger.info("%s: %s vectors by %s in %.1f s", language, f"{len(vectors):,}", method, time.monotonic() - begun)
    return Space(language, running.words, running.counts, vectors, about, subwords)


def _by_counts(running: Running, settings: VectorSettings) -> tuple[Float32, Subwords | None]:
    pairs = cooccurrences(running.ids, running.offsets, len(running.words), settings.window)
    left, values = singular(information(pairs, settings.smoothing, settings.shift), settings.dim, settings.seed)
    return np.ascontiguousarray(left * values ** np.float32(settings.power)), None


def _by_skip_gram(running: Running, settings: VectorSettings) -> tuple[Float32, Subwords | None]:
    with progress("skip-gram (words)", len(running) * settings.epochs) as told:
        return skip_gram(running, settings, told)


def _by_degrees(running: Running, settings: VectorSettings) -> tuple[Float32, Subwords | None]:
    pairs = cooccurrences(running.ids, running.offsets, len(running.words), settings.window)
    # rows at length 1: rare words, whose information is largest, would have the dimensions to themselves
    matrix = of_length_one_rows(information(pairs, settings.smoothing, settings.shift))
    found = factor(matrix, settings.dim, settings.seed)
    return keep_largest(found, settings.nonzero), None


_Made = Callable[[Running, VectorSettings], tuple[Float32, Subwords | None]]
_MADE: dict[str, _Made] = {COUNTS: _by_counts, PREDICTED: _by_skip_gram, SPARSE: _by_degrees}
