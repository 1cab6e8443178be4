"""A model in the ids of an encoded corpus, on disk, to be gone on from in the same study.

    FOLDER/model.json    settings, languages
           *.npy         the table, the n-gram of each row, where the n-grams of each language find their rows

It is worth nothing without its encoded corpus; `Encoder` is the form that stands by itself. Every file is named by the
run that it is part of, which compares it with its hash.
"""

from pathlib import Path

import numpy as np

from sprachbund.errors import FolderError
from sprachbund.files import read_array, read_json, write_array, write_json
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Rows
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.settings import from_dict, to_dict

__all__ = ["read_model", "write_model"]

REMEDY = "remove the run's folder and give the same command again"


def write_model(model: Model, folder: Path) -> None:
    """Write a model into an empty folder; languages that share their rows share the array."""
    assert isinstance(model.table, np.ndarray)
    write_array(folder / "table.npy", model.table)
    write_array(folder / "ids.npy", model.ids)
    places: dict[int, str] = {}
    languages = []
    for language, rows in model.rows.items():
        name = places.setdefault(id(rows.row), f"row-{len(places)}.npy")
        if not (folder / name).exists():
            write_array(folder / name, rows.row)
        languages.append(
            {"language": language, "row": name, "unseen_length": float(rows.unseen_length), "seed": rows.seed}
        )
    write_json(folder / "model.json", {"settings": to_dict(model.settings), "languages": languages})


def read_model(folder: Path, encoded: EncodedCorpus) -> Model:
    """The model that `write_model` wrote, over the same encoded corpus.

    Raises:
        FolderError: it is damaged, or of another corpus.
    """
    said = read_json(folder / "model.json", REMEDY)
    try:
        settings = from_dict(said["settings"])
        ids = read_array(folder / "ids.npy", mapped=False, dtype=np.int32, dimensions=1)
        table = read_array(folder / "table.npy", mapped=False, dtype=np.float32, dimensions=2)
        arrays = {
            name: read_array(folder / name, mapped=False, dtype=np.int32, dimensions=1)
            for name in {entry["row"] for entry in said["languages"]}
        }
        rows = {
            entry["language"]: Rows(arrays[entry["row"]], entry["unseen_length"], entry["seed"])
            for entry in said["languages"]
        }
    except (KeyError, TypeError) as error:
        raise FolderError(f"{folder / 'model.json'}: damaged ({error}); {REMEDY}") from None
    fits = table.shape == (len(ids), settings.encoder.dim)
    if not fits or any(len(a) != len(encoded.ngrams) or a.max(initial=-1) >= len(ids) for a in arrays.values()):
        raise FolderError(f"{folder}: damaged, its arrays do not fit each other or the corpus; {REMEDY}")
    return Model(settings, encoded.with_characters(settings.encoder.characters), rows, table, ids)
