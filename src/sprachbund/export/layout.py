"""The JSON files around the modules of a sentence-transformers model, written without the library.

So an export needs neither torch nor the library; versions 5 and 6 read the same files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sprachbund.files import write_json
from sprachbund.retrieval.encoder.encoder import Encoder

__all__ = ["BAG", "write_bag", "write_layout"]

BAG = "0_NgramBag"


def write_layout(folder: Path, modules: Sequence[tuple[str, str]], similarity: str) -> None:
    """Write modules.json and config_sentence_transformers.json.

    Args:
        modules: (subfolder, dotted name of the class), in the order in which they work.
        similarity: ``cosine`` or ``dot``.
    """
    listed = [
        {"idx": number, "name": str(number), "path": path, "type": kind} for number, (path, kind) in enumerate(modules)
    ]
    write_json(folder / "modules.json", listed)
    config: dict[str, Any] = {
        "model_type": "SentenceTransformer",
        "prompts": {},
        "default_prompt_name": None,
        "similarity_fn_name": similarity,
    }
    write_json(folder / "config_sentence_transformers.json", config)


def write_bag(encoder: Encoder, folder: Path) -> None:
    """The encoder as the one module of a model: see `sprachbund.export.sentence_transformers`."""
    encoder.save(folder / BAG)
    modules = [(BAG, "sprachbund.export.sentence_transformers.NgramBag")]
    write_layout(folder, modules, encoder.settings.encoder.similarity)
