"""Transitive transfer in made-up tables: which rows make a triple, and what they say of the paper's finding."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sprachbund.analyses.transitive.findings import proofs, replicated_transitive, triples
from sprachbund.report import StudyFrames
from sprachbund.retrieval.declared import DECLARATION

GAIN = {"relative": 0.05, "low": 0.01, "high": 0.09, "verdict": "better"}
NONE = {"relative": 0.01, "low": -0.02, "high": 0.04, "verdict": "no difference shown"}
LOSS = {"relative": -0.05, "low": -0.09, "high": -0.01, "verdict": "worse"}


def row(arm: str, against: str, told: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A comparison of Telugu in the measure and the pool that decide."""
    plain = {
        "task": "ic", "language": "te", "pool": "unseen", "measure": "mrr", "k": None, "arm": f"{arm}:en+tr",
        "against": f"{against}:en+tr", "items": 400, "documents": 40,
    }  # fmt: skip
    return {**plain, **told, **changed}


def studies(*rows: dict[str, Any]) -> dict[str, StudyFrames]:
    """One study of these comparisons."""
    schema = {"k": pl.Int64}
    frame = pl.DataFrame(list(rows), schema_overrides=schema)
    return {"te": StudyFrames(DECLARATION, pl.DataFrame(), frame, pl.DataFrame())}


LINKED, CUT = row("censored", "pivoted", GAIN), row("severed", "pivoted", NONE)


def test_a_triple_is_the_censored_arm_beside_its_cut() -> None:
    """Other measures, pools, arms and the row of all languages are none."""
    found = triples(
        studies(
            LINKED, CUT, row("censored", "pivoted", LOSS, measure="recall", k=1),
            row("censored", "pivoted", LOSS, pool="paper"), row("censored", "repeated", LOSS),
            row("joined", "pivoted", LOSS), row("censored", "pivoted", LOSS, language="(all)"),
        )
    )  # fmt: skip
    assert [(each.name, each.linked["relative"]) for each in found] == [("te < en < tr, IC", 0.05)]
    assert found[0].cut is not None and found[0].cut["relative"] == 0.01


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((LINKED, CUT), "yes"),
        ((LINKED,), "in part"),
        ((LINKED, row("severed", "pivoted", GAIN)), "no"),
        ((row("censored", "pivoted", LOSS), CUT), "no"),
        ((row("censored", "pivoted", NONE), CUT), "not shown"),
        (
            (LINKED, CUT, row("censored", "pivoted", NONE, task="nsp"), row("severed", "pivoted", NONE, task="nsp")),
            "in part",
        ),
    ],
    ids=["gain, none when cut", "never cut", "stays when cut", "harm", "nothing", "one of two"],
)
def test_what_triples_say_of_the_papers_finding(rows: tuple[dict[str, Any], ...], expected: str) -> None:
    """A gain that stays when the link is cut did not come by the link."""
    assert replicated_transitive(triples(studies(*rows))) == expected


def test_models_that_go_on_are_a_finding_of_their_own() -> None:
    """The paper leaves open whether fine-tuning transfers so too."""
    found = triples(studies(row("begun_censored", "begun", GAIN), LINKED), "T2-begun")
    assert [each.linked["arm"] for each in found] == ["begun_censored:en+tr"]


def test_proofs_are_read_from_the_runs(tmp_path: Path) -> None:
    """Each once; runs without any, and what is no run, are passed over."""
    told = {"without": ["en", "te"], "types": 9, "types_left": 4, "common": 0}
    for name, result in (("a", {"censored": {"tr": told}}), ("b", {"censored": {"tr": told}}), ("c", {"items": 3})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps({"result": result}))
    (tmp_path / "d").mkdir()
    assert proofs(sorted(tmp_path.iterdir())).to_dicts() == [
        {"auxiliary": "tr", "without": "en+te", "types": 9, "types_left": 4, "common": 0}
    ]
