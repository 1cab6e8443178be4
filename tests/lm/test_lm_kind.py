"""Language models as a kind: studies of arms, with n-grams alone and with a neural part."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.lm.corpora import make_corpus

from sprachbund import Corpus
from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.kind import LmKind, exchanged, written
from sprachbund.lm.ngram.characters import bits_of, choose_order
from sprachbund.lm.settings import LmSettings
from sprachbund.lm.sides import sides_of
from sprachbund.lm.transfer import transfer_lm
from sprachbund.report import load_study, write_report
from sprachbund.studies.jobs import Jobs

NGRAMS = LmSettings(size="none", shares=(0.5, 0.2, 0.3))
LITTLE = LmSettings(size="none", shares=(0.5, 0.2, 0.3), target_characters=400)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Little of one language, more of a near one."""
    return make_corpus(tmp_path_factory.mktemp("kind"), {"gl": 24, "pt": 30}, sentences=20)


def test_a_study_of_ngrams(corpus: Corpus, tmp_path: Path) -> None:
    """The neighbour makes the small language better, exchanged letters do not; a second run finds all done."""
    arms = ("alone", "pooled", "continued:pt", "respelled:pt", "placebo:pt")
    study = transfer_lm(corpus, tmp_path / "study", targets=["gl"], settings=LITTLE, seeds=1, arms=arms, workers=1)
    rows = {row["arm"]: row for row in pl.read_parquet(study.path / "results.parquet").iter_rows(named=True)}
    assert rows["alone"]["value"] == pytest.approx(rows["kneser-ney"]["value"])
    assert rows["continued:pt"]["value"] < rows["alone"]["value"]
    assert rows["continued:pt"]["value"] < rows["placebo:pt"]["value"]
    assert rows["pooled"]["direction"] == "lower"
    sides = sides_of(corpus, "gl", LITTLE.split, 400)
    model = choose_order(sides.train.texts, sides.dev.texts, "gl")
    wanted = bits_of(model, sides.test.texts).sum() / sum(len(text.encode()) for text in sides.test.texts)
    assert rows["alone"]["value"] == pytest.approx(wanted)
    assert "bits per byte" in write_report(study.path).read_text(encoding="utf-8")
    before = sorted(path.name for path in (study.path / "runs").iterdir())
    transfer_lm(corpus, tmp_path / "study", targets=["gl"], settings=LITTLE, seeds=1, arms=arms, workers=1)
    assert sorted(path.name for path in (study.path / "runs").iterdir()) == before
    assert load_study(study.path) is not None


def test_a_model_of_a_run_is_kept_whole(corpus: Corpus, tmp_path: Path) -> None:
    """What `save` writes `load` reads: the same bits; a start's n-grams come along."""
    kind = LmKind(corpus.path, NGRAMS, ("gl",))
    start = kind.train(Recipe("lm", {"pt": Share()}), None)
    model = kind.train(Recipe("lm", {"gl": Share()}, start=Recipe("lm", {"pt": Share()})), start)
    assert [each.language for each in model.ngrams] == ["gl", "pt"]
    (tmp_path / "run").mkdir()
    kind.save(model, tmp_path / "run")
    again = kind.load(tmp_path / "run")
    assert kind.score(again, "lm", "gl") == kind.score(model, "lm", "gl")


def test_two_sizes_share_the_runs_of_neighbours(corpus: Corpus) -> None:
    """A run is named by what is cut where it reads a target; without a cut nobody is a target."""
    kinds = [LmKind(corpus.path, replace(LITTLE, target_characters=n), ("gl",)) for n in (400, 800)]
    one, two = map(Jobs, kinds)
    plain = Recipe("lm", {"pt": Share()})
    assert one.trial(plain, ("pt",)) == two.trial(plain, ("pt",))
    for recipe in (plain, Recipe("lm", {"pt": Share(into="gl")}), Recipe("lm", {"gl": Share()})):
        assert one.trial(recipe, ("gl",)) != two.trial(recipe, ("gl",))
    assert one.train(Recipe("lm", {"pt": Share(into="gl")})) != two.train(Recipe("lm", {"pt": Share(into="gl")}))
    assert LmKind(corpus.path, NGRAMS, ("gl",)).identity() == LmKind(corpus.path, NGRAMS, ("pt",)).identity()


