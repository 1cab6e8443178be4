"""The laboratory on small worlds: what was put in is found, and where nothing leads nothing arrives."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.simulation.declaring import cut_off
from sprachbund.simulation.simulating import simulate
from sprachbund.simulation.world import Documents, Meanings, Tongue, World

HERE = Path(__file__).parents[2] / "benchmarks"
MEANINGS = Meanings(concepts=600, grammatical=20, topics=12, subtopics=1, zipf=0.3, general=0.25, topical=0.0)
DOCUMENTS = Documents(paragraphs=(2, 3), sentences_each=(5, 8))


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the benchmark, which no package has."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("simulated")


def world(**languages: Tongue) -> World:
    """A small world."""
    return World(languages, 2, MEANINGS, DOCUMENTS)


def chance(values: "np.ndarray") -> float:
    """The mean reciprocal rank of guesses among as many candidates as there are queries: H(n) / n."""
    return float((1 / np.arange(1, len(values) + 1)).mean())


def test_next_sentences_can_be_learned_and_shuffled_ones_cannot(laboratory: ModuleType, tmp_path: Path) -> None:
    """An encoder finds held-out neighbours six times as well as chance; with the same sentences shuffled, not twice."""
    made = world(qaa=Tongue(2_000), qab=Tongue(60))
    lab = laboratory.Laboratory(made, tmp_path / "coherent", {})
    coherent = lab.of(("qaa",), 1, "qaa").values
    assert coherent.mean() > 6 * chance(coherent)
    shuffled = laboratory.Laboratory(made, tmp_path / "shuffled", {}, write=_shuffled)
    values = shuffled.of(("qaa",), 1, "qaa").values
    assert len(values) > 400 and values.mean() < 2 * chance(values)


def _shuffled(made: World, folder: Path) -> None:
    """The corpus of a world with the sentences of each language in random order, through `ingest`."""
    simulate(made, folder.parent / "ordered")
    corpus = Corpus.open(folder.parent / "ordered")
    generator = np.random.default_rng(1)
    for code in corpus.languages:
        frame = corpus.read(code, ["document", "paragraph", "text"])
        texts = np.array(frame["text"].to_list())[generator.permutation(frame.height)]
        source = folder.parent / "texts" / code
        source.mkdir(parents=True)
        places: dict[str, dict[int, list[str]]] = {}
        for text, (document, paragraph) in zip(texts, frame.select("document", "paragraph").iter_rows(), strict=True):
            places.setdefault(document, {}).setdefault(paragraph, []).append(str(text))
        for document, paragraphs in places.items():
            (source / f"{document}.txt").write_text("\n\n".join(" ".join(each) for each in paragraphs.values()))
        ingest([source], folder, language=code, workers=1)


def test_kin_helps_and_what_shares_nothing_does_nothing(laboratory: ModuleType, tmp_path: Path) -> None:
    """A small language gains a tenth at least from its large kin, for sure, and from a stranger nothing to the bit."""
    made = world(
        qaa=Tongue(4_000), qkk=Tongue(2_400, alike={"qaa": 0.8}), qss=Tongue(4_000, alike={"qaa": 0.0, "qkk": 0.0})
    )
    lab = laboratory.Laboratory(made, tmp_path, {"qkk": 150})
    alone = lab.of(("qkk",), 1, "qkk")
    kin = lab.of(("qaa", "qkk"), 1, "qkk").against(alone).found
    assert kin.relative > 0.1 and kin.low > 0 and kin.verdict == "better"
    stranger = lab.of(("qkk", "qss"), 1, "qkk")
    assert np.array_equal(stranger.values, alone.values)


def test_an_auxiliary_that_is_cut_off_changes_nothing(laboratory: ModuleType, tmp_path: Path) -> None:
    """Linked through the pivot it moves the target's ranks; cut off, they are those without it, but for rounding."""
    linked = world(
        qaa=Tongue(2_000),
        qtt=Tongue(1_200, alike={"qaa": 0.0}),
        qpp=Tongue(800, switching={"qaa": 0.5, "qtt": 0.5}),
    )
    most = {"qtt": 100}
    lab = laboratory.Laboratory(linked, tmp_path / "linked", most)
    base = lab.of(("qpp", "qtt"), 1, "qtt").values
    assert np.mean(lab.of(("qaa", "qpp", "qtt"), 1, "qtt").values != base) > 0.5
    cut = laboratory.Laboratory(cut_off(linked, "qaa"), tmp_path / "cut", most)
    assert np.mean(cut.of(("qaa", "qpp", "qtt"), 1, "qtt").values != base) < 0.01


def test_several_worlds_are_compared_as_one(laboratory: ModuleType) -> None:
    """Their documents are all different: two worlds of two documents each are four."""

    def judged(value: float) -> object:
        return laboratory.Judged(np.full(6, value), np.array([0, 0, 0, 1, 1, 1]))

    found = laboratory.together([judged(0.5), judged(0.5)], [judged(0.4), judged(0.4)])
    assert (found.items, found.documents) == (12, 4) and found.absolute == pytest.approx(0.1)
