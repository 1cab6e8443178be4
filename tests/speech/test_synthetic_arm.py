"""Synthetic speech in a study and in a training: one arm hears it, in as many steps, and it is told where it counts."""

from pathlib import Path

import polars as pl
import pytest
from made_speech import TINY, common_voice, sentences, synthetic

from sprachbund.analyses.laboratory.standing import plan_study_file
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.lab.card import read_card
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lm.declared import DECLARATION as LM
from sprachbund.report import write_report
from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
from sprachbund.settings import change
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.kind import SpeechKind
from sprachbund.speech.kind_settings import SpeechStudySettings
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.train import train_speech
from sprachbund.speech.transfer import ask, transfer_speech
from sprachbund.studies.desk import Plan, check_arms

SETTINGS = SpeechStudySettings(
    target_minutes=0.2, features=TINY.features, network=TINY.network, training=TINY.training, augment=TINY.augment
)
QUICK = change(SETTINGS, {"epochs": 2.0, "evaluations": 1})
WITH = Recipe("speech", {"pt": Share(synthetic=True)}, seed=1)
ALONE = Recipe("speech", {"pt": Share()}, seed=1)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[SpeechCorpus, SpeechCorpus]:
    """Recordings of six speakers, and the same beside sixty synthetic sentences."""
    folder = tmp_path_factory.mktemp("both")
    real = ingest_speech(common_voice(folder / "cv", sentences(60)), folder / "R")
    synthetic(folder / "S", sentences(60, seed=7))
    return real, ingest_speech([folder / "R", folder / "S"], folder / "B")


def test_only_its_arm_hears_it_and_as_much(both: tuple[SpeechCorpus, SpeechCorpus]) -> None:
    """Alone is as it is without; with it each of both is heard less often, all in as many seconds."""
    real, joined = (SpeechKind(corpus.path, QUICK, ("pt",)) for corpus in both)
    (own,), same = joined._heard(ALONE, QUICK.recogniser)
    assert own.table["sha256"].equals(real.sides("pt")["train"].table["sha256"]) and same == QUICK.recogniser
    assert real.size("speech", "pt") == joined.size("speech", "pt") == round(own.seconds)
    (part,), settings = joined._heard(WITH, QUICK.recogniser)
    assert set(own.table["sha256"]) < set(part.table["sha256"])
    others = part.table.filter(~pl.col("sha256").is_in(own.table["sha256"].to_list()))
    assert others["synthetic"].all() and len(others) == len(joined.sides("pt")["synthetic"]) > 30
    assert settings.training.epochs * part.seconds == pytest.approx(2 * own.seconds)
    (_,), settings = joined._heard(WITH, change(QUICK, {"epochs": 0.0}).recogniser)
    assert settings.training.epochs * part.seconds == pytest.approx(120 * own.seconds)  # seconds take the most passes
    alone, other = joined.train(ALONE, None), joined.train(WITH, None)
    assert alone.heard == pytest.approx(other.heard, abs=2 * TINY.training.batch)
    assert joined.effort(ALONE, {"pt": 12}) == joined.effort(WITH, {"pt": 12})
    assert joined.describe("speech", "pt")["synthetic_seconds"] == round(others["seconds"].sum())
    assert "synthetic_seconds" not in real.describe("speech", "pt")


def test_a_study_of_one_language(both: tuple[SpeechCorpus, SpeechCorpus], tmp_path: Path) -> None:
    """Whether it helps real speech: judged on the same utterances, and named on the page."""
    study = transfer_speech(
        both[1], tmp_path / "T", settings=QUICK, seeds=1, trials=1, arms=["alone", "synthetic"], workers=1
    ).path
    results = pl.read_parquet(study / "results.parquet").filter(pl.col("measure") == "cer")
    assert set(results["arm"]) == {"alone", "synthetic"}
    letters = sum(map(len, both[0].sides("pt")["test"].letters))
    assert set(results["weight"]) == {float(letters)}
    pairs = set(pl.read_parquet(study / "comparisons.parquet").select("arm", "against").iter_rows())
    assert pairs == {("synthetic", "alone")}
    page = write_report(study).read_text(encoding="utf-8")
    assert "minutes of synthetic speech, which the arm synthetic hears and no other" in page
    assert "adding synthetic examples" in page and "seconds of synthetic speech" in page
    with pytest.raises(CorpusError, match="needs synthetic speech of pt: make it with sprachbund speech synthesise"):
        ask(both[0], arms=["alone", "synthetic"])
    with pytest.raises(CorpusError, match="a study needs two languages"):
        ask(both[1], arms=["alone", "synthetic", "pooled"])
    assert "synthetic" not in " ".join(ask(both[0], arms=["alone"]).remarks)


