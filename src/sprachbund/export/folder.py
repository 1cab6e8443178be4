"""Write an encoder in another library's format: a folder with a card, complete or absent.

    sentence-transformers   the encoder itself behind a module of ours: exact, unseen words included
    static                  a plain StaticEmbedding of words alone: loads without sprachbund, loses what the card says
    word2vec                a line a word, and a line a bigram
    onnx                    the arithmetic as a graph: exact, the n-grams are found outside

Every folder has ``export.json`` (the manifest, with the hash of every file) and ``README.md`` (the card).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, SettingsError
from sprachbund.export import layout, onnx, static, word2vec
from sprachbund.export.comparison import Measured, measure
from sprachbund.files import atomic_folder, read_manifest, write_manifest, write_text
from sprachbund.progress import Progress
from sprachbund.retrieval.encoder.card import write_card
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.spelling.spellings import WRITTEN

__all__ = ["FORMAT", "FORMATS", "KIND", "MANIFEST", "check_free", "write_export"]

KIND, FORMAT, MANIFEST = "export", 2, "export.json"


@dataclass(frozen=True)
class Form:
    """A format: what writes it, and what its card says.

    Attributes:
        write: fills a folder; returns the number of rows. library: that reads it. usage: Python, with {name}.
        note: what it keeps and what it loses.
    """

    write: Callable[[Encoder, Path], int]
    library: str
    usage: Sequence[str]
    note: str


def _write_bag(encoder: Encoder, folder: Path) -> int:
    layout.write_bag(encoder, folder)
    return len(encoder.table)


_FORMS = {
    "sentence-transformers": Form(
        _write_bag,
        "sentence-transformers",
        (
            "from sentence_transformers import SentenceTransformer",
            "",
            'model = SentenceTransformer("{name}", trust_remote_code=True)',
            'vectors = model.encode(["one sentence", "another"])',
        ),
        "This folder needs `pip install 'sprachbund[export]'`: its one module is a class of that package, and gives "
        "the same vectors as `Encoder.encode`, also for words that training never saw. From version 6 on "
        "sentence-transformers wants `trust_remote_code=True` for a class that is not its own; the folder itself has "
        "no code. Without the flag: `from sprachbund.export.sentence_transformers import load`.",
    ),
    "static": Form(
        static.write,
        "sentence-transformers",
        (
            "from sentence_transformers import SentenceTransformer",
            "",
            'model = SentenceTransformer("{name}")',
            'vectors = model.encode(["one sentence", "another"])',
        ),
        "A plain StaticEmbedding with words alone, which loads without sprachbund. It loses unseen words, bigrams and "
        "the dampening of repeated words, and cuts Thai, Lao, Khmer, Burmese, Chinese and Japanese into the longest "
        "words that it knows, not by a dictionary.",
    ),
    "word2vec": Form(
        word2vec.write,
        "gensim",
        (
            "from gensim.models import KeyedVectors",
            "",
            'words = KeyedVectors.load_word2vec_format("{name}/vectors.txt")',
        ),
        "word2vec's text format: each word with its character n-grams folded in, then each bigram, its space written "
        "as an underscore. Sum the lines of a text's words (and bigrams) and bring the sum to length 1. Unseen words "
        "are lost.",
    ),
    "onnx": Form(
        onnx.write,
        "onnx",
        (
            "import onnxruntime",
            "from sprachbund import Encoder",
            "from sprachbund.export.onnx import inputs",
            "",
            'session = onnxruntime.InferenceSession("{name}/model.onnx")',
            'vectors, = session.run(None, inputs(Encoder.load("model"), ["one sentence", "another"]))',
        ),
        "The graph is exact from n-grams to vectors, unseen words included. Finding the n-grams of a text is not part "
        "of it: `sprachbund.export.onnx.inputs` does it, and the documentation says how another program can.",
    ),
}
FORMATS = tuple(_FORMS)


def write_export(
    encoder: Encoder | Path | str,
    out: Path | str,
    form: str = "sentence-transformers",
    *,
    corpus: Corpus | Path | str | None = None,
    license: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write an encoder to a folder in one of FORMATS; an export that is there is replaced when the new one is complete.

    Args:
        corpus: to score on (the test side): the card gets scores by language and pool, and for ``static`` the MRR that
            is lost. None leaves the scores of the training.
        license: the hub's identifier of a licence, as ``cc-by-sa-4.0``, for the card.

    Returns:
        The manifest: ``form``, ``rows``, ``dim``, ``scores`` (a row a language and pool) and ``plain`` (the same of a
        static export).

    Raises:
        SettingsError: no such format, or the encoder's settings do not fit it.
        FolderError: ``out`` holds something else.
        MissingExtraError: a library that the format needs is absent.
    """
    if form not in _FORMS:
        raise SettingsError(f"no format is called {form!r}; there are: {', '.join(FORMATS)}")
    out = Path(out)
    check_free(out)
    corpus = Corpus.open(corpus) if isinstance(corpus, (Path, str)) else corpus
    encoder = encoder if isinstance(encoder, Encoder) else Encoder.load(encoder)
    if (spelling := encoder.spelling.name) != WRITTEN:
        raise SettingsError(
            f"the encoder reads words as {spelling}, and no other tool spells them so; export one that reads them as "
            "they are written, or search and serve this one here"
        )
    chosen = _FORMS[form]
    with atomic_folder(out, MANIFEST) as folder:
        rows = chosen.write(encoder, folder)
        measured = None
        if corpus is not None:
            plain = folder if form == "static" else None
            measured = measure(encoder, corpus, plain, progress=progress)
        about = _about(encoder.about, measured, license)
        card = write_card(
            out.name,
            encoder.settings,
            about,
            len(encoder.table),
            library=chosen.library,
            usage=[line.replace("{name}", out.name) for line in chosen.usage],
            notes=[chosen.note, *(_loss(measured) if form == "static" else [])],
        )
        write_text(folder / "README.md", card)
        scores = about.get("scores", [])
        plain_scores = measured.plain if measured else []
        facts = {"form": form, "rows": rows, "dim": encoder.dim, "scores": scores, "plain": plain_scores}
        write_manifest(folder, MANIFEST, KIND, FORMAT, **facts)
    return facts


