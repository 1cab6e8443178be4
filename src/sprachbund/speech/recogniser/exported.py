"""A recogniser as a graph that onnxruntime runs, without torch: how it is read and asked. `export` writes it.

    features            float32 [texts, frames, mels]     logarithms of mel bands, as `features.log_mels` gives them
    frames              int64   [texts]                   how many each has; what stands behind changes nothing
    log_probabilities   float32 [texts, rows, symbols]    a row every third frame
    rows                int64   [texts]                   how many are each text's

    OUT/model.onnx         the numbers as they were learned
        model.int8.onnx    weights of a byte
        letters/           which letters it expects, for the beam; absent where nothing is expected

What else one must know stands in the file itself, as its metadata: see `METADATA`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.lm.ngram.characters import read_characters
from sprachbund.speech import extra
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.features import FeatureSettings
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.settings import RecogniserSettings

__all__ = [
    "FILE", "INPUTS", "INT8", "LETTERS", "METADATA", "OUTPUTS", "graph_of", "metadata_of", "opened_graph",
    "read_exported", "told_by_graph",
]  # fmt: skip

FILE, INT8, LETTERS = "model.onnx", "model.int8.onnx", "letters"
INPUTS, OUTPUTS = ("features", "frames"), ("log_probabilities", "rows")
METADATA = "sprachbund"
"""The name in the file's metadata under which all that a reader must know stands as JSON: ``format``, ``languages``,
``sampling_rate``, ``mels``, ``letters``, and ``expects`` with a weight and a bonus, or null."""
FORMAT = 1
REMEDY = "export the recogniser again"


def graph_of(path: Path) -> Path | None:
    """The graph that a path names: the file itself, or ``model.onnx`` in a folder; None where there is none."""
    found = path / FILE if path.is_dir() else path
    return found if found.suffix == ".onnx" and found.is_file() else None


def metadata_of(recogniser: Recogniser) -> str:
    """What stands under `METADATA` in the graph of a recogniser."""
    own, expected = recogniser.settings.features, recogniser.expectations
    said = {
        "format": FORMAT, "languages": list(recogniser.languages), "sampling_rate": own.sampling_rate,
        "mels": own.mels, "letters": list(recogniser.alphabet.letters),
        "expects": None if expected is None else {"weight": expected.weight, "bonus": expected.bonus},
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False)


def opened_graph(path: Path, threads: int = 1) -> Any:
    """A session of onnxruntime on so many threads.

    Raises:
        FolderError: the file is damaged. MissingExtraError: onnxruntime is not installed.
    """
    runtime = extra.onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no root of its exceptions but this
        raise FolderError(f"{path}: no graph that onnxruntime reads ({one_line(error)}); {REMEDY}") from None
    named = [tuple(each.name for each in ends) for ends in (session.get_inputs(), session.get_outputs())]
    if named != [INPUTS, OUTPUTS]:
        raise FolderError(f"{path}: a graph of another kind, it takes {', '.join(named[0])}; expected a recogniser's")
    return session


def told_by_graph(session: Any, features: Sequence[Float32]) -> list[Float32]:
    """What a graph says of some utterances: float32 [rows, symbols] each.

    Args:
        features: float32 [frames, mels] of each, not normalised: the graph does that.
    """
    symbols = session.get_outputs()[0].shape[-1]
    found = []
    for each in features:
        if not len(each):
            found.append(np.empty((0, symbols), np.float32))
            continue
        given = dict(zip(INPUTS, (each[None], np.array([len(each)], np.int64)), strict=True))
        found.append(session.run(OUTPUTS[:1], given)[0][0])
    return found


def read_exported(path: Path) -> Recogniser:
    """What the graph of a recogniser says of itself: all but its weights, which stay in the file.

    Raises:
        FolderError: it is damaged, or no recogniser's. MissingExtraError: onnxruntime is not installed.
    """
    session = opened_graph(path)
    said = session.get_modelmeta().custom_metadata_map.get(METADATA)
    try:
        found = json.loads(said or "null")
        if not isinstance(found, dict) or found["format"] != FORMAT:
            raise ValueError(f"it says nothing under {METADATA} that this version reads")
        recogniser = _made(found, path.parent / LETTERS)
        if session.get_outputs()[0].shape[-1] != recogniser.alphabet.size:
            raise ValueError("it has another number of letters than it says")
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError, SettingsError) as error:
        raise FolderError(f"{path}: damaged, not a recogniser's ({one_line(error)}); {REMEDY}") from None
    return recogniser


def _made(said: Mapping[str, Any], letters: Path) -> Recogniser:
    alphabet, languages = said["letters"], said["languages"]
    if not all(isinstance(letter, str) and len(letter) == 1 for letter in alphabet) or alphabet != sorted({*alphabet}):
        raise ValueError("its letters are no alphabet")
    if not languages or not all(isinstance(language, str) for language in languages):
        raise ValueError("a language is no code")
    expects = said["expects"]
    return Recogniser(
        tuple(languages),
        RecogniserSettings(features=FeatureSettings(int(said["sampling_rate"]), int(said["mels"]))),
        Alphabet(tuple(alphabet)),
        np.zeros(len(alphabet) + 1, np.int64),
        {},
        expectations=None
        if expects is None
        else Expectations(read_characters(letters), float(expects["weight"]), float(expects["bonus"])),
    )
