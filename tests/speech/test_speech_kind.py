"""Recognisers as a kind: a study of tones in two languages, its rates by hand, its controls, and what is refused."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jiwer
import numpy as np
import polars as pl
import pytest
from made_speech import TINY, common_voice, sentences

from sprachbund.errors import CorpusError, LanguageError, MissingExtraError, SettingsError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.progress import Silent, logger
from sprachbund.report import load_study, write_report
from sprachbund.settings import change
from sprachbund.speech.alphabet import NOTHING
from sprachbund.speech.amounts import exchanged, limited, shared, written_in
from sprachbund.speech.declared import DECLARATION
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.judging import judge
from sprachbund.speech.kind import LETTERS, SpeechKind
from sprachbund.speech.kind_settings import SpeechStudySettings
from sprachbund.speech.recogniser import loop
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import ROWS, in_upper
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.transfer import ask, transfer_speech
from sprachbund.studies.jobs import Jobs
from sprachbund.studies.tables import tabulate

SETTINGS = SpeechStudySettings(
    target_minutes=0.25, features=TINY.features, network=TINY.network, training=TINY.training, augment=TINY.augment
)
QUICK = change(SETTINGS, {"epochs": 0.3, "evaluations": 1})
ARMS = (
    "alone", "pooled", "continued:es", "continued:en", "begun_joined:es+en", "frozen:es", "dropped:es", "placebo:es",
    "placebo",
)  # fmt: skip


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> SpeechCorpus:
    """Tones of six speakers each, in languages that say each letter alike."""
    folder = tmp_path_factory.mktemp("two")
    sources = [common_voice(folder / "pt", sentences(60, seed=3), locale="pt", seed=1),
               common_voice(folder / "es", sentences(70, seed=4), locale="es", seed=2),
               common_voice(folder / "en", sentences(30, seed=5), locale="en", seed=3)]  # fmt: skip
    return ingest_speech(sources, folder / "SPEECH")


@pytest.fixture(scope="module")
def kind(two: SpeechCorpus) -> SpeechKind:
    """Of little Portuguese."""
    return SpeechKind(two.path, SETTINGS, ("pt",))


@pytest.fixture(scope="module")
def spanish(kind: SpeechKind) -> Recogniser:
    """A start."""
    return kind.train(_of("es"), None)


def _of(*languages: str, **more: object) -> Recipe:
    return Recipe("speech", dict.fromkeys(languages, Share()), **more)  # type: ignore[arg-type]


def _rates(items: pl.DataFrame) -> tuple[float, float]:
    return items["value"].sum() / items["weight"].sum(), items["word_edits"].sum() / items["words"].sum()


def test_a_study(two: SpeechCorpus, tmp_path: Path) -> None:
    """Every arm is judged on the same letters of unheard speakers; the page tells; a second run finds all done."""

    def run() -> Path:
        return transfer_speech(
            two, tmp_path / "S", languages=["pt", "es", "en"], targets=["Portuguese"], settings=QUICK, seeds=1,
            trials=1, arms=ARMS, workers=1,
        ).path  # fmt: skip

    study = run()
    results = pl.read_parquet(study / "results.parquet")
    assert set(results["measure"]) == {"cer", "wer"} and set(results["direction"]) == {"lower"}
    assert set(results["pool"]) == {"speakers"} and set(results["language"]) == {"pt"}
    cer = dict(results.filter(pl.col("measure") == "cer").select("arm", "value").iter_rows())
    assert set(cer) == set(ARMS)
    kind = SpeechKind(two.path, QUICK, ("pt",))
    alone = kind.train(_of("pt", seed=1), None)
    assert cer["alone"] == pytest.approx(_rates(kind.judge(alone, {}, "speech", "pt", ["speakers"]))[0], abs=1e-12)
    test = two.sides("pt")["test"]
    assert set(results.filter(pl.col("measure") == "cer")["weight"]) == {float(sum(map(len, test.letters)))}
    assert set(results["documents"]) == {test.table["speaker"].n_unique()} == {2}
    pairs = set(pl.read_parquet(study / "comparisons.parquet").select("arm", "against").iter_rows())
    assert {("continued:es", "alone"), ("continued:es", "placebo:es"), ("frozen:es", "continued:es"),
            ("continued:es", "continued:en"), ("begun_joined:es+en", "alone"),
            ("dropped:es", "continued:es")} <= pairs  # fmt: skip
    page = write_report(study).read_text(encoding="utf-8")
    assert "character error rate" in page and "continuing from es" in page
    assert "continued:es vs continued:en" in page and load_study(study) is not None
    before = sorted(path.name for path in (study / "runs").iterdir())
    run()
    assert sorted(path.name for path in (study / "runs").iterdir()) == before


def test_rates_are_jiwers(kind: SpeechKind, spanish: Recogniser) -> None:
    """Edits over letters, and over words, summed before they are divided: as jiwer of the whole test side."""
    items = kind.judge(spanish, {}, "speech", "es", ["speakers"])
    table = judge(spanish, kind.sides("es")["test"])
    said, written = list(table["said"]), list(table["written"])
    assert any(one != other for one, other in zip(said, written, strict=True)) and any(written)
    assert _rates(items) == pytest.approx((jiwer.cer(said, written), jiwer.wer(said, written)), abs=1e-12)
    assert items["weight"].to_list() == [float(len(text)) for text in said]
    assert items["words"].to_list() == [float(len(text.split())) for text in said]
    # a group a speaker, and no other
    assert items.select("group", "document").n_unique() == items["group"].n_unique() == items["document"].n_unique()
    on_dev = judge(spanish, kind.sides("es")["dev"])
    assert kind.score(spanish, "speech", "es") == pytest.approx(
        jiwer.cer(list(on_dev["said"]), list(on_dev["written"])), abs=1e-12
    )


def test_a_model_of_a_run_is_kept_whole(kind: SpeechKind, spanish: Recogniser, tmp_path: Path) -> None:
    """What `save` writes `load` reads: the same bits."""
    (tmp_path / "run").mkdir()
    kind.save(spanish, tmp_path / "run")
    again = kind.load(tmp_path / "run")
    assert all(np.array_equal(again.weights[name], spanish.weights[name]) for name in spanish.weights)
    assert kind.score(again, "speech", "es") == kind.score(spanish, "speech", "es")


def test_a_placebo_begins_at_wrong_letters(
    kind: SpeechKind, spanish: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every letter has the numbers of another, blanks their own, the body all of the start's; as the seed says."""
    begun = _beginnings(monkeypatch)
    for seed in (1, 1, 2):
        kind.train(_of("pt", seed=seed, start=_of("es"), carry={"rows": "permuted"}, options=_QUICK), spanish)
    kind.train(_of("pt", seed=1, start=_of("es"), options=_QUICK), spanish)
    placebo, same, other, plain = begun
    for name in ROWS:
        rows, own, start = placebo[name], plain[name], spanish.weights[name]
        assert np.array_equal(own, start) and sorted(map(bytes, rows)) == sorted(map(bytes, start))
        kept = {place for place in range(len(start)) if np.array_equal(rows[place], start[place])}
        assert kept == {NOTHING, 1 + spanish.alphabet.letters.index(" ")}
        assert np.array_equal(rows, same[name]) and not np.array_equal(rows, other[name])
    body = set(placebo) - set(ROWS)
    assert body and all(np.array_equal(placebo[name], spanish.weights[name]) for name in body)


