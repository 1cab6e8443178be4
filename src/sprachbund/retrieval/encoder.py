"""A trained encoder: text in, vectors out; saved, opened again, the same to the last bit.

    MODEL/encoder.json          the manifest: settings, languages, task, scores, what it was trained on
          vectors.safetensors   float32 [rows, dim], a row an n-gram
          vocabulary/           the n-gram of each row: its string, key and count, and the look-up table
          tower.safetensors     only with a tower
          README.md             a model card

A text is a bag of n-grams, its vector their weighted sum, brought to length 1: so the score of two texts is a sum
over pairs of n-grams. N-grams that training never saw have their start row, a function of key and seed: rare
names still match themselves. A text without words gives the zero vector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from sprachbund.corpus.segment import needs_dictionary, normalise, split_words_by_dictionary
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import atomic_folder, read_manifest, write_manifest, write_text
from sprachbund.progress import logger
from sprachbund.retrieval import ngrams as kernels
from sprachbund.retrieval.bags import Float32, Ranges, Sentences
from sprachbund.retrieval.card import write_card
from sprachbund.retrieval.encoded import EncodedCorpus
from sprachbund.retrieval.features import Ngrams, Rows, Workspace
from sprachbund.retrieval.model import Model, pool_ranges
from sprachbund.retrieval.settings import Settings, from_dict, to_dict
from sprachbund.retrieval.tower import Tower, make_tower
from sprachbund.retrieval.vocabulary import Vocabulary

KIND, FORMAT, MANIFEST = "encoder", 1, "encoder.json"
BLOCK = 20_000


@dataclass(frozen=True)
class Encoder:
    """A table of n-gram vectors and how to use it.

    Attributes:
        settings: all of the training. vocabulary: the n-gram of each row. table: float32 [rows, dim].
        unseen_length, seed: of the start rows of n-grams without a row.
        tower: on top, or None. about: task, languages, scores, provenance; JSON values.
    """

    settings: Settings
    vocabulary: Vocabulary
    table: Float32
    unseen_length: float
    seed: int
    tower: Tower | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.settings.encoder.towers[-1] if self.settings.encoder.towers else self.settings.encoder.dim

    def encode(self, texts: Sequence[str], language: str = "") -> Float32:
        """The vectors of texts: float32 [texts, dim], of length 1 with cosine, zero for a text without words.

        Args:
            language: helps to find the words of scripts that write no spaces; "" if unknown.
        """
        if isinstance(texts, str):
            raise SettingsError("expected a list of texts, found one string; write encode([text])")
        blocks = [self._encode(texts[i : i + BLOCK], language) for i in range(0, len(texts), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty((0, self.dim), np.float32)

    def _encode(self, texts: Sequence[str], language: str) -> Float32:
        cleaned = [normalise(text) for text in texts]
        parted = [split_words_by_dictionary(t, language) if needs_dictionary(t) else t for t in cleaned]
        data, offsets = kernels.pack(parted)
        tokens = kernels.tokenize(data, offsets)
        encoder = self.settings.encoder
        words, first, word_ids = np.unique(tokens.keys, return_index=True, return_inverse=True)
        keys, orders = [words], [np.ones(len(words), np.int8)]
        pairs, pair_ids = np.empty(0, np.uint64), np.empty(0, np.int64)
        pair_offsets = np.zeros(len(offsets), np.int64)
        if encoder.bigram_weight:
            raw, pair_offsets = kernels.bigrams(tokens)
            pairs, pair_ids = np.unique(raw, return_inverse=True)
            keys.append(pairs)
            orders.append(np.full(len(pairs), 2, np.int8))
        char_offsets = np.zeros(len(words) + len(pairs) + 1, np.int64)
        char_ids = np.empty(0, np.int32)
        if encoder.characters and encoder.character_weight:
            raw, starts = kernels.characters(data, tokens.starts[first], tokens.lengths[first], encoder.characters)
            distinct, inverse = np.unique(raw, return_inverse=True)
            char_offsets[: len(words) + 1] = starts
            char_offsets[len(words) + 1 :] = starts[-1]
            char_ids = (inverse + len(words) + len(pairs)).astype(np.int32)
            keys.append(distinct)
            orders.append(np.full(len(distinct), -1, np.int8))
            char_offsets = np.concatenate((char_offsets, np.full(len(distinct), starts[-1], np.int64)))
        all_keys = np.concatenate(keys)
        ngrams = Ngrams(all_keys, np.concatenate(orders), char_offsets, char_ids)
        rows = Rows(self.vocabulary.lookup(all_keys), self.unseen_length, self.seed)
        sentences = Sentences(
            word_ids.astype(np.int32), tokens.offsets, (pair_ids + len(words)).astype(np.int32), pair_offsets
        )
        each = np.arange(len(texts), dtype=np.int64)
        ranges = Ranges(each, each + 1, np.full(len(texts), -1, np.int64))
        model = Model(self.settings, ngrams, {}, self.table, np.empty(0, np.int32), self.tower)
        return pool_ranges(model, sentences, rows, ranges, Workspace.of(ngrams))

    def in_corpus(self, encoded: EncodedCorpus) -> Model:
        """The same model in the ids of an encoded corpus, for evaluation.

        Raises:
            SettingsError: the corpus was encoded without the character n-grams that the encoder uses.
        """
        characters = self.settings.encoder.characters
        missing = set(characters) - set(encoded.manifest["characters"])
        if missing:
            raise SettingsError(f"the corpus was encoded without character n-grams of {sorted(missing)}")
        rows = Rows(self.vocabulary.lookup(encoded.ngrams.keys), self.unseen_length, self.seed)
        ngrams = encoded.with_characters(characters)
        ids = np.empty(0, np.int32)
        return Model(self.settings, ngrams, dict.fromkeys(encoded.languages, rows), self.table, ids, self.tower)

    def save(self, folder: Path | str) -> None:
        """Write the encoder; an existing encoder at ``folder`` is replaced when the new one is complete.

        Raises:
            FolderError: ``folder`` holds something that is not an encoder.
        """
        folder = Path(folder)
        if folder.exists() and any(folder.iterdir()):
            read_manifest(folder, MANIFEST, KIND, FORMAT)
        with atomic_folder(folder) as temporary:
            save_file({"vectors": np.ascontiguousarray(self.table)}, temporary / "vectors.safetensors")
            if self.tower is not None:
                save_file(self.tower.tensors(), temporary / "tower.safetensors")
            self.vocabulary.save(temporary / "vocabulary")
            write_text(temporary / "README.md", write_card(folder.name, self.settings, self.about, len(self.table)))
            write_manifest(
                temporary,
                MANIFEST,
                KIND,
                FORMAT,
                settings=to_dict(self.settings),
                unseen_length=self.unseen_length,
                seed=self.seed,
                dim=self.dim,
                about=dict(self.about),
            )

    @staticmethod
    def load(folder: Path | str, *, check: bool = True) -> "Encoder":
        """Open a saved encoder.

        Args:
            check: compare the SHA-256 of every file with the manifest (about a second a gigabyte).

        Raises:
            FolderError: the folder is absent, damaged, or of another kind or version.
        """
        folder = Path(folder)
        manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=check)
        for stranger in _strangers(folder, manifest):
            logger.warning("%s: a foreign file, the encoder's manifest does not list it; it is not used", stranger)
        try:
            settings = from_dict(manifest["settings"])
            length, seed = float(manifest["unseen_length"]), int(manifest["seed"])
            about = dict(manifest["about"])
        except (KeyError, TypeError, ValueError, SettingsError) as error:
            raise FolderError(
                f"{folder / MANIFEST}: damaged, its settings cannot be read ({error}); train the model anew"
            ) from None
        table = _tensors(folder / "vectors.safetensors").get("vectors", np.empty((0, 0), np.float32))
        vocabulary = Vocabulary.load(folder / "vocabulary")
        if table.shape != (len(vocabulary.keys), settings.encoder.dim):
            raise FolderError(
                f"{folder}: vectors of shape {table.shape} do not fit {len(vocabulary.keys)} n-grams of "
                f"{settings.encoder.dim} numbers; train the model anew"
            )
        tower = None
        if settings.encoder.towers:
            tower = make_tower(settings.encoder, settings.training.rate, 1, 0)
            tower.load(_tensors(folder / "tower.safetensors"))
        return Encoder(settings, vocabulary, table, length, seed, tower, about)


def _strangers(folder: Path, manifest: Mapping[str, Any]) -> list[Path]:
    """Files in the folder that the manifest does not list; hidden ones are nobody's business."""
    known = {*manifest.get("files", {}), MANIFEST}
    names = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        folder / name
        for name in names
        if name.as_posix() not in known and not any(part.startswith(".") for part in name.parts)
    ]


def _tensors(path: Path) -> dict[str, Float32]:
    try:
        tensors: dict[str, Float32] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise FolderError(f"{path}: damaged, not readable as safetensors ({error}); train the model anew") from None
    return tensors


def from_model(model: Model, encoded: EncodedCorpus, about: Mapping[str, Any]) -> Encoder:
    """The encoder of a model whose languages share their rows.

    Raises:
        SettingsError: the languages have rows of their own (the arms ``control`` and ``placebo``).
    """
    maps = {id(rows.row): rows for rows in model.rows.values()}
    if len(maps) != 1:
        raise SettingsError("only a model whose languages share their rows can be saved as an encoder")
    rows = next(iter(maps.values()))
    full = encoded.vocabulary()
    ids = model.ids
    vocabulary = Vocabulary(full.keys[ids], full.counts[ids], full.orders[ids], full.strings[ids])
    return Encoder(model.settings, vocabulary, model.table, rows.unseen_length, rows.seed, model.tower, about)
