"""From a corpus of speech to a finished recogniser: trained, given the letters that it expects, judged, with its card.

While it works everything lies in ``OUT.partial``; a killed training goes on from its last checkpoint. The folder OUT
appears when it is complete.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sprachbund.claims import scratch
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, FolderError, SettingsError, SprachbundError
from sprachbund.files import content_hash, read_manifest
from sprachbund.lab.card import Card, Data
from sprachbund.lab.recipe import Carry
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.text import documents_of
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs import unfinished
from sprachbund.settings import change
from sprachbund.speech.amounts import together
from sprachbund.speech.card import heard_of, origin_of, recogniser_card
from sprachbund.speech.judging import BONUSES, WEIGHTS, with_expectations
from sprachbund.speech.recogniser.expectations import learn_letters
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import FORMAT, KIND, MANIFEST, read_recogniser, write_recogniser
from sprachbund.speech.recogniser.settings import RecogniserSettings, require_rate, require_shape, shaped
from sprachbund.speech.recogniser.training import to_hear, train_recogniser
from sprachbund.speech.spelling import spell
from sprachbund.speech.store import SpeechCorpus, Utterances

__all__ = ["train_speech"]

ALGORITHM = 1
_CHECKPOINTS = "checkpoints"
_MOST_TEXT = 20_000_000
"""Characters of text that the n-grams of letters are made of, at most."""
Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


def train_speech(
    corpus: SpeechCorpus | Path | str,
    language: str | Sequence[str],
    out: Path | str | None = None,
    *,
    start: Recogniser | Path | str | None = None,
    carry: Mapping[str, Carry] | None = None,
    text: Path | str | None = None,
    settings: RecogniserSettings | Mapping[str, Any] | None = None,
    seed: int = 0,
    shower: Shower = show_progress,
) -> Recogniser:
    """Train a recogniser on the training side of a corpus of speech; dev chooses, test judges.

    Synthetic speech that the corpus has trains too.

    Args:
        language: of the corpus, by code or name; several are pooled.
        out: the recogniser's folder; None keeps it in memory and leaves nothing behind.
        start: a finished recogniser of another language, or its folder. carry: by part how its weights are carried
            over, see `recogniser.start`.
        text: more of what the language expects, beside the transcripts: a corpus of text, or a language model's folder.
        settings: all of them, or some by name: ``{"epochs": 30.0}``. Of the shape and the sampling rate those that are
            named must be the start's and the corpus's.

    Raises:
        CorpusError: too little speech. LanguageError: the corpus lacks the language. SettingsError: what cannot be.
        FolderError: ``out`` holds something else than this same work; ``start`` is no recogniser, or damaged.
        MissingExtraError: torch is not installed. DivergenceError: the training did.
    """
    corpus = corpus if isinstance(corpus, SpeechCorpus) else SpeechCorpus.open(corpus)
    asked = [language] if isinstance(language, str) else list(language)
    codes = tuple(sorted({corpus.language(each) for each in asked}))
    begun = start if isinstance(start, Recogniser) or start is None else read_recogniser(start)
    named = settings if isinstance(settings, Mapping) else {}
    settings = settings if isinstance(settings, RecogniserSettings) else change(RecogniserSettings(), named)
    require_rate(named, corpus.settings.sampling_rate)
    if begun is not None:
        require_shape(named, begun.settings)
        settings = shaped(settings, begun.settings)
    settings = change(settings, {"sampling_rate": corpus.settings.sampling_rate})
    specification = json.loads(
        json.dumps(
            {
                "algorithm": ALGORITHM,
                "corpus": corpus.content_hash(codes),
                "split": asdict(corpus.split),
                "languages": codes,
                "settings": asdict(settings),
                "seed": seed,
                "start": origin_of(start).sha256 if start is not None else "",
                "carry": dict(carry or {}),
                "text": _text_hash(text, codes),
            }
        )
    )
    name = content_hash(specification)

    def work(folder: Path) -> tuple[Recogniser, Card]:
        assert isinstance(corpus, SpeechCorpus)
        sides = {code: _with_synthetic(corpus.sides(code)) for code in codes}
        train, dev = ([sides[code][side] for code in codes] for side in ("train", "dev"))
        with shower("training (seconds of speech)", to_hear(train, settings)) as bar:
            made = train_recogniser(
                train, dev, settings, seed=seed, start=begun, carry=carry, checkpoints=folder / _CHECKPOINTS,
                progress=bar,
            )  # fmt: skip
        made = replace(made, about={**made.about, "work": name, "seed": seed, **heard_of(train, begun)})
        made = _expecting(made, train, dev, text, shower)
        return made, recogniser_card(
            made, sides, name=Path(out).name if out else codes[0], recipe=name,
            started_from=None if start is None else origin_of(start),
            text=None if text is None else Data(Path(text).resolve().name, _text_hash(text, codes)),
        )  # fmt: skip

    if out is None:
        with scratch() as folder:
            return work(folder)[0]
    target = Path(out)
    partial = target.with_name(f"{target.name}.partial")
    with unfinished.claimed(partial, specification, "unfinished work", "training"):
        try:
            if _is_there(target, name):
                logger.warning("%s: holds this same recogniser already; nothing was trained", target)
                _withdraw(partial)
                return read_recogniser(target)
            recogniser, card = work(partial)
        except SprachbundError:
            if not (partial / _CHECKPOINTS).exists():
                _withdraw(partial)
            raise
        write_recogniser(recogniser, target, card)
        _withdraw(partial)
    return read_recogniser(target)


def _with_synthetic(sides: Mapping[str, Utterances]) -> Mapping[str, Utterances]:
    """Sides of which synthetic speech trains too."""
    return {**sides, "train": together(sides["train"], sides["synthetic"])}


def _withdraw(partial: Path) -> None:
    from sprachbund.lm.neural.checkpoint import MANIFEST as CHECKPOINT

    unfinished.withdraw(partial, {_CHECKPOINTS: CHECKPOINT})


def _is_there(target: Path, name: str) -> bool:
    """Whether ``target`` holds this same work; False where there is nothing."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return False
    manifest = read_manifest(target, MANIFEST, KIND, FORMAT, fields={"about": dict})
    if manifest["about"].get("work") != name:
        raise FolderError(
            f"{target}: holds a recogniser of other speech or settings; name a new folder or remove it first"
        )
    return True


