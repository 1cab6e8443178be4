"""Studies that nobody ran: one of retrieval with every kind of outcome, and small ones of any kind.

The first has 12 languages, 2 tasks, 3 seeds; the small ones have the values and differences that they are given.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import tomli_w

from sprachbund.lab.declaration import Baseline, Declaration, Pair, Pool, Size, Table, Task, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.seen import expand, seen
from sprachbund.lab.strategies import PAIRS as STRATEGY_PAIRS
from sprachbund.retrieval.declared import DECLARATION
from sprachbund.statistics import Enough

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


def write_study(folder: Path, arms: tuple[str, ...] = ARMS, compared: tuple[tuple[str, str], ...] = COMPARED) -> Path:
    """Write a study with better, worse, no difference, too few and leaking languages."""
    folder.mkdir(parents=True)
    declare(folder, DECLARATION)
    pl.DataFrame(results(arms), infer_schema_length=None).write_parquet(folder / "results.parquet")
    pl.DataFrame(comparisons(compared), infer_schema_length=None).write_parquet(folder / "comparisons.parquet")
    pl.DataFrame(languages()).write_parquet(folder / "languages.parquet")
    (folder / "study.toml").write_text(tomli_w.dumps(settings()), encoding="utf-8")
    return folder


def declare(folder: Path, declaration: Declaration) -> None:
    """Write study.json."""
    said = {"kind": "study", "format": 2, "written_by": "0.1.0", "declaration": declaration.to_dict()}
    (folder / "study.json").write_text(json.dumps(said), encoding="utf-8")


def size(language: str) -> dict[str, int]:
    """Items and documents of the test side."""
    if language in FEW:
        return {"items": 120, "documents": 14}
    return {"items": min(5000, PAIRS[language] // 8 + 200), "documents": 30 + PAIRS[language] // 150}


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
            candidates = size(language)["items"] + 400
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
    said = {"measure": measure, "k": k, "unit": "", "direction": "higher"}
    return said | {"value": value, "low": value * 0.9, "high": value * 1.1}


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
                    | {"verdict": "better", "p": 0.01, "p_holm": None, "items": 14000, "documents": 700}
                )
    return rows


def languages() -> list[dict[str, Any]]:
    """Rows of languages.parquet."""
    return [
        {
            "task": task, "language": language, "documents": pairs // 20 + 40, "sentences": pairs * 2 + 777,
            "train_pairs": pairs if task == "ic" else int(pairs * 0.9), "dev_queries": pairs // 9,
            "test_queries": size(language)["items"], "test_documents": size(language)["documents"],
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


TEXT = Declaration(
    name="language-model",
    version=1,
    title="What models of text gain",
    question="Is one model of {languages} less surprised by a text than a model of its language alone",
    tasks=(Task("text", "text", "every document is foretold, byte after byte"),),
    measures=(
        Measure("bits", "bits per byte", "bits", "lower", value="bits", weight="bytes"),
        Measure("hits", "bytes foretold", value="hits", weight="bytes"),
    ),
    pools=(Pool("held-out", "documents that no model has read."),),
    pairs=(*(Pair(*pair) for pair in STRATEGY_PAIRS), Pair("pooled", "bytes", name="pooled_against_bytes")),
    tables=(
        Table(
            "",
            ("alone", "pooled", "continued", "rows", "frozen", "bytes"),
            (*((arm, "alone") for arm in ("pooled", "continued", "rows", "frozen")), ("pooled", "bytes")),
        ),
    ),
    item=Words("document", "documents"),
    document=Words("document", "documents"),
    example=Words("kilobyte of text", "kilobytes of text"),
    examples="kilobytes",
    sizes=(
        Size("documents", "documents"),
        Size("kilobytes", "kilobytes"),
        Size("known", "bytes seen in training", share=True),
    ),
    rows="subwords",
    body=("layers",),
    baselines=(Baseline("bytes", "how often each byte is there."),),
    enough=Enough(items=20, documents=20),
    glossary={"bits per byte": "the mean surprise at a byte, in bits. Lower is better."},
)
"""Lower is better, documents weigh as many bytes as they have, one pool, no null test, no views."""

STRATEGIES = ("alone", "pooled", "continued:es", "rows:es", "frozen:es")


def write_small(
    folder: Path,
    declaration: Declaration,
    values: dict[str, dict[str, float]],
    few: tuple[str, ...] = (),
    items: int = 400,
) -> Path:
    """A study of one task, two seeds and the deciding pool; what differs by 2% or more is better or worse.

    Args:
        values: of the first measure, by language and arm; the second measure has a tenth of them.
        few: languages with six documents. items: of the others.
    """
    folder.mkdir(parents=True)
    declare(folder, declaration)
    task, pool = declaration.tasks[0].name, declaration.pools[0].name
    made: list[dict[str, Any]] = []
    compared: list[dict[str, Any]] = []
    for measure, factor in zip(declaration.measures, (1.0, 0.1), strict=False):
        cell = {"task": task, "pool": pool, "measure": measure.name, "k": measure.k, "unit": measure.unit}
        cell["direction"] = measure.direction
        for language, arms in values.items():
            number = 6 if language in few else items
            sizes = {"items": number, "documents": min(number, 40), "weight": 1000.0 * number}
            for arm, value in arms.items():
                made += [
                    cell | sizes | {"language": language, "arm": arm, "seed": seed, "value": factor * value,
                                    "low": 0.9 * factor * value, "high": 1.1 * factor * value, "candidates": None,
                                    "strategy": seen(arm, declaration).strategy}
                    for seed in (1, 2)
                ]  # fmt: skip
            for arm, against, _ in expand(declaration.pairs, list(arms), declaration):
                compared.append(
                    cell | sizes | {"language": language, "arm": arm, "against": against}
                    | difference(factor * arms[arm], factor * arms[against], measure, language in few)
                )  # fmt: skip
    for name, rows in (("results", made), ("comparisons", compared)):
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / f"{name}.parquet")
    described = [
        {"task": task, "language": language, declaration.examples: 1000 * (9 - place), "documents": 90, "known": 0.5}
        for place, language in enumerate(values)
    ]
    pl.DataFrame(described).write_parquet(folder / "languages.parquet")
    document = {"study": {"tasks": [task], "languages": list(values), "seeds": 2, "trials": 3}}
    (folder / "study.toml").write_text(tomli_w.dumps(document), encoding="utf-8")
    return folder


def difference(one: float, other: float, measure: Measure, few: bool) -> dict[str, Any]:
    """An effect whose interval reaches one point of a hundred to both sides."""
    relative = one / other - 1
    up, down = ("better", "worse") if measure.direction == "higher" else ("worse", "better")
    verdict = "too few" if few else up if relative > 0.01 else down if relative < -0.01 else "no difference shown"
    return {
        "absolute": one - other, "relative": relative, "low": relative - 0.01, "high": relative + 0.01,
        "verdict": verdict, "p": 0.001, "p_holm": 0.004, "detectable": 0.015,
    }  # fmt: skip
