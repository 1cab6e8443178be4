"""The libraries of the extra ``speech``, and onnxruntime of ``export``, imported when they are used."""

from importlib import import_module
from typing import Any

from sprachbund.errors import MissingExtraError

__all__ = ["jiwer", "num2words", "onnxruntime", "soundfile", "soxr", "torch"]


def _library(name: str, doing: str, own: str = "speech") -> Any:
    try:
        return import_module(name)
    # soundfile raises OSError where the library that it wraps is absent
    except (ImportError, OSError):
        raise MissingExtraError(f"{doing} needs {name}: pip install 'sprachbund[{own}]'") from None


def soundfile() -> Any:
    """The library soundfile.

    Raises:
        MissingExtraError: it is not installed; so for the others.
    """
    return _library("soundfile", "reading sound")


def soxr() -> Any:
    """The library soxr."""
    return _library("soxr", "changing a sampling rate")


def jiwer() -> Any:
    """The library jiwer."""
    return _library("jiwer", "measuring transcripts")


def num2words() -> Any:
    """The library num2words."""
    return _library("num2words", "spelling out numbers")


def torch() -> Any:
    """The library torch."""
    return _library("torch", "a recogniser")


def onnxruntime() -> Any:
    """The library onnxruntime."""
    return _library("onnxruntime", "an exported recogniser", "export")
