"""Two kinds that know nothing of each other, both better where the number is lower, with items that weigh differently.

A study of each chooses, compares and says the right way round; the numbers are worked out again by hand.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bigrams import Bigrams, bits
from finished import Finished, run
from transcribers import Transcribers

from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.strategies import EVERYONE

ARMS = ("alone", "pooled", "continued:es", "rows:es", "frozen:es", "longer:es", "placebo", "control")


def chain(letters: str, seed: int) -> np.ndarray:
    """Which letter follows which: three ways from each, likelier and less likely."""
    random = np.random.default_rng(seed)
    table = np.full((len(letters), len(letters)), 0.002)
    for row in table:
        row[random.choice(len(letters), 3, replace=False)] = (0.6, 0.3, 0.1)
    return table / table.sum(axis=1, keepdims=True)


def documents(letters: str, table: np.ndarray, lengths: Sequence[int], seed: int) -> list[str]:
    """Texts of a chain."""
    random = np.random.default_rng(seed)
    made = []
    for length in lengths:
        places = [int(random.integers(len(letters)))]
        while len(places) < length:
            places.append(int(random.choice(len(letters), p=table[places[-1]])))
        made.append("".join(letters[place] for place in places))
    return made


def texts() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """es and pt are one chain, pt with little text; el is another, in letters of two bytes."""
    latin, greek = "abcdefghijklmnop", "αβγδεζηθικλμνξοπ"
    romance, hellenic = chain(latin, 1), chain(greek, 2)
    held = [5 + (number * 37) % 300 for number in range(40)]
    return {
        code: {
            "train": documents(letters, table, [200] * many, seed),
            "dev": documents(letters, table, held[:10], seed + 1),
            "test": documents(letters, table, held, seed + 2),
        }
        for code, letters, table, many, seed in (
            ("es", latin, romance, 30, 10), ("pt", latin, romance, 2, 20), ("el", greek, hellenic, 10, 30),
        )
    }  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A study of language models."""
    folder = tmp_path_factory.mktemp("bigrams")
    kind = Bigrams(texts())
    return run(
        kind, folder, tasks=("lm",), languages=("el", "es", "pt"), arms=ARMS, pools=("held-out",), trials=2
    )  # fmt: skip


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A study of recognisers."""
    folder = tmp_path_factory.mktemp("transcribers")
    arms = ("alone", "pooled", "continued:es")
    return run(
        Transcribers(), folder, tasks=("asr",), languages=("es", "pt", "gl"), arms=arms, pools=("held-out",), trials=2
    )  # fmt: skip


def verdicts(done: Finished, measure: str, arm: str, against: str) -> dict[str, str]:
    """By language."""
    rows = done.table("comparisons").filter(
        pl.col("measure") == measure, pl.col("arm") == arm, pl.col("against") == against
    )
    return dict(rows.select("language", "verdict").iter_rows())


def test_every_arm_chooses_the_trial_with_fewer_bits(written: Finished) -> None:
    """The first trial smooths a hundred times too much; whoever takes the highest score takes it.

    Only what is counted under wrong letters had better be smoothed away.
    """
    found = {arm: options.get("add", 50.0) for (_, arm, _), options in written.outcome.chosen.items()}
    assert found.pop("placebo") == 50.0
    assert set(found.values()) == {0.5} and set(found) == {*ARMS} - {"placebo"}
    tried = pl.DataFrame(written.document()["tried"], infer_schema_length=None)
    for (arm, language), part in tried.group_by("arm", "language"):
        best = part.sort("bits")["trial"][0]
        assert written.outcome.chosen["lm", str(arm), str(language)].get("add", 50.0) == (50.0, 0.5)[best]


def test_a_mean_is_bits_over_bytes(written: Finished) -> None:
    """Of Portuguese alone, again from the model's definition; Greek letters are two bytes each."""
    results = written.table("results")
    items = written.table("items").filter(pl.col("arm") == "alone", pl.col("seed") == 1)
    for language, a_letter in (("pt", 1), ("el", 2)):
        kind = Bigrams(texts())
        row = results.filter(pl.col("arm") == "alone", pl.col("seed") == 1, pl.col("language") == language).row(
            0, named=True
        )
        model = kind.train(Recipe("lm", {language: Share()}, {"add": 0.5}), None)
        test = texts()[language]["test"]
        assert row["weight"] == a_letter * sum(map(len, test))
        assert row["value"] == pytest.approx(sum(bits(model, t, language) for t in test) / row["weight"], rel=1e-12)
        own = items.filter(pl.col("language") == language)
        assert row["value"] != pytest.approx((own["value"] / own["weight"]).mean(), rel=1e-3)
        assert (row["unit"], row["direction"], row["items"], row["documents"]) == ("bits/byte", "lower", 40, 40)


