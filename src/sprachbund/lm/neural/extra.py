"""The libraries of the extra ``lm``, imported when they are used."""

from typing import Any

from sprachbund.devices import torch_for
from sprachbund.errors import MissingExtraError

__all__ = ["tokenizers", "torch"]


def torch() -> Any:
    """The library torch.

    Raises:
        MissingExtraError: it is not installed.
    """
    return torch_for("a neural language model")


def tokenizers() -> Any:
    """The library tokenizers.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import tokenizers as library
    except ImportError:
        raise MissingExtraError("pieces need the library tokenizers: pip install 'sprachbund[lm]'") from None
    return library
