"""An encoder as a model of MTEB 2: ``mteb.evaluate(mteb_model("model"), tasks=[...])``.

The library asks with batches and the metadata of a task; where the metadata name one language for the subset, the
encoder is told it. Scores are dot products, which for vectors of length 1 are cosines. The revision follows from the
training, so that results which the library keeps are never taken for those of another model.
"""

import hashlib
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import langcodes
import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import LanguageError, MissingExtraError
from sprachbund.languages import find
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.short_rows import lengthen

__all__ = ["MtebModel", "mteb_model"]


@dataclass(frozen=True)
class MtebModel:
    """What MTEB calls an encoder.

    Attributes:
        encoder: does the work. mteb_model_meta: a ``ModelMeta``: name, revision, languages, size.
    """

    encoder: Encoder
    mteb_model_meta: Any

    def encode(
        self,
        inputs: Iterable[dict[str, Any]],
        *,
        task_metadata: Any,
        hf_split: str = "",
        hf_subset: str = "default",
        prompt_type: Any = None,
        **_: Any,
    ) -> Float32:
        """The vectors of all texts of the batches: float32 [texts, dim]; queries and documents are encoded alike."""
        language = subset_language(task_metadata, hf_subset)
        vectors = [self.encoder.encode(list(batch["text"]), language) for batch in inputs]
        return np.concatenate(vectors) if vectors else np.empty((0, self.encoder.dim), np.float32)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Dot products of all pairs: a torch tensor [first, second]."""
        return _similarities().dot_score(embeddings1, embeddings2)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Dot products row by row: a torch tensor [rows]."""
        return _similarities().pairwise_dot_score(embeddings1, embeddings2)


def mteb_model(encoder: Encoder | Path | str, name: str = "") -> MtebModel:
    """Wrap an encoder, or the folder of one, for ``mteb.evaluate``.

    Args:
        name: for the results, as ``organisation/model``; sprachbund/ and the folder's name if empty.

    Raises:
        MissingExtraError: mteb is not installed.
    """
    meta = _import_mteb().models.ModelMeta
    folder = "encoder" if isinstance(encoder, Encoder) else Path(encoder).resolve().name
    encoder = encoder if isinstance(encoder, Encoder) else Encoder.load(encoder)
    facts = {
        "name": name or f"sprachbund/{folder}",
        "revision": _revision(encoder),
        "languages": _languages(encoder),
        "n_parameters": math.prod(encoder.table.shape),
        "n_embedding_parameters": math.prod(encoder.table.shape),
        "memory_usage_mb": encoder.table.nbytes / 2**20,
        "max_tokens": float("inf"),
        "embed_dim": encoder.dim,
        "framework": ["NumPy", "safetensors"],
        "similarity_fn_name": encoder.settings.encoder.similarity,
        "use_instructions": False,
    }
    return MtebModel(encoder, meta(**meta.create_empty().model_dump(exclude_unset=True) | facts))


def subset_language(task_metadata: Any, subset: str) -> str:
    """Our code for the one language of a task's subset; "" where there are several, or it is unknown to us."""
    scripts = task_metadata.hf_subsets_to_langscripts.get(subset, [])
    codes = {script.split("-")[0] for script in scripts}
    if len(codes) != 1:
        return ""
    try:
        return find(codes.pop()).code
    except LanguageError:
        return ""


def _languages(encoder: Encoder) -> list[str] | None:
    """The languages of the training as MTEB writes them, tur-Latn, those that it knows; None if there are none."""
    from mteb.languages.check_language_code import check_language_code

    found = set()
    for code in encoder.about.get("languages", ()):
        tag = langcodes.Language.get(find(code).bcp47).maximize()
        name = f"{tag.to_alpha3()}-{tag.script}"
        with suppress(ValueError):
            check_language_code(name)
            found.add(name)
    return sorted(found) or None


def _revision(encoder: Encoder) -> str:
    """The name of the training, or of the table where none is known: 40 hexadecimal digits."""
    work = encoder.about.get("work") or hashlib.sha256(np.ascontiguousarray(lengthen(encoder.table)).data).hexdigest()
    return str(work)[:40]


def _similarities() -> Any:
    from mteb import similarity_functions

    return similarity_functions


def _import_mteb() -> Any:
    try:
        import mteb
    except ImportError:
        raise MissingExtraError("this needs mteb: pip install mteb") from None
    return mteb
