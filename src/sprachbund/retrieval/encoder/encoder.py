"""A trained encoder: text in, vectors out; saved, opened again, the same to the last bit.

    MODEL/encoder.json          the manifest: settings, languages, task, scores, what it was trained on
          vectors.safetensors   float32 [rows, dim], a row an n-gram
          vocabulary/           the n-gram of each row: its string, key and count, and the look-up table
          spelling/             how words are spelt, where they are not as they are written
          README.md             a model card

A text is a bag of n-grams, its vector their weighted sum, brought to length 1: so the score of two texts is a sum
over pairs of n-grams. N-grams that training never saw have their start row, a function of key and seed: rare
names still match themselves. A text without words gives the zero vector.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from sprachbund.arguments import several, text
from sprachbund.arrays import Float32
from sprachbund.claims import shown_files
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import atomic_folder, read_manifest, write_manifest, write_text
from sprachbund.languages import spoken
from sprachbund.ngrams.vocabulary import MANIFEST as VOCABULARY
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.about import require_about
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.card import write_card
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Ngrams, Rows, Workspace, bag_sums
from sprachbund.retrieval.encoder.model import Model, bags_of, pool_ranges
from sprachbund.retrieval.encoder.short_rows import (
    BITS,
    LONG,
    ShortTable,
    Table,
    gather,
    lengthen,
    require_bits,
    shorten,
)
from sprachbund.retrieval.encoder.softmax import normalise
from sprachbund.retrieval.encoder.tensors import LARGEST, is_sound, map_tensors, read_tensors, write_rows
from sprachbund.retrieval.encoder.texts import AS_WRITTEN, Texts, analyse
from sprachbund.retrieval.settings import Settings, from_dict, to_dict
from sprachbund.retrieval.spelling.keeping import FOLDER as SPELLING
from sprachbund.retrieval.spelling.keeping import read_spelling, write_spelling
from sprachbund.retrieval.spelling.spellings import WRITTEN, Spelling

KIND, FORMAT, MANIFEST = "encoder", 4, "encoder.json"
VECTORS = "vectors.safetensors"
LISTED = (VECTORS, f"vocabulary/{VOCABULARY}")
FIELDS = {"settings": dict, "unseen_length": float, "seed": int, "dim": int, "bits": int, "about": dict}
REMEDY = "train the model anew"
NONE = np.empty((0, 0), np.float32)
BLOCK = 20_000


@dataclass(eq=False)  # not frozen: scikit-learn leaves notes of its own on what stands in a pipeline
class Encoder:
    """A table of n-gram vectors and how to use it.

    Attributes:
        settings: all of the training. vocabulary: the n-gram of each row.
        table: float32 [rows, dim]; of an encoder that was saved in fewer bits and is mapped, see `short_rows`.
        unseen_length, seed: of the start rows of n-grams without a row.
        about: task, languages, scores, provenance; JSON values.
        spelling: of the words that it reads.
    """

    settings: Settings
    vocabulary: Vocabulary
    table: Table
    unseen_length: float
    seed: int
    about: Mapping[str, Any] = field(default_factory=dict)
    spelling: Spelling = AS_WRITTEN

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.settings.encoder.dim

    def __repr__(self) -> str:
        languages = ", ".join(self.about.get("languages", ())) or "no language named"
        return f"Encoder({len(self.table):,} n-grams, dim {self.dim}, {languages})"

    def encode(self, texts: Iterable[str], language: str = "") -> Float32:
        """The vectors of texts: float32 [texts, dim], of length 1 with cosine, zero for a text without words.

        Args:
            language: a code or a name; helps to find the words of scripts that write no spaces and to fold case; "" if
                unknown.
        """
        texts = several(texts, "texts", str)
        language = spoken(text(language, "language")) if language else ""
        blocks = [self._encode(texts[i : i + BLOCK], language) for i in range(0, len(texts), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty((0, self.dim), np.float32)

    def similarity(
        self, left: Iterable[str] | Float32, right: Iterable[str] | Float32 | None = None, language: str = ""
    ) -> Float32:
        """The cosines of each text with each: float32 [left, right].

        Args:
            left, right: texts, or vectors that `encode` gave, [texts, dim]; ``right`` is ``left`` if None.
            language: as in `encode`.

        Raises:
            SettingsError: vectors are of another dimension.
        """
        rows = self._unit(left, language)
        return np.asarray(rows @ (rows if right is None else self._unit(right, language)).T, np.float32)

    def _unit(self, given: Iterable[str] | Float32, language: str) -> Float32:
        if not isinstance(given, np.ndarray) or given.dtype.kind not in "fiu":
            return normalise(self.encode(cast("Iterable[str]", given), language))[0]
        if given.ndim != 2 or given.shape[1] != self.dim:
            raise SettingsError(f"expected vectors [texts, {self.dim}], found an array {list(given.shape)}")
        return normalise(np.ascontiguousarray(given, np.float32))[0]

    def _encode(self, texts: Sequence[str], language: str) -> Float32:
        each = np.arange(len(texts), dtype=np.int64)
        return self.pool(self.analyse(texts, language), Ranges(each, each + 1, np.full(len(texts), -1, np.int64)))

    def pool(self, text: Texts, ranges: Ranges) -> Float32:
        """The vectors of ranges of texts, as `encode` makes them: float32 [ranges, dim]."""
        model = Model(self.settings, text.ngrams, {}, self.table, np.empty(0, np.int32))
        return pool_ranges(model, text.sentences, self.rows(text.ngrams), ranges, Workspace.of(text.ngrams))

    def sums(self, text: Texts) -> Float32:
        """The vector of each text before its length is made 1: float32 [texts, dim].

        They add up: the sum of a passage is that of its sentences.
        """
        each = np.arange(len(text.sentences), dtype=np.int64)
        bags = bags_of(text.sentences, each, self.settings.encoder)
        return bag_sums(
            bags, text.ngrams, self.rows(text.ngrams), self.table, self.settings.encoder, Workspace.of(text.ngrams)
        )

    def analyse(self, texts: Sequence[str], language: str = "") -> Texts:
        """The n-grams of texts that this encoder reads."""
        encoder = self.settings.encoder
        characters = encoder.characters if encoder.character_weight else ()
        bigrams = bool(encoder.bigram_weight)
        return analyse(texts, language, bigrams=bigrams, characters=characters, spelling=self.spelling)

    def rows(self, ngrams: Ngrams) -> Rows:
        """Where some n-grams find their vectors."""
        return Rows(self.vocabulary.lookup(ngrams.keys), self.unseen_length, self.seed)

    def in_corpus(self, encoded: EncodedCorpus) -> Model:
        """The same model in the ids of an encoded corpus, for evaluation.

        Raises:
            SettingsError: the corpus was encoded without the character n-grams that the encoder uses, or in another
                spelling.
        """
        own, there = self.spelling.hash(), encoded.spelling().hash()
        if own != there:
            raise SettingsError(
                f"the encoder reads words as {self.spelling.name}, the corpus was encoded as {encoded.spelt}"
                + (", learned from other text" if self.spelling.name == encoded.spelt else "")
            )
        characters = self.settings.encoder.characters
        missing = set(characters) - set(encoded.manifest["characters"])
        if missing:
            raise SettingsError(f"the corpus was encoded without character n-grams of {sorted(missing)}")
        rows = self.rows(encoded.ngrams)
        ngrams = encoded.with_characters(characters)
        ids = np.empty(0, np.int32)
        return Model(self.settings, ngrams, dict.fromkeys(encoded.languages, rows), self.table, ids)

    # ---- a transformer of scikit-learn, by its protocol and without importing it: trained already, without parameters

    def fit(self, texts: Any = None, y: Any = None) -> "Encoder":
        """Nothing to learn: the encoder itself."""
        return self

    def transform(self, texts: Sequence[str]) -> Float32:
        """What `encode` gives, for scikit-learn's pipelines."""
        return self.encode(texts if isinstance(texts, str) else list(texts))

    def fit_transform(self, texts: Sequence[str], y: Any = None) -> Float32:
        """What `encode` gives."""
        return self.transform(texts)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """No parameters; a search among encoders exchanges the step of the pipeline."""
        return {}

    def set_params(self, **params: Any) -> "Encoder":
        """The encoder itself.

        Raises:
            SettingsError: there is no such parameter.
        """
        if params:
            raise SettingsError(f"an encoder has no parameters to set, found {', '.join(params)}; exchange the encoder")
        return self

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Names of the numbers in a vector: str [dim]."""
        return np.array([f"encoder{number}" for number in range(self.dim)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> "Encoder":
        """A clone is the encoder without what `fit` learned, which is nothing; the table is shared, not copied."""
        return replace(self)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        texts = InputTags(one_d_array=True, two_d_array=False, string=True)
        transformer = TransformerTags(preserves_dtype=[])
        target = TargetTags(required=False)
        return Tags("transformer", target, transformer_tags=transformer, input_tags=texts, requires_fit=False)

    def save(self, folder: Path | str, bits: int = LONG) -> None:
        """Write the encoder; an existing encoder at ``folder`` is replaced when the new one is complete.

        Args:
            bits: of a number of the table: 32, or 16 or 8 for less on disk, see `short_rows`.

        Raises:
            FolderError: ``folder`` holds something that is not an encoder. SettingsError: ``bits`` cannot be.
        """
        folder, bits = Path(folder), require_bits(bits)
        if folder.exists() and any(folder.iterdir()):
            read_manifest(folder, MANIFEST, KIND, FORMAT)
        with atomic_folder(folder, MANIFEST) as temporary:
            _write_table(self.table, bits, temporary / VECTORS)
            self.vocabulary.save(temporary / "vocabulary")
            if self.spelling.name != WRITTEN:
                write_spelling(self.spelling, temporary / SPELLING)
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
                bits=bits,
                about=dict(self.about),
            )

    @staticmethod
    def load(folder: Path | str, *, check: bool = True, mapped: bool = False) -> "Encoder":
        """Open a saved encoder.

        Args:
            check: compare the SHA-256 of every file with the manifest (about a second a gigabyte).
            mapped: leave the table on disk and read the rows that are asked for.

        Raises:
            FolderError: the folder is absent, damaged, or of another kind or version.
        """
        folder = Path(folder)
        manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields=FIELDS, listed=LISTED)
        for stranger in _strangers(folder, manifest):
            logger.warning("%s: a foreign file, the encoder's manifest does not list it; it is not used", stranger)
        settings = _settings(folder, manifest)
        length, seed = float(manifest["unseen_length"]), manifest["seed"]
        if not (0 <= length < LARGEST and 0 <= seed < 1 << 63):
            raise FolderError(
                f"{folder / MANIFEST}: damaged, its unseen_length or seed cannot be; train the model anew"
            )
        require_about(folder / MANIFEST, manifest["about"])
        path = folder / VECTORS
        table = _table(path, manifest["bits"], mapped)
        vocabulary = Vocabulary.load(folder / "vocabulary")
        if table.shape != (len(vocabulary.keys), settings.encoder.dim):
            raise FolderError(
                f"{folder}: vectors of shape {table.shape} do not fit {len(vocabulary.keys)} n-grams of "
                f"{settings.encoder.dim} numbers; train the model anew"
            )
        if check and not is_sound(table.scales if isinstance(table, ShortTable) else table):
            raise FolderError(f"{path}: damaged, it has numbers that are none or too large; train the model anew")
        name = settings.encoder.spelling
        spelling = AS_WRITTEN if name == WRITTEN else read_spelling(folder / SPELLING, name, REMEDY)
        return Encoder(settings, vocabulary, table, length, seed, dict(manifest["about"]), spelling)


def _write_table(table: Table, bits: int, path: Path) -> None:
    if bits == LONG:
        places = np.arange(len(table), dtype=np.int32)
        write_rows(path, "vectors", table.shape, lambda low, high: gather(places[low:high], table))
    else:
        short = shorten(lengthen(table), bits)
        save_file({"vectors": short.numbers, "scales": short.scales}, path)


def _table(path: Path, bits: int, mapped: bool) -> Float32 | ShortTable:
    if bits not in BITS:
        raise FolderError(f"{path.with_name(MANIFEST)}: damaged, numbers cannot have {bits} bits; {REMEDY}")
    if bits == LONG:
        if mapped:
            return map_tensors(path, {"vectors": np.float32}, REMEDY)["vectors"]
        return read_tensors(path, REMEDY).get("vectors", NONE)
    found = map_tensors(path, {"vectors": BITS[bits], "scales": np.float32}, REMEDY)
    if found["vectors"].ndim != 2 or found["scales"].shape != found["vectors"].shape[:1]:
        raise FolderError(f"{path}: damaged, its scales are not those of its rows; {REMEDY}")
    short = ShortTable(found["vectors"], found["scales"])
    return short if mapped else lengthen(short)


def read_settings(folder: Path) -> Settings:
    """The settings of a saved encoder, from its manifest alone.

    Raises:
        FolderError: as `Encoder.load`.
    """
    return _settings(folder, read_manifest(folder, MANIFEST, KIND, FORMAT, fields=FIELDS, listed=LISTED))


def _settings(folder: Path, manifest: Mapping[str, Any]) -> Settings:
    stage = manifest["settings"].get("encoder")
    if isinstance(stage, dict) and stage.get("towers"):
        raise FolderError(f"{folder}: an encoder with a tower, which is read no more; {REMEDY}, without towers")
    try:
        return from_dict(manifest["settings"])
    except SettingsError as error:
        raise FolderError(
            f"{folder / MANIFEST}: damaged, its settings cannot be read ({one_line(error)}); {REMEDY}"
        ) from None


def file_hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a saved encoder, by its path in the folder.

    Raises:
        FolderError: the folder is absent, or of another kind or version.
    """
    return dict(read_manifest(folder, MANIFEST, KIND, FORMAT)["files"])