def test_fewer_bits_are_called_better(written: Finished) -> None:
    """Portuguese gains from Spanish, which is the same chain; every verdict is that of its interval."""
    assert verdicts(written, "bits", "pooled", "alone")["pt"] == "better"
    for arm in ("continued:es", "rows:es", "frozen:es"):
        assert verdicts(written, "bits", arm, "alone")["pt"] == "better", arm
    assert verdicts(written, "bits", "pooled", "placebo")["pt"] == "better"
    rows = written.table("comparisons").filter(pl.col("language") != EVERYONE)
    for row in rows.iter_rows(named=True):
        expected = "better" if row["absolute_high"] < 0 else "worse" if row["absolute_low"] > 0 else None
        assert row["verdict"] == (expected or "no difference shown")
        if row["verdict"] == "better":
            assert row["relative"] < 0 and row["low"] < 0


def test_all_languages_together_have_a_verdict(written: Finished) -> None:
    """The geometric mean of the languages' ratios, not NaN and not too few."""
    results = written.table("results").group_by("arm", "language").agg(pl.col("value").mean())
    value = {(arm, language): v for arm, language, v in results.iter_rows()}
    rows = written.table("comparisons").filter(pl.col("language") == EVERYONE)
    row = rows.filter(pl.col("arm") == "pooled", pl.col("against") == "alone").row(0, named=True)
    ratios = [value["pooled", code] / value["alone", code] for code in ("el", "es", "pt")]
    assert row["relative"] == pytest.approx(np.exp(np.mean(np.log(ratios))) - 1, rel=1e-9)
    assert row["verdict"] in ("better", "worse", "no difference shown") and row["languages"] == 3


def test_who_starts_from_spanish_is_not_spanish(written: Finished) -> None:
    """No arm of Spanish begins from Spanish, and strategies stand beside arms."""
    results = written.table("results")
    started = results.filter(pl.col("arm").str.ends_with(":es"))
    assert set(started["language"]) == {"el", "pt"}
    assert set(started["strategy"]) == {"continued", "rows", "frozen", "longer"}
    assert set(results.filter(~pl.col("arm").str.contains(":"))["language"]) == {"el", "es", "pt"}


def test_spanish_is_trained_once_a_seed_for_all_who_start_from_it(written: Finished) -> None:
    """Saved are the models of Spanish alone: two of the judged seeds, one of the tuning."""
    fits = []
    for path in (written.folder / "runs").glob("*/run.json"):
        specification = json.loads(path.read_text(encoding="utf-8"))["specification"]
        if specification["job"] == "train":
            fits.append((tuple(specification["recipe"]["text"]), specification["recipe"]["seed"]))
            assert (path.parent / "model" / "bigram.json").is_file()
    assert sorted(fits) == [(("es",), 0), (("es",), 1), (("es",), 2)]


def test_two_measures_have_weights_of_their_own(heard: Finished) -> None:
    """Edits over letters, and wrong words over words, of utterances from 5 to 200 letters."""
    items, results = heard.table("items"), heard.table("results")
    for measure, value, weight in (("cer", "value", "weight"), ("wer", "word_edits", "words")):
        rows = results.filter(pl.col("measure") == measure)
        assert rows.height == 3 * 2 * 2 + 2 * 2 + 3 * 2  # languages and seeds of two arms, of one, of silence
        for row in rows.iter_rows(named=True):
            own = items.filter(*(pl.col(name) == row[name] for name in ("language", "arm", "seed")))
            assert row["value"] == pytest.approx(own[value].sum() / own[weight].sum(), rel=1e-12)
            assert row["weight"] == own[weight].sum()
            assert row["low"] <= row["value"] <= row["high"]
    silence = results.filter(pl.col("arm") == "silence", pl.col("measure") == "cer")
    assert set(silence["value"]) == {1.0} and set(silence["strategy"]) == {""}


def test_half_of_the_errors_is_better(heard: Finished) -> None:
    """In both measures, for the languages that begin from Spanish and for all together; silence is worse."""
    for measure in ("cer", "wer"):
        found = verdicts(heard, measure, "continued:es", "alone")
        assert found == {"pt": "better", "gl": "better", EVERYONE: "better"}
    row = heard.table("comparisons").filter(
        pl.col("arm") == "continued:es", pl.col("against") == "alone", pl.col("measure") == "cer",
        pl.col("language") == EVERYONE,
    ).row(0, named=True)  # fmt: skip
    assert row["relative"] == pytest.approx(-0.5, abs=0.02)
    assert set(verdicts(heard, "cer", "alone", "silence").values()) == {"better"}


def test_killed_studies_go_on(written: Finished, tmp_path: Path) -> None:
    """Without the last runs the same tables come out, from what is left."""
    shutil.copytree(written.folder / "runs", tmp_path / "runs")
    folders = sorted((tmp_path / "runs").iterdir())
    for folder in folders[::3]:
        shutil.rmtree(folder)
    again = run(
        Bigrams(texts()), tmp_path, tasks=("lm",), languages=("el", "es", "pt"), arms=ARMS, pools=("held-out",),
        trials=2, workers=2,
    )  # fmt: skip
    for name in ("results", "comparisons", "items", "languages"):
        assert again.table(name).equals(written.table(name)), name