_QUICK = {"epochs": 0.05, "evaluations": 1}


def test_dropped_upper_layers_begin_fresh(
    kind: SpeechKind, spanish: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two recurrent layers the lower one and the convolutions are the start's, the upper one and the rows not."""
    deep = replace(kind, settings=change(SETTINGS, {"layers": 2, **_QUICK}))
    start = deep.train(_of("es"), None)
    begun = _beginnings(monkeypatch)
    deep.train(_of("pt", start=_of("es"), carry={"upper": "separate", "rows": "separate"}), start)
    deep.train(_of("pt"), None)
    dropped, fresh = begun
    upper = {name for name in dropped if in_upper(name, start.settings) or name in ROWS}
    assert any(name.startswith("layers.1.") for name in upper)
    assert all(np.array_equal(dropped[name], fresh[name]) for name in upper)
    assert all(np.array_equal(dropped[name], start.weights[name]) for name in set(dropped) - upper)


def _beginnings(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, np.ndarray]]:
    """What trainings begin with, as they begin."""
    found: list[dict[str, np.ndarray]] = []
    run = loop.run

    def seen(work: loop.Work, *arguments: object) -> object:
        found.append({name: weight.copy() for name, weight in work.beginning.weights.items()})
        return run(work, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("sprachbund.speech.recogniser.training.run", seen)
    return found


def test_the_neighbour_helps(kind: SpeechKind, spanish: Recogniser) -> None:
    """In as many steps: one that says each letter alike far more than its numbers at wrong letters, or nothing."""
    few = {"epochs": 3.0, "evaluations": 3}
    alone = kind.train(_of("pt", options=few), None)
    continued = kind.train(_of("pt", start=_of("es"), options=few), spanish)
    placebo = kind.train(_of("pt", start=_of("es"), carry={"rows": "permuted"}, options=few), spanish)
    rates = [_rates(kind.judge(made, {}, "speech", "pt", ["speakers"]))[0] for made in (continued, placebo, alone)]
    assert rates[0] < 0.3 and rates[0] + 0.3 < min(rates[1:])


def test_a_frozen_body_stands_still(kind: SpeechKind, spanish: Recogniser) -> None:
    """While it is frozen the body keeps its bits and the rows learn; freed after half of the steps it learns too."""
    once = {"epochs": 2.0, "evaluations": 1}  # what is kept is the last state, not the best one
    whole, half = (
        kind.train(_of("pt", start=_of("es"), frozen=("lower", "upper"), freeze=freeze, options=once), spanish)
        for freeze in (1.0, 0.5)
    )
    body = [name for name in spanish.weights if name not in ROWS]
    assert all(np.array_equal(whole.weights[name], spanish.weights[name]) for name in body)
    assert not any(np.array_equal(whole.weights[name], spanish.weights[name]) for name in ROWS)
    assert not any(np.array_equal(half.weights[name], spanish.weights[name]) for name in body)


def test_a_pooled_placebo_writes_each_language_in_other_letters(kind: SpeechKind, tmp_path: Path) -> None:
    """Every letter for another, each language by a ring of its own; it is judged in those letters, kept and read."""
    model = kind.train(_of("es", "pt", carry={"rows": "permuted"}, options={"epochs": 1.0, "evaluations": 1}), None)
    letters = model.about[LETTERS]
    assert set(letters) == {"es", "pt"} and letters["es"] != letters["pt"]
    for own in letters.values():
        assert sorted(own) == sorted(own.values()) == list("abemo")
        assert all(one != other for one, other in own.items())
    kind.save(model, _made(tmp_path / "run"))
    again = kind.load(tmp_path / "run")
    assert again.about == model.about and kind.score(again, "speech", "pt") == kind.score(model, "speech", "pt")
    test = kind.sides("pt")["test"]
    table = str.maketrans(letters["pt"])
    told = judge(model, written_in(test, letters["pt"]))
    assert list(told["said"]) == [text.translate(table) for text in test.letters]
    rate = jiwer.cer(list(told["said"]), list(told["written"]))
    assert _rates(kind.judge(model, {}, "speech", "pt", ["speakers"]))[0] == pytest.approx(rate, abs=1e-12)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_letters_in_a_ring() -> None:
    """Letters alone, none as itself, no two as one, so that as much is wrong as in plain letters."""
    found = exchanged(["é o' casa", "dedo"], 3)
    assert sorted(found) == sorted(found.values()) == list("acdeosé")
    assert all(one != other for one, other in found.items())
    assert exchanged(["é o' casa", "dedo"], 3) == found != exchanged(["é o' casa", "dedo"], 4)
    assert exchanged([], 1) == {} and exchanged(["aa"], 1) == {"a": "a"}


def test_warnings_say_of_which_model(kind: SpeechKind, spanish: Recogniser, caplog: pytest.LogCaptureFixture) -> None:
    """One that writes nothing yet is named by its languages, its control and its seed; afterwards nothing is named."""
    with caplog.at_level(logging.WARNING, "sprachbund"):
        recipe = _of("pt", seed=3, start=_of("es"), options=_QUICK, carry={"rows": "permuted", "lower": "separate"})
        kind.train(recipe, spanish)
        logger.warning("plain")
    first, last = caplog.messages[0], caplog.messages[-1]
    assert first.startswith("pt from es, letters permuted, seed 3: the recogniser writes next to nothing yet")
    assert last == "plain"


def test_unknown_speakers_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A language without known speakers is split by sentence: one warning, and the report says it."""
    sources = [common_voice(tmp_path / code, sentences(12, seed=8), speakers=2, locale=code) for code in ("pt", "es")]
    corpus = ingest_speech(sources, tmp_path / "SPEECH")
    caplog.clear()
    with caplog.at_level(logging.WARNING, "sprachbund"):
        prepared = ask(corpus, settings=QUICK).prepare()
        assert prepared.kind.size("speech", "pt") and len(prepared.duplicates()) == 2
    assert sum(message.startswith("pt: 2 speakers, too few to part") for message in caplog.messages) == 1
    assert any(note.startswith("pt: sentences are parted, not speakers") for note in prepared.remarks)


def test_near_against_far() -> None:
    """Of two starts the one that is named first is compared with the other, once, on the same utterances."""
    edits = {"alone": 8.0, "continued:es": 3.0, "continued:en": 5.0, "frozen:en": 6.0}
    frames = [
        pl.DataFrame(
            {
                "task": "speech", "language": "pt", "arm": arm, "pool": "speakers", "seed": 1,
                "item": [str(number) for number in range(40)], "document": [f"v{number % 8}" for number in range(40)],
                "group": [number % 8 for number in range(40)], "value": value, "weight": 10.0, "word_edits": 1.0,
                "words": 2.0, "candidates": None,
            }
        )
        for arm, value in edits.items()
    ]  # fmt: skip
    _, comparisons = tabulate(pl.concat(frames), replace(DECLARATION, null=None), Silent(), draws=50)
    found = comparisons.filter((pl.col("measure") == "cer") & (pl.col("language") == "pt"))
    told = {(row["arm"], row["against"]): row for row in found.iter_rows(named=True)}
    assert told["continued:es", "continued:en"]["absolute"] == pytest.approx(-0.2)
    assert told["continued:es", "continued:en"]["verdict"] == "better"
    assert ("continued:en", "continued:es") not in told and ("continued:es", "continued:es") not in told
    assert ("frozen:en", "continued:es") not in told and ("frozen:en", "continued:en") in told


def test_minutes_are_among_more(two: SpeechCorpus, kind: SpeechKind) -> None:
    """A cut holds at most so much, the smaller lies in the larger, the judged language alone is cut, never its dev."""
    train = two.sides("pt")["train"]
    assert train.seconds > 20
    cuts = [limited(train, seconds) for seconds in (5.0, 10.0, 20.0)]
    names = [set(cut.table["sha256"]) for cut in cuts]
    assert names[0] < names[1] < names[2]
    for cut, seconds in zip(cuts, (5.0, 10.0, 20.0), strict=True):
        assert seconds - 2.5 < cut.seconds <= seconds
    assert len(limited(train, 0.01)) == 1 and limited(train, 0) is train and limited(train, 1e6) is train
    assert kind.size("speech", "pt") <= 15 < 20 < kind.size("speech", "es")
    assert list(kind.sides("pt")["test"].table["item"]) == list(two.sides("pt")["test"].table["item"])
    other = SpeechKind(two.path, replace(SETTINGS, target_minutes=0.0, source_minutes=0.2), ("pt",))
    assert other.size("speech", "es") <= 12 and other.size("speech", "pt") == round(train.seconds)


def test_passes(two: SpeechCorpus) -> None:
    """Two passes and a half hear each utterance twice or three times; a half pass hears half of the seconds."""
    train = two.sides("pt")["train"]
    counts = shared(train, Share(2.5), 0).table["sha256"].value_counts()["count"]
    assert set(counts) == {2, 3} and len(counts) == len(train)
    half = shared(train, Share(0.5), 0)
    assert 0.4 * train.seconds < half.seconds <= 0.5 * train.seconds
    assert shared(train, Share(), 0) is train
    some = shared(train, Share(sentences=7), 1)
    assert len(some) == 7 and list(some.table["item"]) != list(shared(train, Share(sentences=7), 2).table["item"])


def test_longer_hears_more(kind: SpeechKind) -> None:
    """More passes over one language are more passes of its training, of the same utterances."""
    settings = QUICK.recogniser
    parts, own = kind._heard(Recipe("speech", {"pt": Share(3.0)}), settings)
    assert own.training.epochs == pytest.approx(0.9) and len(parts[0]) == len(kind.sides("pt")["train"])
    parts, own = kind._heard(Recipe("speech", {"pt": Share(), "es": Share(2.0)}), settings)
    assert own.training.epochs == settings.training.epochs
    assert [len(part) for part in parts] == [2 * len(kind.sides("es")["train"]), len(kind.sides("pt")["train"])]


def test_sizes_share_the_runs_of_neighbours(two: SpeechCorpus) -> None:
    """A curve over minutes trains the neighbour once: its run is named by what is heard."""
    one, other = (
        Jobs(SpeechKind(two.path, replace(SETTINGS, target_minutes=minutes), ("pt",))) for minutes in (0.1, 0.2)
    )
    assert one.trial(_of("es"), ("es",)) == other.trial(_of("es"), ("es",))
    assert one.train(_of("es")) == other.train(_of("es"))
    assert one.trial(_of("pt"), ("pt",)) != other.trial(_of("pt"), ("pt",))
    cut = Jobs(SpeechKind(two.path, replace(SETTINGS, source_minutes=0.1), ("pt",)))
    assert one.train(_of("es")) != cut.train(_of("es"))


def test_what_the_data_are(kind: SpeechKind, two: SpeechCorpus) -> None:
    """Seconds and speakers of the sides, and a hash of what judges."""
    said = kind.describe("speech", "pt")
    sides = two.sides("pt")
    assert said["seconds"] == kind.size("speech", "pt") and said["unknown"] == 0
    assert said["test_seconds"] == round(sides["test"].seconds) and said["test_speakers"] == 2
    assert said["test_letters"] == sum(map(len, sides["test"].letters))
    (manifest,) = kind.manifests("speech", "pt", ["speakers"])
    assert (manifest["utterances"], manifest["speakers"]) == (len(sides["test"]), 2)


@pytest.mark.parametrize(
    "asked, error, said",
    [
        ({"languages": ["pt", "fr"]}, LanguageError, "has no fr; it has en, es, pt"),
        ({"targets": ["fr"]}, LanguageError, "has no fr; it has en, es, pt"),
        ({"languages": ["pt"]}, CorpusError, "needs two languages with speech on every side, found pt"),
        ({"arms": ["alone", "pooled", "control"]}, SettingsError, "control: recognisers that share nothing"),
        ({"arms": ["alone", "respelled:es"]}, SettingsError, "another language's words"),
        ({"arms": ["alone", "continued:fr"]}, SettingsError, "the study has no language fr"),
    ],
)
def test_what_cannot_be_asked(
    two: SpeechCorpus, tmp_path: Path, asked: dict[str, Sequence[str]], error: type[Exception], said: str
) -> None:
    """Refused in a line before any training, and the place stays free."""
    with pytest.raises(error, match=said) as caught:
        transfer_speech(two, tmp_path / "S", settings=QUICK, **asked)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and not (tmp_path / "S").exists()


def test_negative_minutes() -> None:
    """Named with what is allowed."""
    with pytest.raises(SettingsError, match="target_minutes must be at least 0"):
        SpeechStudySettings(target_minutes=-1)


@pytest.mark.parametrize("library", ["torch", "jiwer"])
def test_a_missing_extra(two: SpeechCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Says which to install, before any work."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"needs {library}: pip install 'sprachbund\[speech\]'"):
        transfer_speech(two, tmp_path / "S", settings=QUICK)
    assert not (tmp_path / "S").exists()
