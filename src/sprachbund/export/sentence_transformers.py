"""A sentence-transformers model whose one module is the encoder itself: the same vectors, unseen words included.

    OUT/modules.json                        names the class below, which is importable where sprachbund is installed
        config_sentence_transformers.json
        0_NgramBag/                         the encoder as `Encoder.save` writes it

Bigrams, characters and start rows of unseen n-grams are no embedding table, so that the library's own modules cannot
hold them. The price of a module from outside: from version 6 on the library wants ``trust_remote_code=True`` before it
imports one (version 5 does not ask for a folder on disk). No code lies in the folder: what is imported is the
installed package. `load` needs no flag. The module computes on the CPU, in numba, and has no parameters that the
library's trainers could change.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError, MissingExtraError
from sprachbund.export.layout import BAG
from sprachbund.retrieval.encoder.encoder import Encoder

try:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.util import load_dir_path
except ImportError:
    raise MissingExtraError("this needs sentence-transformers: pip install 'sprachbund[export]'") from None

__all__ = ["NgramBag", "load"]


class NgramBag(torch.nn.Module):  # type: ignore[misc]
    """The encoder as a module: text in, ``sentence_embedding`` out.

    Attributes:
        encoder: does the work. forward_kwargs: what `SentenceTransformer.encode` may be given beside its own options.
    """

    forward_kwargs = frozenset({"language"})
    modalities = ("text",)
    save_in_root = False
    max_seq_length: int | None = None

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def preprocess(
        self, inputs: Sequence[str], prompt: str | None = None, language: str = "", **_: Any
    ) -> dict[str, Any]:
        """The vectors of texts, float32 [texts, dim]: there are no tokens to pass on, for the bag is not a sequence.

        Args:
            prompt: written before each text. language: helps to find words in scripts without spaces.
        """
        texts = [(prompt or "") + text for text in inputs]
        return {"sentence_embedding": torch.from_numpy(self.encoder.encode(texts, language))}

    def tokenize(self, texts: Sequence[str], **options: Any) -> dict[str, Any]:
        """What `preprocess` is called by version 5 of the library."""
        return self.preprocess(texts, **options)

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Nothing is left to do."""
        return features

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self.encoder.dim

    def get_sentence_embedding_dimension(self) -> int:
        """Numbers in a vector, by the name that version 5 of the library uses."""
        return self.encoder.dim

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write the encoder: safetensors and numpy's arrays, nothing pickled."""
        self.encoder.save(output_path)

    @classmethod
    def load(
        cls,
        model_name_or_path: str,
        subfolder: str = "",
        token: bool | str | None = None,
        cache_folder: str | None = None,
        revision: str | None = None,
        local_files_only: bool = False,
        **_: Any,
    ) -> "NgramBag":
        """Open what `save` wrote, in a folder or in a repository of the hub.

        Raises:
            FolderError: there is no encoder, or it is damaged.
        """
        found = load_dir_path(
            model_name_or_path,
            subfolder,
            token=token,
            cache_folder=cache_folder,
            revision=revision,
            local_files_only=local_files_only,
        )
        if found is None:
            raise FolderError(
                f"{model_name_or_path}: expected an encoder in {subfolder}, found nothing; export it anew"
            )
        return cls(Encoder.load(found))


def load(folder: Path | str) -> Any:
    """The SentenceTransformer of an exported folder, or of a folder that `Encoder.save` wrote.

    Raises:
        FolderError: the folder holds neither, or is damaged.
    """
    folder = Path(folder)
    inside = folder / BAG
    encoder = Encoder.load(inside if inside.is_dir() else folder)
    name = encoder.settings.encoder.similarity
    return SentenceTransformer(modules=[NgramBag(encoder)], device="cpu", similarity_fn_name=name)