def _expecting(
    made: Recogniser, train: Sequence[Utterances], dev: Sequence[Utterances], text: Path | str | None, shower: Shower
) -> Recogniser:
    """With n-grams of letters; of several languages there are none."""
    if len(made.languages) > 1:
        return made
    (language,) = made.languages
    dev_text = [each for part in dev for each in part.letters]
    with shower("weighing letters (trials)", 1 + (len(WEIGHTS) - 1) * len(BONUSES)) as bar:
        if text is not None and _is_model(Path(text)):
            ngram = LanguageModel.open(text).ngrams[0]
        else:
            spoken = [each for part in train for each in part.letters]
            ngram = learn_letters([*spoken, *_spelled_text(text, language)], dev_text, language)
        return with_expectations(made, ngram, dev, bar)


def _is_model(path: Path) -> bool:
    from sprachbund.lm.model import MANIFEST as MODEL

    return (path / MODEL).is_file()


def _spelled_text(text: Path | str | None, language: str) -> list[str]:
    """The sentences of the training side of a corpus of text, spelled."""
    if text is None:
        return []
    corpus = Corpus.open(text)
    documents = documents_of(corpus, place_corpus(corpus, Split())[language], TRAIN)
    found: list[str] = []
    size = 0
    for document in documents.texts:
        for line in document.split("\n"):
            letters, _ = spell(line, language)
            size += len(letters)
            if size > _MOST_TEXT:
                return found
            found += [letters] if letters else []
    return found


def _text_hash(text: Path | str | None, languages: Sequence[str]) -> str:
    """Which text it is; refused before any work where it is of no use.

    Raises:
        SettingsError: there are several languages. CorpusError: it is of another.
    """
    if text is None:
        return ""
    if len(languages) > 1:
        raise SettingsError("text says what one language expects; a recogniser of several takes none")
    if _is_model(Path(text)):
        return str(LanguageModel.open(text).about.get("work", ""))
    corpus = Corpus.open(text)
    if languages[0] not in corpus.languages:
        raise CorpusError(f"{text}: has no text of {languages[0]}; its languages: {', '.join(corpus.languages)}")
    return corpus.content_hash(languages)