def test_the_example(both: tuple[SpeechCorpus, SpeechCorpus], tmp_path: Path) -> None:
    """Its studies are foreseen, of a corpus with one language; with another corpus the line is named."""
    example = Path(__file__).parents[2] / "examples/speech/synthetic.toml"
    told = example.read_text(encoding="utf-8").replace("trials = 2", "trials = 1").replace("seeds = 3", "seeds = 1")
    told = told.replace("[grid]", "[settings]\nchannels = 8\nwidth = 8\nlayers = 1\n\n[grid]")
    (tmp_path / "study.toml").write_text(told.replace("with-synthetic", str(both[1].path)), encoding="utf-8")
    plan = plan_study_file(tmp_path / "study.toml", tmp_path / "out", jobs=1)
    assert len(plan.studies) == 4 and plan.seconds > 0 and "from a probe of pt," in plan.found
    assert {row.arm for row in plan.rows} == {"", "alone", "synthetic"}
    (tmp_path / "study.toml").write_text(told.replace("with-synthetic", str(both[0].path)), encoding="utf-8")
    with pytest.raises(SettingsError, match="needs synthetic speech of pt"):
        plan_study_file(tmp_path / "study.toml", tmp_path / "out", jobs=1)


@pytest.mark.parametrize("declared", [LM, RETRIEVAL], ids=lambda each: each.name)
def test_other_kinds_have_no_such_arm(declared: Declaration) -> None:
    """And say why."""
    plan = Plan(("ic",), ("pt", "es"), ("alone", "synthetic"), ("p",))
    with pytest.raises(SettingsError, match="synthetic: a corpus of text marks none of it"):
        check_arms(plan, declared)


def test_a_recogniser_says_what_it_heard(both: tuple[SpeechCorpus, SpeechCorpus], tmp_path: Path) -> None:
    """In its card by source, in its notes, in itself, and in what is begun from it; without dev nothing is trained."""
    made = train_speech(both[1], "pt", tmp_path / "PT", settings=NAMED)
    seconds = both[1].sides("pt")["synthetic"].seconds
    assert made.about["synthetic"] == pytest.approx(seconds, abs=0.001)
    card = read_card(tmp_path / "PT")
    amounts = {each.name: each.seconds for each in card.data}
    assert amounts["tones (pt, synthetic)"] == pytest.approx(seconds, abs=0.001) and "cv (pt)" in amounts
    told = f"also learned from {seconds / 60:.1f} minutes of synthetic speech, which a program spoke"
    assert told in card.notes and "of 3 known speakers" in card.notes
    heir = train_speech(both[0], "pt", tmp_path / "H", start=tmp_path / "PT", settings={"epochs": 0.1, "noisy": 0.0})
    assert heir.about["synthetic"] == made.about["synthetic"] and told in read_card(tmp_path / "H").notes
    with pytest.raises(CorpusError, match=r"needs speech to stop on \(dev\), found none"):
        train_speech(synthetic(tmp_path / "S", sentences(9)), "pt", settings=NAMED)
    with pytest.raises(SettingsError, match="sampling_rate is 8000 in the corpus of speech, not 16000; leave it out"):
        train_speech(both[0], "pt", settings={"sampling_rate": 16_000})
    with pytest.raises(SettingsError, match="width is 48 in the start, not 64"):
        train_speech(both[0], "pt", start=tmp_path / "PT", settings={"width": 64})


NAMED = {
    "channels": 48, "width": 48, "layers": 1, "batch": 1.2, "epochs": 1.0, "evaluations": 1, "noisy": 0.0,
    "time_masks": 0, "band_masks": 0,
}  # fmt: skip
"""Settings of a tiny recogniser by name."""
