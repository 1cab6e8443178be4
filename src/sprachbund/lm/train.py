"""From a corpus to a finished language model: n-grams, neighbours, a neural model, and the weights of all on dev.

While it works everything lies in ``MODEL.partial``; a killed training goes on from the last checkpoint of its neural
part (n-grams are made anew, which takes seconds). The folder MODEL appears when it is complete.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.claims import scratch
from sprachbund.corpus.placing import check_languages
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, SettingsError, SprachbundError
from sprachbund.files import content_hash, package_version, read_manifest, sha256_file
from sprachbund.lab.card import GAIN, GAINED, Card, Curve, Data, Made, Origin, Score
from sprachbund.lm.adapting import adapting_bits, adapting_gate
from sprachbund.lm.gaining import neighbours_gain
from sprachbund.lm.model import FORMAT, KIND, MANIFEST, OLDER, LanguageModel, bits, gated
from sprachbund.lm.neighbours import MOST_CHARACTERS, Lent, Respelling, lend
from sprachbund.lm.ngram.characters import bits_of, choose_order, train_characters
from sprachbund.lm.ngram.words import choose_words, word_bits
from sprachbund.lm.overlap import RUN, overlap
from sprachbund.lm.scoring import typical
from sprachbund.lm.settings import LmSettings, neural_settings
from sprachbund.lm.sides import Sides, sides_of
from sprachbund.lm.text import Texts, bytes_of
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs import unfinished
from sprachbund.statistics import bootstrap_means, interval, weighted_means

if TYPE_CHECKING:
    from sprachbund.lm.neural.model import Neural

__all__ = ["train_language_model"]

ALGORITHM = 1
START_SHARE = 0.6
"""Of the minutes that go to the neighbours' text, where there is one."""
_CHECKPOINTS, _BEFORE = "checkpoints", "before"
Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class _Asked:
    """What a model is made of; ``tried`` is lent too, but only measured."""

    sides: Sides
    lent: tuple[Lent, ...]
    tried: tuple[Lent, ...]
    start: LanguageModel | None
    settings: LmSettings
    words: bool
    seed: int


def train_language_model(
    corpus: Corpus | Path | str,
    language: str,
    out: Path | str | None = None,
    *,
    start: LanguageModel | Path | str | None = None,
    neighbours: Sequence[str] = (),
    tried: Sequence[str] = (),
    dictionaries: Mapping[str, Path | str] | None = None,
    settings: LmSettings | None = None,
    words: bool = True,
    seed: int = 0,
    shower: Shower = show_progress,
) -> LanguageModel:
    """Train a language model on the training side of a corpus; dev chooses, test judges.

    Args:
        language: of the corpus, by code or name.
        out: the model's folder; None keeps the model in memory and leaves nothing behind.
        start: a finished model of a neighbour, or its folder: its n-grams are asked too, its neural part goes on.
        neighbours: languages of the corpus whose text helps.
        tried: languages of the corpus whose text is not read: the card says what it would bring, see `gaining`.
        dictionaries: by neighbour a dictionary, see `cognates.dictionaries`, either way round.
        words: whether n-grams of the language's words are asked beside those of its characters.
        seed: of what is drawn: text that is cut, the neural part.

    Raises:
        CorpusError: too little text. LanguageError: the corpus lacks a language. SettingsError: what cannot be.
        FolderError: ``out`` holds something else than this same work; ``start`` is no language model, or damaged.
        MissingExtraError: a neural part was asked for and torch is not installed. DivergenceError: its training did.
    """
    settings = settings or LmSettings()
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    (own,) = check_languages(corpus, [language])
    others = tuple(code for code in check_languages(corpus, neighbours) if code != own) if neighbours else ()
    asked = [code for code in check_languages(corpus, tried) if code != own] if tried else []
    only_tried = tuple(code for code in asked if code not in others)
    tables = {code: Path(path) for code, path in (dictionaries or {}).items()}
    if strangers := [code for code in tables if code not in (*others, *only_tried)]:
        raise SettingsError(
            f"a dictionary of {', '.join(strangers)} is given, whose text is not; neighbours: "
            f"{', '.join((*others, *only_tried)) or 'none'}"
        )
    specification = {
        "algorithm": ALGORITHM,
        "corpus": corpus.content_hash((own, *others)),
        "language": own,
        "neighbours": list(others),
        "dictionaries": {code: sha256_file(path) for code, path in sorted(tables.items())},
        "settings": asdict(settings),
        "words": words,
        "seed": seed,
        "start": _origin(start).sha256 if start is not None else "",
    }
    if only_tried:
        specification |= {"tried": list(only_tried), "tried corpus": corpus.content_hash(only_tried)}
    specification = json.loads(json.dumps(specification))
    name = content_hash(specification)

    def work(folder: Path) -> tuple[LanguageModel, Card]:
        asked = _prepare(corpus, own, (others, only_tried), tables, start, settings, words, seed, shower)
        model = _made(asked, folder, shower)
        about: dict[str, Any] = {
            "work": name,
            "settings": asdict(settings),
            "lent": [_said(lent) for lent in asked.lent],
        }
        about["typical"] = round(typical(model, asked.sides.dev.texts), 4)
        model = replace(model, about=about, adapting=adapting_gate(model, asked.sides.dev.texts, seed))
        return model, _card(model, asked, corpus, start, name, Path(out).name if out else own)

    if out is None:
        with scratch() as folder:
            return work(folder)[0]
    target = Path(out)
    partial = target.with_name(f"{target.name}.partial")
    with unfinished.claimed(partial, specification, "unfinished work", "training"):
        try:
            done = _existing(target, name)
            if done is not None:
                logger.warning("%s: holds this same model already; nothing was trained", target)
                _withdraw(partial)
                return done
            model, card = work(partial)
        except SprachbundError:
            if not any((partial / part).exists() for part in (_CHECKPOINTS, _BEFORE)):
                _withdraw(partial)
            raise
        model.save(target, card)
        _withdraw(partial)
    return LanguageModel.open(target)