def test_a_baseline_does_not_know_how_models_are_trained(corpus: Corpus) -> None:
    """Kneser-Ney is the same beside a neural part and without one; a cut target has another."""
    one, two, three = (Jobs(LmKind(corpus.path, each, ("gl",))) for each in (NGRAMS, replace(NGRAMS, order=3), LITTLE))
    assert one.baseline("lm", "gl") == two.baseline("lm", "gl") != three.baseline("lm", "gl")
    assert one.trial(Recipe("lm", {"gl": Share()}), ("gl",)) != two.trial(Recipe("lm", {"gl": Share()}), ("gl",))


def test_targets_are_cut(corpus: Corpus) -> None:
    """The small language's training text alone, never its dev and test sides."""
    whole = LmKind(corpus.path, NGRAMS, ("gl",)).sides("gl")
    kind = LmKind(corpus.path, LITTLE, ("gl",))
    assert kind.size("lm", "gl") <= 400 < kind.size("lm", "pt")
    assert kind.sides("gl").test == whole.test
    assert kind.sides("gl").dev == whole.dev


def test_sharing_nothing_is_the_arm_alone(corpus: Corpus) -> None:
    """Which the study has; the arm control is refused."""
    with pytest.raises(SettingsError, match="leave the arm control out"):
        LmKind(corpus.path, NGRAMS).train(Recipe("lm", {"gl": Share()}, carry={"rows": "separate"}), None)


def test_an_arm_that_a_kind_has_not_is_refused_at_once(corpus: Corpus, tmp_path: Path) -> None:
    """Before any training, with the reason, and the place stays free for the corrected command."""
    with pytest.raises(SettingsError, match="control: language models that share nothing"):
        transfer_lm(corpus, tmp_path / "s", settings=LITTLE, arms=("alone", "pooled", "control"), seeds=1)
    assert not (tmp_path / "s").exists()


def test_letters_are_exchanged_one_for_one() -> None:
    """A permutation: nothing else changes, capitals follow, and two texts never become one."""
    alphabet = Alphabet.of(["Casa de pedra com \u00c1gua \u00e1 porta. \u00df 12"])
    found = exchanged(alphabet, 3)
    assert sorted(found) == sorted(found.values())
    assert set(found) <= {letter for letter in alphabet.symbols if letter.isalpha()}
    assert any(one != other for one, other in found.items())
    (text,) = written(["Casa c"], found)
    assert text[4:] == " " + found["c"]
    back = {other: one for one, other in found.items()}
    assert written(written(["Casa de pedra, \u00c1gua\n"], found), back) == ["Casa de pedra, \u00c1gua\n"]


def test_a_control_is_as_good_alone(corpus: Corpus) -> None:
    """Exchanged letters change nothing for the language's own n-grams."""
    kind = LmKind(corpus.path, NGRAMS, ("gl",))
    plain = kind.train(Recipe("lm", {"gl": Share()}), None)
    letters = kind.train(Recipe("lm", {"gl": Share()}, carry={"rows": "permuted"}), None)
    assert kind.score(letters, "lm", "gl") == pytest.approx(kind.score(plain, "lm", "gl"))


def test_what_the_data_are(corpus: Corpus) -> None:
    """Sizes, the share of the test side that was read, and shuffled words cost more than the text."""
    kind = LmKind(corpus.path, NGRAMS, ("gl",))
    said = kind.describe("lm", "gl")
    assert said["characters"] == kind.size("lm", "gl")
    assert 0 < said["seen"] < 1
    items = kind.judge_baselines(kind.tune_baselines("lm", "gl"), "lm", "gl", ["held-out"])
    assert said["shuffled"] > items["value"].sum() / items["weight"].sum()
    assert said["test_documents"] == len(items) == 7


def test_with_a_neural_part(corpus: Corpus) -> None:
    """The whole is better than its n-grams, and than its neural part; views are judged beside it."""
    pytest.importorskip("torch")
    settings = LmSettings(size="small", epochs=2, shares=(0.5, 0.2, 0.3), precision="float32")
    kind = LmKind(corpus.path, settings, ("gl",))
    model = kind.train(Recipe("lm", {"gl": Share()}, {"rate": 0.005}), None)
    items = kind.judge(model, {}, "lm", "gl", ["held-out"])
    told = dict(items.group_by("arm").agg(pl.col("value").sum() / pl.col("weight").sum()).iter_rows())
    assert set(told) == {"", "ngrams", "neural"}
    assert told[""] <= told["ngrams"] + 1e-9
    assert told[""] < told["neural"]
    assert np.isfinite(list(told.values())).all()
