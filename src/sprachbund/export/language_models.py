"""Write a part of a language model in another library's format: a folder with a card, complete or absent.

    transformers   a transformer, as Hugging Face's LlamaForCausalLM with its tokenizer
    gguf           a transformer, as llama.cpp reads it
    onnx           a recurrent model, as a graph
    arpa           the language's own n-grams, of characters or of words, as KenLM reads them

Every folder has ``export.json`` (the manifest, with the hash of every file) and ``README.md`` (the card, with the head
that model hubs read: ``base_model``, ``language``, ``license``, ``datasets``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError, SettingsError
from sprachbund.export import gguf, recurrent, transformers
from sprachbund.export.arpa import FILE as ARPA_FILE
from sprachbund.export.arpa import write_arpa
from sprachbund.export.arpa_words import write_word_arpa
from sprachbund.export.folder import FORMAT, KIND, MANIFEST, check_free
from sprachbund.export.heads import head, scores_of
from sprachbund.files import atomic_folder, package_version, write_manifest, write_text
from sprachbund.lab.card import CARD, Card, read_card
from sprachbund.lm.model import MANIFEST as MODEL
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.saved import MANIFEST as NEURAL
from sprachbund.lm.neural.saved import read_neural

ARPA = "arpa"
UNITS = ("characters", "words")
_TASK = ("text-generation", "language-model")
__all__ = ["FORMS", "UNITS", "is_language_model", "write_language_model"]


@dataclass(frozen=True)
class Form:
    """A format: what writes it, and what its card says.

    Attributes:
        write: fills a folder; returns the number of rows. library: that reads it. usage: Python, with {name}.
    """

    write: Callable[[Neural, Path], int]
    library: str
    usage: Sequence[str]


_FORMS = {
    "transformers": Form(
        transformers.write,
        "transformers",
        (
            "from transformers import AutoModelForCausalLM, AutoTokenizer",
            "",
            'model = AutoModelForCausalLM.from_pretrained("{name}")',
            'tokenizer = AutoTokenizer.from_pretrained("{name}")',
            "# a text is read behind the line's end, which the tokenizer does not add",
            'tokens = [model.config.bos_token_id] + tokenizer("some text")["input_ids"]',
        ),
    ),
    "gguf": Form(
        gguf.write,
        "gguf",
        (
            "# llama-cli -m {name}/model.gguf -p 'some text', or through a wheel of llama.cpp:",
            "from gguf import GGUFReader",
            "",
            'reader = GGUFReader("{name}/model.gguf")',
        ),
    ),
    "onnx": Form(
        recurrent.write,
        "onnx",
        (
            "import onnxruntime",
            "",
            'session = onnxruntime.InferenceSession("{name}/model.onnx")',
            "# units int64 [length, texts], hidden and cell float32 [layers, texts, width], zeros where a text begins",
            'logits, hidden, cell = session.run(None, {"units": units, "hidden": hidden, "cell": cell})',
        ),
    ),
}
FORMS = (*_FORMS, ARPA)


def is_language_model(folder: Path) -> bool:
    """Whether a folder holds a language model, or the neural part of one."""
    return any((folder / name).is_file() for name in (NEURAL, MODEL, f"neural/{NEURAL}"))


def write_language_model(
    model: Path, out: Path, form: str, *, license: str = "", units: str = "characters"
) -> dict[str, Any]:
    """Write a part of a model in one of FORMS; an export that is there is replaced when this one is complete.

    Args:
        model: the folder of a language model, or of its neural part.
        license: the hub's identifier of a licence; that of the model's card if "".
        units: of ``arpa``: what its n-grams are of, one of UNITS.

    Returns:
        The manifest: ``form``, ``rows``, ``dim`` and ``parameters``.

    Raises:
        SettingsError: no such format, or the model has another shape than it takes.
        FolderError: there is no neural part, or ``out`` holds something else.
        MissingExtraError: a library that the format needs is absent.
    """
    if form not in FORMS:
        raise SettingsError(f"no format for language models is called {form!r}; there are: {', '.join(FORMS)}")
    if units not in UNITS or (units != UNITS[0] and form != ARPA):
        raise SettingsError(f"{form} takes no {units}; units are of the format {ARPA}: {' or '.join(UNITS)}")
    if form == ARPA:
        return _write_ngrams(model, out, license, units)
    part = model if (model / NEURAL).is_file() else model / "neural"
    if not (part / NEURAL).is_file():
        raise FolderError(f"{model}: has no neural part, which {form} takes; train it with one, with torch installed")
    check_free(out)
    neural = read_neural(part)
    card = read_card(model) if (model / CARD).is_file() else None
    with atomic_folder(out, MANIFEST) as folder:
        rows = _FORMS[form].write(neural, folder)
        write_text(folder / "README.md", _readme(out.name, neural, card, _FORMS[form], license))
        facts = {"form": form, "rows": rows, "dim": neural.settings.width, "parameters": neural.parameters}
        write_manifest(folder, MANIFEST, KIND, FORMAT, **facts)
    return facts


def _write_ngrams(model: Path, out: Path, license: str, units: str) -> dict[str, Any]:
    check_free(out)
    opened = LanguageModel.open(model)
    if units == "words" and opened.words is None:
        raise FolderError(f"{model}: has no n-grams of words; train it again with them (lm train --words)")
    card = read_card(model) if (model / CARD).is_file() else None
    with atomic_folder(out, MANIFEST) as folder:
        if units == "words" and opened.words is not None:
            rows, order = write_word_arpa(opened.words, folder / ARPA_FILE), opened.words.ngram.order
            about = (
                f"N-grams of {len(opened.words.vocabulary.words):,} words by interpolated modified Kneser-Ney "
                f"smoothing, order {order}. A token is a word as it is written, or a sign; `<s>` and `</s>` "
                "are the ends of lines."
            )
            asking = 'model.score("o rei foi \u00e0 ca\u00e7a .")  # words and signs, parted by blanks'
        else:
            ngrams = opened.ngrams[0]
            rows, order = write_arpa(ngrams, folder / ARPA_FILE), ngrams.ngram.order
            about = (
                f"N-grams of {ngrams.characters:,} characters by interpolated modified Kneser-Ney smoothing, order "
                f"{order}. A token is a character; blanks and controls are written as `<U+0020>`."
            )
            asking = 'model.score("<U+000A> o <U+0020> r e i", eos=False)  # the first token begins every document'
        usage = ("import kenlm", "", f'model = kenlm.Model("{out.name}/model.arpa")', asking)
        lines = [
            *head(card, "kenlm", license, *_TASK),
            "",
            f"# {out.name}",
            "",
            about,
            "",
            "```python",
            *usage,
            "```",
            "",
        ]
        write_text(folder / "README.md", "\n".join(lines))
        facts = {"form": ARPA, "rows": rows, "dim": order, "parameters": rows}
        write_manifest(folder, MANIFEST, KIND, FORMAT, **facts)
    return facts


def _readme(name: str, neural: Neural, card: Card | None, form: Form, license: str) -> str:
    """Markdown with the head that hubs read."""
    lines = head(card, form.library, license, *_TASK)
    own = neural.settings
    lines += [
        "", f"# {name}", "",
        f"A small language model from raw text: {own.architecture}, {neural.units.size:,} {own.units}, width "
        f"{own.width}, {own.layers} layer{'s' * (own.layers > 1)}, {neural.parameters:,} parameters. Made with "
        f"sprachbund {package_version()}.", "", "```python",
        *(line.replace("{name}", name) for line in form.usage), "```", "",
        "A line's end stands before a text and closes it; there is no other token of a beginning or an end.", "",
    ]  # fmt: skip
    if scores := scores_of(card):
        lines += [*scores, "", "The scores are of the whole model with its n-grams, where it has them.", ""]
    return "\n".join(lines)
