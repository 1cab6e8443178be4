"""Planning from a study's items: what the folder says is what is drawn from; what cannot be is refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sprachbund.analyses.planning import documents_needed, plan_study, plan_world
from sprachbund.errors import FolderError, LanguageError, SettingsError
from sprachbund.files import write_json
from sprachbund.retrieval.declared import DECLARATION
from sprachbund.statistics.power import measure, smallest_effects
from sprachbund.tables import write_parquet


def write_study(folder: Path, gain: float = 0.0) -> pl.DataFrame:
    """A study of 60 documents of 10 queries, two arms, three trainings; ranks 1 or 4, so reciprocal ranks 1 or 0.25."""
    generator = np.random.default_rng(8)
    groups = np.repeat(np.arange(60), 10)
    rows = []
    for arm, more in (("alone", 0.0), ("pooled", gain)):
        for seed in (1, 2, 3):
            found = generator.random(600) < 0.5 + more
            rows += [
                {
                    "task": "nsp", "language": "qaa", "arm": arm, "pool": pool, "seed": seed, "item": f"i{number}",
                    "document": f"d{group}", "group": int(group), "value": 1.0 if hit else 4.0, "weight": 1.0,
                    "null_value": None, "candidates": 100,
                }
                for pool in ("unseen", "paper")
                for number, (group, hit) in enumerate(zip(groups, found, strict=True))
            ]  # fmt: skip
    items = pl.DataFrame(rows, infer_schema_length=None)
    folder.mkdir()
    write_parquet(items, folder / "items.parquet")
    write_parquet(
        pl.DataFrame({"task": ["nsp"], "language": ["qaa"], "sentences": [9_000]}), folder / "languages.parquet"
    )
    said = {"kind": "study", "format": 2, "written_by": "test", "declaration": DECLARATION.to_dict()}
    write_json(folder / "study.json", said)
    return items


def test_it_draws_from_the_items_of_the_deciding_pool(tmp_path: Path) -> None:
    """As drawing from their reciprocal ranks by hand, the gain taken out; a document goes with 150 sentences."""
    items = write_study(tmp_path / "study", 0.1).filter(pool="unseen")
    sides = [
        np.column_stack([1 / items.filter(arm=arm, seed=seed)["value"].to_numpy() for seed in (1, 2, 3)])
        for arm in ("pooled", "alone")
    ]
    differences = sides[0] - sides[1]
    groups = items.filter(arm="alone", seed=1)["group"].to_numpy()
    by_hand = measure(differences - differences.mean(), groups, float(sides[1].mean()))
    (planned,) = plan_study(tmp_path / "study", 0.05, documents=[30, 240], seeds=[1, 3])
    expected = smallest_effects(by_hand, [30, 240], [1, 3])
    assert [each.effect for each in planned.powers] == pytest.approx([each.effect for each in expected])
    assert (planned.arm, planned.against, planned.measure) == ("pooled", "alone", "MRR")
    assert (planned.documents, planned.items, planned.seeds, planned.sentences) == (60, 600, 3, 150)
    assert planned.against_mean == pytest.approx(sides[1].mean())


def test_the_documents_needed_see_the_effect_and_fewer_do_not(tmp_path: Path) -> None:
    """To a tenth: at the number named the smallest effect is at most what was asked for, at two thirds of it more."""
    write_study(tmp_path / "study")
    (planned,) = plan_study(tmp_path / "study", 0.12, seeds=[3])
    needed = planned.needed[3]
    assert needed is not None
    at, below = plan_study(tmp_path / "study", 0.12, documents=[needed, needed * 2 // 3], seeds=[3])[0].powers
    assert at.effect <= 0.12 * 1.03 and below.effect > 0.12


def test_trainings_that_differ_hide_an_effect_from_any_text() -> None:
    """Two trainings 0.2 apart around nothing, of a mean of 1: with one of them 1% is never seen."""
    generator = np.random.default_rng(2)
    values = generator.normal(0, 0.1, (400, 1)) + np.array([[0.1, -0.1]])
    measured = measure(values, np.repeat(np.arange(100), 4), 1.0)
    assert documents_needed(measured, 0.01, 1) is None
    with pytest.raises(SettingsError, match="an effect is above 0"):
        documents_needed(measured, 0.0, 1)


def test_a_world_plans_without_a_study() -> None:
    """More documents and more seeds see less; about half the effect with four times the text where seeds are many."""
    (planned,) = plan_world(0.05, documents=[100, 400], seeds=[1, 10])
    found = {(each.documents, each.seeds): each.effect for each in planned.powers}
    assert found[400, 10] < found[400, 1] < found[100, 1] and found[400, 10] < found[100, 10]
    assert found[400, 10] == pytest.approx(found[100, 10] / 2, rel=0.2)
    assert planned.sentences > 0


def test_what_cannot_be_planned_is_told(tmp_path: Path) -> None:
    """No study, an arm or language that it lacks, a damaged manifest."""
    with pytest.raises(FolderError, match=r"expected a study folder, but it has no study\.json"):
        plan_study(tmp_path, 0.05)
    write_study(tmp_path / "study")
    with pytest.raises(SettingsError, match="has no arm 'mixed'; it has alone, pooled"):
        plan_study(tmp_path / "study", 0.05, arm="mixed")
    with pytest.raises(LanguageError, match="has no xx"):
        plan_study(tmp_path / "study", 0.05, languages=["xx"])
    (tmp_path / "study" / "study.json").write_text("[]")
    with pytest.raises(FolderError, match="expected an object, found list"):
        plan_study(tmp_path / "study", 0.05)