def _withdraw(partial: Path) -> None:
    from sprachbund.lm.neural.checkpoint import MANIFEST as CHECKPOINT

    unfinished.withdraw(partial, {_CHECKPOINTS: CHECKPOINT, _BEFORE: CHECKPOINT})


def _existing(target: Path, name: str) -> LanguageModel | None:
    """The model at ``target`` if it is this same work; None where there is nothing."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    manifest = read_manifest(target, MANIFEST, KIND, FORMAT, OLDER, fields={"about": dict})
    if manifest["about"].get("work") != name:
        raise FolderError(
            f"{target}: holds a language model of other data or settings; name a new folder or remove it first"
        )
    return LanguageModel.open(target)


def _prepare(
    corpus: Corpus,
    language: str,
    neighbours: tuple[Sequence[str], Sequence[str]],
    dictionaries: Mapping[str, Path],
    start: LanguageModel | Path | str | None,
    settings: LmSettings,
    words: bool,
    seed: int,
    shower: Shower,
) -> _Asked:
    sides = sides_of(corpus, language, settings.split, settings.target_characters or settings.characters, seed)
    read, tried = neighbours
    lent = []
    with shower("reading (neighbours)", len(read) + len(tried)) as bar:
        for code in (*read, *tried):
            texts = sides_of(corpus, code, settings.split, settings.characters or MOST_CHARACTERS, seed).train
            how = Respelling(settings.cognates, dictionaries)
            lent.append(lend(language, sides.train.texts, code, texts.texts, how))
            bar.advance()
    begun = start if isinstance(start, LanguageModel) or start is None else LanguageModel.open(start)
    return _Asked(sides, tuple(lent[: len(read)]), tuple(lent[len(read) :]), begun, settings, words, seed)


def _made(asked: _Asked, folder: Path, shower: Shower) -> LanguageModel:
    sides, settings = asked.sides, asked.settings
    texts = [each.nearest for each in asked.lent]
    words = None
    with shower("n-grams (models)", 1 + len(texts) + asked.words) as bar:
        if settings.order:
            ngrams = [train_characters(sides.train.texts, sides.language, settings.order)]
        else:
            ngrams = [choose_order(sides.train.texts, sides.dev.texts, sides.language)]
        bar.advance()
        for lent, own in zip(asked.lent, texts, strict=True):
            ngrams.append(train_characters(own, lent.language, settings.neighbour_order))
            bar.advance()
        if asked.words:
            words = choose_words(sides.train.texts, sides.dev.texts, sides.language)
            bar.advance()
    ngrams += asked.start.ngrams if asked.start else ()
    model = LanguageModel(sides.language, tuple(ngrams), _neural(asked, texts, folder, shower), words=words)
    with shower("weighing", None):
        return gated(model, sides.dev.texts, asked.seed)


def _neural(asked: _Asked, texts: Sequence[Sequence[str]], folder: Path, shower: Shower) -> "Neural | None":
    """The neural part: of the neighbours' text first where there is one, then of the language's own."""
    settings = neural_settings(asked.settings)
    if settings is None:
        return None
    from sprachbund.lm.neural.settings import shaped
    from sprachbund.lm.neural.training import to_read, train_neural

    dev = asked.sides.dev.texts
    start = asked.start.neural if asked.start else None
    if start is not None:
        settings = shaped(settings, start.settings)
    before = [text for each in texts for text in each]
    if before:
        first = replace(settings, minutes=settings.minutes * START_SHARE)
        settings = replace(settings, minutes=settings.minutes * (1 - START_SHARE))
        with shower("training on neighbours (characters)", to_read(before, first)) as bar:
            start = train_neural(
                before, dev, first, seed=asked.seed, start=start, checkpoints=folder / _BEFORE, progress=bar
            )
    train = asked.sides.train.texts
    with shower("training (characters)", to_read(train, settings)) as bar:
        return train_neural(
            train, dev, settings, seed=asked.seed, start=start, checkpoints=folder / _CHECKPOINTS, progress=bar
        )


def _said(lent: Lent) -> dict[str, Any]:
    return {
        "language": lent.language, "characters": sum(map(len, lent.texts)), "known": round(lent.known, 4),
        "pairs": lent.pairs, "dictionary": lent.dictionary,
    }  # fmt: skip


def _origin(start: LanguageModel | Path | str) -> Origin:
    """What a start is called, and which it is."""
    if isinstance(start, LanguageModel):
        return Origin(start.language, str(start.about.get("work", "")))
    manifest = read_manifest(Path(start), MANIFEST, KIND, FORMAT, OLDER)
    return Origin(Path(start).resolve().name, str(manifest["sha256"]))


def _card(model: LanguageModel, asked: _Asked, corpus: Corpus, start: Any, recipe: str, name: str) -> Card:
    sides = asked.sides
    data = [Data(corpus.path.resolve().name, corpus.content_hash((sides.language,)), "", sides.train.characters)]
    data += [
        Data(f"{corpus.path.resolve().name} ({lent.language})", corpus.content_hash((lent.language,)), "",
             sum(map(len, lent.texts)))
        for lent in asked.lent
    ]  # fmt: skip
    curve = None
    if model.neural is not None and model.neural.curve:
        points = tuple((float(seen), float(cost)) for seen, cost, _ in model.neural.curve)
        curve = Curve("characters read by the neural part", "bits per byte on dev", points)
    return Card(
        name=name, kind=KIND, languages=(sides.language,), data=tuple(data), parameters=model.parameters,
        scores=(*_scores(model, sides), *_gains(model, asked)), recipe=recipe,
        started_from=(_origin(start),) if start is not None else (),
        curve=curve, samples=tuple(_samples(model)), made=Made(package_version(), date.today().isoformat()),
    )  # fmt: skip


def _scores(model: LanguageModel, sides: Sides) -> list[Score]:
    """On whole documents of the test side, on dev where there is none: all parts, and each of the own ones alone."""
    texts, on = (sides.test, "test") if len(sides.test) else (sides.dev, "dev, by which it was chosen")
    parts = {
        "bits per byte": bits(model, texts.texts),
        "bits per byte, own n-grams alone": bits_of(model.ngrams[0], texts.texts),
    }
    if model.words is not None:
        parts["bits per byte, own words alone"] = word_bits(model.words, texts.texts)
    if model.adapting is not None:
        parts["bits per byte, learning as it reads"] = adapting_bits(model, model.adapting, texts.texts)
    if model.neural is not None:
        from sprachbund.lm.neural.scoring import bits as neural_bits

        parts["bits per byte, neural part alone"] = neural_bits(model.neural, texts.texts)
    found = [_score(measure, cost, texts, sides.language, on) for measure, cost in parts.items()]
    return [*found, *_overlap(sides.train, texts, sides.language, on)]


def _overlap(train: Texts, judged: Texts, language: str, on: str) -> list[Score]:
    """What of the judged text the model has read word for word; nothing where the text is shorter than a run."""
    share = overlap(train.texts, judged.texts)
    if math.isnan(share):
        return []
    return [Score(f"in the training text too, of runs of {RUN} characters", 100 * share, "%", "lower", language, on=on)]


def _gains(model: LanguageModel, asked: _Asked) -> list[Score]:
    """What neighbours' text brought the n-grams, and what that which was only tried would bring."""
    own, *others = model.ngrams
    bare = LanguageModel(model.language, model.ngrams, words=model.words)
    found = []
    if others:
        found.append(neighbours_gain(GAINED, replace(bare, ngrams=(own,)), others, asked.sides, asked.seed))
    if asked.tried:
        order = asked.settings.neighbour_order
        more = [train_characters(lent.nearest, lent.language, order) for lent in asked.tried]
        found.append(neighbours_gain(GAIN, bare, more, asked.sides, asked.seed))
    return found


def _score(measure: str, cost: Any, texts: Texts, language: str, on: str) -> Score:
    weights = np.array(bytes_of(texts.texts), np.float64)
    values = cost[:, None]
    groups = np.unique(texts.groups, return_inverse=True)[1]
    low, high = interval(bootstrap_means(values, groups, weights=weights)[:, 0])
    mean = float(weighted_means(values, weights)[0])
    known = np.isfinite(low)
    return Score(
        measure, mean, "bits/byte", "lower", language, float(low) if known else None, float(high) if known else None, on
    )


def _samples(model: LanguageModel) -> list[str]:
    from sprachbund.lm.completing import sample

    return [sample(model, "", 200, seed=seed) for seed in range(3)]