def _strangers(folder: Path, manifest: Mapping[str, Any]) -> list[Path]:
    """Files in the folder that the manifest does not list; hidden ones are nobody's business."""
    known = {*manifest.get("files", {}), MANIFEST}
    return [path for path in shown_files(folder) if path.relative_to(folder).as_posix() not in known]


def from_model(
    model: Model, encoded: EncodedCorpus, about: Mapping[str, Any], start: Vocabulary | None = None
) -> Encoder:
    """The encoder of a model whose languages share their rows.

    Args:
        start: the n-grams of the model's first rows, where it went on from another and kept them all.

    Raises:
        SettingsError: the languages have rows of their own (the arms ``control`` and ``placebo``).
    """
    maps = {id(rows.row): rows for rows in model.rows.values()}
    if len(maps) != 1:
        raise SettingsError("only a model whose languages share their rows can be saved as an encoder")
    rows = next(iter(maps.values()))
    full = encoded.vocabulary()
    if start is None:
        vocabulary, table = full.take(model.ids), model.table
    else:
        vocabulary, table = _with_start(model, full, start)
    return Encoder(model.settings, vocabulary, table, rows.unseen_length, rows.seed, about, encoded.spelling())


def _with_start(model: Model, full: Vocabulary, start: Vocabulary) -> tuple[Vocabulary, Table]:
    """The n-grams of a start and those that came after them, the most frequent in both texts together first."""
    grown = full.take(model.ids[len(start) :])
    counted = np.zeros(len(start), np.int64)
    again = np.flatnonzero((model.ids[: len(start)] >= 0) & (model.ids[: len(start)] < len(full)))
    counted[again] = full.counts[model.ids[again]]
    both = Vocabulary(
        np.concatenate((start.keys, grown.keys)),
        np.concatenate((start.counts + counted, grown.counts)),
        np.concatenate((start.orders, grown.orders)),
        pl.concat((start.strings, grown.strings)),
    )
    order = np.lexsort((both.keys, -both.counts))
    return both.take(order), lengthen(model.table)[order]
