"""A recogniser on disk, the same to the last bit when it is read again.

RECOGNISER/recogniser.json       the manifest: languages, settings, letters with how often each came, the curve
RECOGNISER/weights.safetensors   float32 by name
RECOGNISER/card.json             what somebody must know of it
"""

from pathlib import Path
from typing import Any

import numpy as np

from sprachbund import settings as tree
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import atomic_folder, read_manifest, write_manifest
from sprachbund.lab.card import Card, write_card
from sprachbund.lm.neural.tensors import read_tensors, write_tensors
from sprachbund.lm.ngram.characters import read_characters, write_characters
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.settings import RecogniserSettings

__all__ = ["FORMAT", "KIND", "MANIFEST", "read_recogniser", "write_recogniser"]

KIND, FORMAT, MANIFEST = "recogniser", 1, "recogniser.json"
WEIGHTS, LETTERS = "weights.safetensors", "letters"
FIELDS: dict[str, type | tuple[type, ...]] = {
    "languages": list, "settings": dict, "letters": list, "counts": list, "curve": list, "heard": int, "carried": dict,
    "about": dict, "expects": (dict, type(None)),
}  # fmt: skip
REMEDY = "train the recogniser anew, or take it from where it came from again"


def write_recogniser(recogniser: Recogniser, folder: Path, card: Card | None = None) -> None:
    """Write a recogniser; one that is there is replaced when the new one is complete.

    Raises:
        FolderError: ``folder`` holds something else.
    """
    with atomic_folder(folder, MANIFEST) as made:
        write_tensors(recogniser.weights, made / WEIGHTS)
        if card is not None:
            write_card(card, made)
        expected = recogniser.expectations
        if expected is not None:
            write_characters(expected.ngram, made / LETTERS)
        write_manifest(
            made, MANIFEST, KIND, FORMAT, languages=list(recogniser.languages),
            settings=tree_of(recogniser.settings), letters=list(recogniser.alphabet.letters),
            counts=recogniser.counts.tolist(), curve=[list(point) for point in recogniser.curve],
            heard=recogniser.heard, carried=dict(recogniser.carried), about=dict(recogniser.about),
            expects=None if expected is None else {"weight": expected.weight, "bonus": expected.bonus},
        )  # fmt: skip


def tree_of(settings: RecogniserSettings) -> dict[str, Any]:
    """The settings as JSON, a table a stage."""
    return tree.to_dict(settings)


def read_recogniser(folder: Path | str) -> Recogniser:
    """Open a saved recogniser.

    Raises:
        FolderError: the folder is absent, damaged, or of another kind or version.
    """
    folder = Path(folder)
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields=FIELDS, listed=[WEIGHTS])
    try:
        return _made(manifest, read_tensors(folder / WEIGHTS, REMEDY), folder)
    except (TypeError, ValueError, KeyError, OverflowError, SettingsError) as error:
        raise FolderError(f"{folder / MANIFEST}: damaged, not a recogniser's ({one_line(error)}); {REMEDY}") from None


def _made(manifest: dict[str, Any], weights: dict[str, Any], folder: Path) -> Recogniser:
    letters, counts, languages = manifest["letters"], manifest["counts"], manifest["languages"]
    if not all(isinstance(letter, str) and len(letter) == 1 for letter in letters) or letters != sorted(set(letters)):
        raise ValueError("its letters are no alphabet")
    if len(counts) != len(letters) + 1 or not all(type(count) is int and 0 <= count < 1 << 62 for count in counts):
        raise ValueError("its counts are not one a letter")
    if not all(isinstance(language, str) for language in languages):
        raise ValueError("a language is no code")
    expects = manifest["expects"]
    if expects is not None and not all(type(expects[name]) in (int, float) for name in ("weight", "bonus")):
        raise ValueError("what it expects has no weight")
    return Recogniser(
        tuple(languages),
        tree.from_dict(RecogniserSettings(), manifest["settings"]),
        Alphabet(tuple(letters)),
        np.array(counts, np.int64),
        weights,
        tuple((int(heard), float(value), float(seconds)) for heard, value, seconds in manifest["curve"]),
        manifest["heard"],
        {str(how): int(count) for how, count in manifest["carried"].items()},
        None
        if expects is None
        else Expectations(read_characters(folder / LETTERS), float(expects["weight"]), float(expects["bonus"])),
        manifest["about"],
    )
