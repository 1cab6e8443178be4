"""torch, imported when it is used, and its devices that are computed on: the processor, a GPU."""

from typing import Any

from sprachbund.errors import MissingExtraError, SettingsError, one_line

__all__ = ["CPU", "device_of", "torch_for"]

CPU = "cpu"


def torch_for(what: str) -> Any:
    """The library torch.

    Args:
        what: needs it, for the message.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError(f"{what} needs torch: pip install 'sprachbund[lm]'") from None
    return torch


def device_of(torch: Any, name: str) -> Any:
    """A device by torch's name for it, as ``cuda`` or ``cuda:1``.

    Args:
        torch: the library.

    Raises:
        SettingsError: there is no such device here, or nothing can be computed on it.
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # of torch, one for each reason
        raise SettingsError(
            f"device {name}: expected one of torch that is here, as cuda, mps or cpu; found: {one_line(error)}; leave "
            "device out to compute on the processor"
        ) from None
    return device
