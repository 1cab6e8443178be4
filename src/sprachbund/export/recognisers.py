"""Write a recogniser for other programs: graphs for onnxruntime, in a folder that sherpa-onnx reads too.

OUT/model.onnx         float32, held against the recogniser before the folder is there
    model.int8.onnx    weights of a byte
    tokens.txt         a symbol a line with its number, as sherpa-onnx reads it: the blank <blk>, between words U+2581
    letters/           n-grams of letters, for our own beam; absent where none are expected
    export.json        the manifest, with how far each graph is from the recogniser
    README.md          the card

sherpa-onnx has a loader a family of models, and each computes other features. That of FireRedASR's CTC models (from
1.12.27 on) computes ours: 16 bits, 20 Hz to half the rate, no padded edges, Povey's window. So the file calls itself
one, with a mean of 0 and a deviation of 1 where those models have their own; it is told the rate and the bands.
"""

from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import FolderError, SettingsError
from sprachbund.export.folder import FORMAT, KIND, MANIFEST, check_free
from sprachbund.export.heads import head, scores_of
from sprachbund.export.recogniser_graph import write_graph, write_int8
from sprachbund.files import atomic_folder, package_version, write_manifest, write_text
from sprachbund.lab.card import CARD, Card, read_card
from sprachbund.lm.ngram.characters import write_characters
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.features import FeatureSettings, log_mels
from sprachbund.speech.judging import judge
from sprachbund.speech.measures import RATES, rate_of
from sprachbund.speech.recogniser.exported import (
    FILE,
    INPUTS,
    INT8,
    LETTERS,
    METADATA,
    OUTPUTS,
    metadata_of,
    opened_graph,
)
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import STRIDE
from sprachbund.speech.recogniser.saved import MANIFEST as RECOGNISER
from sprachbund.speech.recogniser.saved import read_recogniser
from sprachbund.speech.spelling import BLANK
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.transcribing import Hearing

__all__ = ["FORMS", "is_recogniser", "write_recogniser_export"]

FORMS = ("onnx",)
TOKENS = "tokens.txt"
GRAPHS = (FILE, INT8)
_NEAR = 1e-4
"""How far logarithms of probabilities of the float32 graph may be from the recogniser's."""
_SECONDS = (0.04, 0.31, 1.7, 6.03)
"""Of the sounds on which they are compared, by themselves and side by side."""


def is_recogniser(folder: Path) -> bool:
    """Whether a folder holds a recogniser."""
    return (folder / RECOGNISER).is_file()


def write_recogniser_export(
    model: Path, out: Path, form: str = FORMS[0], *, corpus: SpeechCorpus | Path | str | None = None, license: str = ""
) -> dict[str, Any]:
    """Write a recogniser as graphs; an export that is there is replaced when this one is complete.

    Args:
        model: the recogniser's folder. form: one of FORMS.
        corpus: of speech, on whose test side both graphs are judged; None says how far probabilities are apart alone.
        license: the hub's identifier of a licence; that of the recogniser's card if "".

    Returns:
        The manifest: ``form``, ``rows`` (symbols), ``parameters``, ``differences`` by graph, ``scores`` (a row a
        graph, language and measure).

    Raises:
        SettingsError: no such format. FolderError: there is no recogniser, ``out`` holds something else, or the graph
        does not give what the recogniser does. MissingExtraError: a library that the format needs is absent.
    """
    if form not in FORMS:
        raise SettingsError(f"no format for recognisers is called {form!r}; there are: {', '.join(FORMS)}")
    check_free(out)
    opened = SpeechCorpus.open(corpus) if isinstance(corpus, (Path, str)) else corpus
    recogniser = read_recogniser(model)
    if opened is not None and opened.settings.sampling_rate != recogniser.settings.features.sampling_rate:
        raise SettingsError(
            f"{opened.path}: has {opened.settings.sampling_rate:,} samples a second, the recogniser hears "
            f"{recogniser.settings.features.sampling_rate:,}; ingest the speech with that sampling_rate"
        )
    card = read_card(model) if (model / CARD).is_file() else None
    with atomic_folder(out, MANIFEST) as folder:
        write_graph(recogniser, folder / FILE, _metadata(recogniser))
        write_int8(folder / FILE, folder / INT8)
        write_text(folder / TOKENS, tokens(recogniser.alphabet))
        if recogniser.expectations is not None:
            write_characters(recogniser.expectations.ngram, folder / LETTERS)
        apart = {name: difference(recogniser, folder / name) for name in GRAPHS}
        if not apart[FILE] <= _NEAR:
            raise FolderError(
                f"{out}: the graph's logarithms of probabilities are {apart[FILE]:.2g} from the recogniser's, expected "
                f"at most {_NEAR:g}; nothing was written; another version of onnxruntime may compute right"
            )
        scores = [] if opened is None else _judged(recogniser, folder, opened)
        write_text(folder / "README.md", _readme(out.name, recogniser, card, license, apart, scores))
        facts = {
            "form": form, "rows": recogniser.alphabet.size, "parameters": recogniser.parameters, "differences": apart,
            "scores": scores,
        }  # fmt: skip
        write_manifest(folder, MANIFEST, KIND, FORMAT, **facts)
    return facts


