"""F2, F8 and the analyses of a study file: what they say of overlaps set by hand, and of a small laboratory."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_gains import Made, study
from tests.lm.corpora import make_corpus

from sprachbund.analyses.finding import read_findings, write_findings
from sprachbund.analyses.laboratory.explained import triples_of
from sprachbund.analyses.laboratory.findings_table import ANALYSES
from sprachbund.analyses.laboratory.laboratory import Laboratory
from sprachbund.analyses.laboratory.study_file import read_study_file
from sprachbund.analyses.overlap.findings import clusters_finding, links_finding, replicated_clusters
from sprachbund.analyses.overlap.vocabularies import Overlap, overlap
from sprachbund.retrieval.transfer import ask


def made(languages: tuple[str, ...], values: dict[tuple[str, str], float], written: str = "") -> Overlap:
    """Overlaps of pairs that are the same both ways; .01 where none is given; without template text a tenth of it."""
    rows = [
        {
            "language": one, "other": other, "ngrams": "all", "script": "all", "types": 100, "other_types": 100,
            "shared": 1, **dict.fromkeys(("jaccard", "directed"), value),
            **dict.fromkeys(("jaccard_apart", "directed_apart"), value / 10),
        }
        for one in languages
        for other in languages
        if one != other
        for value in [values.get((one, other), values.get((other, one), 0.01))]
    ]  # fmt: skip
    coverage = pl.DataFrame(
        {"language": languages, "template": [0.5 if code == written else 0.0 for code in languages]}
    )
    return Overlap(languages, pl.DataFrame(rows), coverage)


def test_the_papers_clusters_are_looked_for() -> None:
    """es and pt among themselves .3, to uk .01: they stand together; sv and vi, nearer to others, do not."""
    found = made(("es", "pt", "uk", "sv", "vi", "sr"), {("es", "pt"): 0.3, ("sv", "pt"): 0.2, ("vi", "uk"): 0.15}, "vi")
    finding = clusters_finding(found)
    assert "es and pt (30.0%), pt and sv (20.0%) and uk and vi (15.0%) have most in common" in finding.sentence
    assert "Romance stand together and Cebuano, Waray, Vietnamese and Swedish do not stand together" in finding.sentence
    assert "More than a tenth of the training text of vi is template text" in finding.sentence
    assert finding.replicated == "in part" and finding.ours.endswith("order es-pt-uk-sv-vi-sr")
    assert replicated_clusters([True, True]) == "yes" and replicated_clusters([False]) == "no"
    assert clusters_finding(made(("uk", "tr"), {})).replicated == "not shown"
    assert clusters_finding(made(("es", "pt"), {})).replicated == "not shown", "nothing stands beside the cluster"


def test_heat_maps_have_a_cell_for_each_pair_in_the_order_of_the_clusters() -> None:
    """Rows and columns are the languages as they were given; the value is on hover; no value, no cell."""
    found = made(("es", "pt", "uk"), {("es", "pt"): 0.3})
    missing = found.pairs.with_columns(jaccard=pl.when(pl.col("other") == "uk").then(None).otherwise("jaccard"))
    spec = json.loads(json.dumps(clusters_finding(Overlap(found.languages, missing, found.coverage)).charts[0].spec))
    cells = {(cell["row"], cell["column"]): cell["shown"] for cell in spec["data"]["values"]}
    assert cells == {("es", "pt"): "30.00%", ("pt", "es"): "30.00%", ("uk", "es"): "1.00%", ("uk", "pt"): "1.00%"}
    assert spec["encoding"]["x"]["scale"]["domain"] == spec["encoding"]["y"]["scale"]["domain"] == ["es", "pt", "uk"]


def test_a_pivot_links_what_overlaps_little() -> None:
    """te and tr share 2%, each has more in common with en: linked. ca and es share more than either with uk: not."""
    found = made(
        ("te", "en", "tr", "ca", "es", "uk"),
        {("te", "tr"): 0.02, ("te", "en"): 0.2, ("tr", "en"): 0.1, ("ca", "es"): 0.3, ("ca", "uk"): 0.02},
    )
    linked = links_finding(found, [("te", "tr", "en")])
    assert linked.sentence == "Of the vocabulary of te tr has 2.0%, en 20.0%; of that of tr en has 10.0%."
    assert linked.replicated == "yes" and linked.tables[0][1].height == 6
    assert links_finding(found, [("te", "tr", "en"), ("ca", "es", "uk")]).replicated == "in part"
    assert links_finding(found, [("ca", "es", "uk")]).replicated == "no"
    nothing = links_finding(found, [])
    assert nothing.replicated == "not shown" and "No study has a target, an auxiliary and a pivot" in nothing.sentence


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Two finished studies of three languages, of which one has pooled and alone; nothing was trained."""
    folder = tmp_path_factory.mktemp("analysed")
    corpus = make_corpus(folder, {"gl": 12, "pt": 12, "es": 12, "fi": 12}, sentences=6)
    (folder / "study.toml").write_text(
        'corpus = "corpus"\ntargets = ["gl"]\nauxiliaries = ["Portuguese"]\npivots = ["es"]\ntrials = 1\n'
        'analyses = ["overlap", "explaining"]\n[[study]]\nname = "one"\n[[study]]\nname = "two"\n'
        'strategies = ["alone", "continued:pt"]\n',
        encoding="utf-8",
    )
    pooled = study({("ic", "unseen"): [Made("gl", 0.1, 0.13)]}, languages=["gl", "pt", "es"])
    other = study({("ic", "unseen"): [Made("gl", 0.1, 0.13)]})
    other = type(other)(other.declaration, other.results, other.comparisons.clear(), other.languages)
    file = read_study_file(folder / "study.toml")
    return Laboratory(folder / "out", corpus, file, {"one": pooled, "two": other})


