"""A study that nobody ran: 12 languages, 2 tasks, every kind of outcome."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import tomli_w

ARMS = ("alone", "pooled", "control", "placebo", "bm25", "hybrid-alone", "hybrid-pooled")
POOLS = ("unseen", "paper", "paper-equal", "mixed", "own")
PAIRS = {
    "en": 41200, "de": 38950, "vi": 15230, "uk": 12040, "fr": 9920, "id": 6480,
    "tr": 5210, "el": 3015, "no": 2280, "he": 1490, "ar": 905, "fa": 288,
}  # fmt: skip
EFFECTS = {
    "en": -0.035, "de": -0.008, "vi": 0.004, "uk": 0.012, "fr": 0.02, "id": 0.031,
    "tr": 0.094, "el": -0.05, "no": 0.11, "he": 0.16, "ar": 0.22, "fa": 0.41,
}  # fmt: skip
FEW = ("ar", "fa")
LEAKING = ("tr",)
COMPARED = (
    ("pooled", "alone"),
    ("pooled", "control"),
    ("pooled", "placebo"),
    ("hybrid-pooled", "hybrid-alone"),
    ("hybrid-pooled", "bm25"),
)
AROUND_ARMS = ("bm25-around", "whole-alone", "whole-pooled")
AROUND_COMPARED = (("whole-pooled", "whole-alone"), ("whole-pooled", "bm25"), ("whole-pooled", "bm25-around"))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with all four files."""
    return write_study(tmp_path / "study")


@pytest.fixture
def around_study(tmp_path: Path) -> Path:
    """The same with the arms that count the text around a candidate."""
    return write_study(tmp_path / "study", (*ARMS, *AROUND_ARMS), (*COMPARED, *AROUND_COMPARED))


def write_study(folder: Path, arms: tuple[str, ...] = ARMS, compared: tuple[tuple[str, str], ...] = COMPARED) -> Path:
    """Write a study with better, worse, no difference, too few and leaking languages."""
    folder.mkdir(parents=True)
    pl.DataFrame(results(arms), infer_schema_length=None).write_parquet(folder / "results.parquet")
    pl.DataFrame(comparisons(compared), infer_schema_length=None).write_parquet(folder / "comparisons.parquet")
    pl.DataFrame(languages()).write_parquet(folder / "languages.parquet")
    (folder / "study.toml").write_text(tomli_w.dumps(settings()), encoding="utf-8")
    return folder