def _metadata(recogniser: Recogniser) -> dict[str, str]:
    mels = recogniser.settings.features.mels
    return {
        METADATA: metadata_of(recogniser),
        "model_type": "fire-red-asr-2-ctc",
        "subsampling_factor": str(STRIDE),
        "cmvn_mean": ",".join(["0"] * mels),
        "cmvn_inv_stddev": ",".join(["1"] * mels),
    }


def tokens(alphabet: Alphabet) -> str:
    """The symbols as sherpa-onnx reads them: a line each, with its number."""
    symbols = ["<blk>", *("\u2581" if letter == BLANK else letter for letter in alphabet.letters)]
    return "".join(f"{symbol} {number}\n" for number, symbol in enumerate(symbols))


def difference(recogniser: Recogniser, graph: Path) -> float:
    """The largest difference of logarithms of probabilities between a graph and the recogniser.

    On sounds of several lengths, one by one and all side by side with something behind the short ones.
    """
    sounds = [_sound(seconds, recogniser.settings.features) for seconds in _SECONDS]
    expected = Hearing(recogniser).told(sounds)
    found = Hearing(recogniser, graph=graph).told(sounds) + _side_by_side(recogniser, graph, sounds)
    pairs = zip(found, expected * 2, strict=True)
    return max(float(np.abs(one - other).max(initial=0)) for one, other in pairs)


def _sound(seconds: float, settings: FeatureSettings) -> Float32:
    """Noise that swells, with a tone that rises."""
    time = np.arange(round(seconds * settings.sampling_rate)) / settings.sampling_rate
    noise = np.random.default_rng(0).standard_normal(len(time)) * np.linspace(1e-3, 0.1, len(time))
    return np.asarray(noise + 0.2 * np.sin(2 * np.pi * (300 + 100 * time) * time), np.float32)


def _side_by_side(recogniser: Recogniser, graph: Path, sounds: list[Float32]) -> list[Float32]:
    features = [log_mels(each, recogniser.settings.features) for each in sounds]
    frames = np.array([len(each) for each in features], np.int64)
    padded = np.full((len(features), frames.max(), features[0].shape[1]), -23.0, np.float32)
    for number, each in enumerate(features):
        padded[number, : len(each)] = each
    told, rows = opened_graph(graph).run(OUTPUTS, dict(zip(INPUTS, (padded, frames), strict=True)))
    return [each[:count] for each, count in zip(told, rows.tolist(), strict=True)]


def _judged(recogniser: Recogniser, folder: Path, corpus: SpeechCorpus) -> list[dict[str, Any]]:
    """Error rates of both graphs without expected letters, on the test side of the languages that are there."""
    found = []
    for language in [code for code in recogniser.languages if code in corpus.languages]:
        test = corpus.sides(language)["test"]
        for name in GRAPHS if len(test) else ():
            table = judge(recogniser, test, graph=folder / name)
            for measure, edits, of in RATES:
                value = rate_of(table, edits, of).value
                found.append({"graph": name, "language": language, "measure": measure, "value": value})
    return found


def _readme(
    name: str,
    recogniser: Recogniser,
    card: Card | None,
    license: str,
    apart: dict[str, float],
    scores: list[dict[str, Any]],
) -> str:
    """Markdown with the head that hubs read."""
    own = recogniser.settings.features
    lines = [
        *head(card, "onnx", license, "automatic-speech-recognition", "recogniser"), "", f"# {name}", "",
        f"A recogniser of speech ({', '.join(recogniser.languages)}): CTC over {recogniser.alphabet.size:,} symbols, "
        f"{recogniser.parameters:,} parameters. It hears {own.sampling_rate:,} samples a second in {own.mels} log-mel "
        f"bands as Kaldi computes them. Made with sprachbund {package_version()}.", "",
        *([card.notes, ""] if card and card.notes else []),
        "```", f"sprachbund speech transcribe {name} FILE...               # onnxruntime, no torch",
        f"sprachbund speech transcribe {name}/{INT8} FILE...", "```", "",
        "sherpa-onnx (1.12.27 or newer) reads it by its loader of FireRedASR's CTC models:", "", "```",
        f"sherpa-onnx-offline --fire-red-asr-ctc={name}/{FILE} --tokens={name}/{TOKENS} \\",
        f"    --sample-rate={own.sampling_rate} --feat-dim={own.mels} FILE.wav", "```", "",
        "| graph | logarithms of probabilities differ by at most |", "|---|--:|",
        *(f"| {graph} | {value:.2g} |" for graph, value in apart.items()), "",
    ]  # fmt: skip
    if scores:
        lines += ["| graph | measure | language | value |", "|---|---|---|--:|"]
        lines += [f"| {s['graph']} | {s['measure']} | {s['language']} | {s['value']:.4g} |" for s in scores]
        lines.append("")
    if table := scores_of(card):
        lines += ["Of the recogniser itself:", "", *table, ""]
    return "\n".join(lines)