def test_analyses_are_made_of_a_laboratory(laboratory: Laboratory, tmp_path: Path) -> None:
    """A study file names them; they take the ids that the studies were made of, and gains where both arms are there."""
    findings = [finding for name in laboratory.file.analyses for finding in ANALYSES[name](laboratory)]
    names = [finding.name for finding in findings]
    assert names == ["F2", "F8", "F1", "F3", "F5", "F6", "F7", "T1", "expected"]
    assert [finding.name for name in ("F5", "F2") for finding in ANALYSES[name](laboratory)] == ["F5", "F2"]
    assert triples_of(laboratory) == (("gl", "pt", "es"),)
    write_findings(tmp_path / "found", findings)
    assert [finding.name for finding in read_findings(tmp_path / "found")] == names
    (encoded,) = (laboratory.folder / "encoded").iterdir()
    question = ask(laboratory.corpus, languages=["es", "gl", "pt"])
    common = overlap(encoded, ["es", "gl", "pt"], settings=question.settings)
    links = next(finding for finding in findings if finding.name == "F8").tables[0][1]
    of = dict(zip(zip(links["of"], links["in"], strict=True), links["directed"], strict=True))
    assert of["gl", "pt"] == pytest.approx(common.towards("pt")["gl"])
    rows = next(finding for finding in findings if finding.name == "F3").tables[1][1]
    sizes = dict(common.coverage.select("language", "sentences").iter_rows())
    assert rows["share"].to_list() == pytest.approx([sizes["gl"] / sum(sizes.values())])
    hub = max(sorted(sizes), key=lambda code: sizes[code])
    assert rows["overlap"].to_list() == ([None] if hub == "gl" else [pytest.approx(common.towards(hub)["gl"])])
    assert np.isfinite(rows["relative"].to_numpy()).all()


def test_findings_of_several_studies_are_told_apart(laboratory: Laboratory) -> None:
    """By a number in their names and the study in their titles."""
    both = dict.fromkeys(("one", "two"), laboratory.studies["one"])
    doubled = Laboratory(laboratory.folder, laboratory.corpus, laboratory.file, both)
    findings = ANALYSES["explaining"](doubled)
    assert [finding.name for finding in findings[:2]] == ["F1-1", "F3-1"] and findings[7].name == "F1-2"
    assert (
        findings[8].title.endswith(": two")
        and ANALYSES["F3"](doubled)[1].name == "F3-2"
        and findings[1].title.endswith(": one")
    )


def test_without_both_arms_nothing_is_explained(laboratory: Laboratory) -> None:
    """And that is said."""
    (finding,) = ANALYSES["explaining"](
        Laboratory(laboratory.folder, laboratory.corpus, laboratory.file, {"two": laboratory.studies["two"]})
    )
    assert finding.replicated == "not shown" and "No finished study has both" in finding.sentence