def size(language: str) -> dict[str, int]:
    """Queries and documents of the test side."""
    if language in FEW:
        return {"queries": 120, "documents": 14}
    return {"queries": min(5000, PAIRS[language] // 8 + 200), "documents": 30 + PAIRS[language] // 150}


def mrr(task: str, language: str, arm: str) -> float:
    """The MRR of an arm among unseen candidates, before the noise of seeds."""
    place = list(PAIRS).index(language)
    alone = (0.21 if task == "ic" else 0.12) + 0.012 * ((place * 5) % 7)
    gain = EFFECTS[language] * (1 if task == "ic" else 0.5)
    bm25 = alone * 1.12
    return {
        "alone": alone,
        "pooled": alone * (1 + gain),
        "control": alone * 0.99,
        "placebo": alone * (1 - 0.3 * abs(gain)),
        "bm25": bm25,
        "hybrid-alone": bm25 * 1.06,
        "hybrid-pooled": bm25 * (1.06 + 0.6 * gain),
        "bm25-around": bm25 * 1.2,
        "whole-alone": bm25 * 1.3,
        "whole-pooled": bm25 * (1.3 + 0.5 * gain),
    }[arm]


def results(arms: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of results.parquet."""
    random = np.random.default_rng(4)
    rows = []
    easier = {"unseen": 1.0, "mixed": 0.93, "paper-equal": 1.1, "paper": 0.62, "own": 1.25}
    for task in ("ic", "nsp"):
        for language in PAIRS:
            candidates = size(language)["queries"] + 400
            sizes = {"paper": 20 * candidates, "mixed": 9 * candidates}
            for arm in arms:
                trained = 1.0 if arm.startswith("bm25") else 1.35 if "alone" in arm else 1.2
                for pool in POOLS:
                    factor = easier[pool] * (trained if pool in ("paper", "paper-equal", "own") else 1)
                    count = sizes.get(pool, candidates)
                    for seed in range(3):
                        noise = 0 if arm.startswith("bm25") else random.normal(0, 0.002)
                        value = mrr(task, language, arm) * factor + noise
                        cell = {"task": task, "language": language, "arm": arm, "pool": pool, "seed": seed}
                        cell |= size(language) | {"candidates": count}
                        rows.append(cell | around("mrr", None, value))
                        rows += [cell | around("recall", k, value * f) for k, f in ((1, 0.7), (10, 1.6), (20, 1.9))]
                        leaks = language in LEAKING and arm in ("alone", "hybrid-alone") and "paper" in pool
                        null = 0.31 if leaks else 1 / count
                        rows.append(cell | around("recall", 1, null) | {"pool": f"{pool}-null"})
    return rows


def around(measure: str, k: int | None, value: float) -> dict[str, Any]:
    """A value with an interval."""
    return {"measure": measure, "k": k, "value": value, "low": value * 0.9, "high": value * 1.1}


def comparisons(compared: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """Rows of comparisons.parquet, with the mean over languages."""
    rows = []
    for task in ("ic", "nsp"):
        for arm, against in compared:
            for measure, k, pool in (
                ("mrr", None, "unseen"),
                ("recall", 1, "unseen"),
                ("mrr", None, "paper"),
            ):
                for language in PAIRS:
                    one, other = mrr(task, language, arm), mrr(task, language, against)
                    width = 0.022 * (20000 / PAIRS[language]) ** 0.33
                    relative = one / other - 1
                    low, high = relative - width, relative + width
                    verdict = "better" if low > 0 else "worse" if high < 0 else "no difference shown"
                    if language in FEW:
                        verdict = "too few"
                    if pool == "paper" and language in LEAKING and "alone" in against:
                        verdict = "leaks"
                    p = min(1.0, float(np.exp(-2.2 * (relative / width) ** 2)))
                    rows.append(
                        {
                            "task": task, "language": language, "pool": pool, "measure": measure, "k": k,
                            "arm": arm, "against": against, "absolute": one - other, "relative": relative,
                            "low": low, "high": high, "verdict": verdict, "p": p, "p_holm": min(1.0, 12 * p),
                            "detectable": 1.43 * width, **size(language),
                        }
                    )  # fmt: skip
                rows.append(
                    rows[-1]
                    | {
                        "language": "(all)",
                        "absolute": 0.0123,
                        "relative": 0.0456,
                        "low": 0.0111,
                        "high": 0.0789,
                    }
                    | {"verdict": "better", "p": 0.01, "p_holm": None, "queries": 14000, "documents": 700}
                )
    return rows


def languages() -> list[dict[str, Any]]:
    """Rows of languages.parquet."""
    return [
        {
            "task": task, "language": language, "documents": pairs // 20 + 40, "sentences": pairs * 2 + 777,
            "train_pairs": pairs if task == "ic" else int(pairs * 0.9), "dev_queries": pairs // 9,
            "test_queries": size(language)["queries"], "test_documents": size(language)["documents"],
            "left_out_sentences": pairs // 70, "left_out_documents": 3 if language == "vi" else 0,
            "duplicate_sentences": pairs // 50, "leaked_sentences": pairs // 90,
            "coverage_types": 0.71, "coverage_tokens": 0.934,
        }
        for task in ("ic", "nsp")
        for language, pairs in PAIRS.items()
    ]  # fmt: skip


def settings() -> dict[str, Any]:
    """The content of study.toml."""
    tried = [
        {
            "task": task, "arm": arm, "language": language, "trial": trial, "learning_rate": 0.05 * 2**trial,
            "scale": 20.0, "epochs": 3 + trial, "characters": trial % 2 == 1, "dimension": 256,
            "mrr": 0.2 + 0.01 * trial,
        }
        for task in ("ic", "nsp")
        for arm in ("alone", "pooled")
        for language in (list(PAIRS) if arm == "alone" else ["(all)"])
        for trial in range(4)
    ]  # fmt: skip
    best = {"learning_rate": 0.1, "scale": 20.0, "epochs": 6, "characters": True, "dimension": 256}
    chosen = {
        task: {
            "alone": dict.fromkeys(PAIRS, best),
            "pooled": {"(all)": best | {"temperature": 0.5}},
        }
        for task in ("ic", "nsp")
    }
    return {
        "study": {
            "corpus": "wikipedia", "corpus_hash": "3f9c1d0a77e2", "tasks": ["ic", "nsp"],
            "languages": list(PAIRS),
            "seeds": 3, "trials": 12, "shares": [0.8, 0.1, 0.1], "written_by": "sprachbund 0.1.0",
        },
        "chosen": chosen,
        "tried": tried,
        "notes": ["vi: 3 of 801 documents are written from a template and were left out."],
    }  # fmt: skip