def check_free(out: Path) -> None:
    """See that a folder is new, or holds an earlier export.

    Raises:
        FolderError: it is neither.
    """
    if out.exists() and not out.is_dir():
        raise FolderError(f"{out}: expected a new folder or an earlier export, found a file")
    if out.exists() and any(out.iterdir()):
        read_manifest(out, MANIFEST, KIND, FORMAT)


def _about(about: Mapping[str, Any], measured: Measured | None, license: str) -> dict[str, Any]:
    """What the card is told: the training's scores, then the corpus's, and its sources where it is the same text."""
    told = dict(about)
    if license:
        told["license"] = license
    if measured is not None:
        told["scores"] = [*told.get("scores", []), *measured.scores]
        if measured.same:
            told["sources"] = measured.sources
    return told


def _loss(measured: Measured | None) -> list[str]:
    """What the plain export loses against the encoder, language by language."""
    if measured is None:
        return ["**The loss of MRR was not measured**: no corpus was given to the export (`--corpus`)."]
    whole = {row["language"]: row for row in measured.scores if row["pool"] == "unseen"}
    lines = [
        "MRR on held-out text (test side, pool `unseen`) of the encoder and of this export:",
        "",
        "| language | queries | candidates | encoder | this export | lost |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in measured.plain:
        before, after = whole[row["language"]]["mrr"], row["mrr"]
        share = f"{(before - after) / before:.1%}" if before else "-"
        lines.append(
            f"| {row['language']} | {row['queries']:,} | {row['candidates']:,} | {before:.3f} | {after:.3f} | {share} |"
        )
    return ["\n".join(lines)]
