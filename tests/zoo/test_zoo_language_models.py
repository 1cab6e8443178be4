"""A language model is shared by the card that it brings, and its lineage by the seal of its start."""

from pathlib import Path

from sprachbund import ingest
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.settings import LmSettings
from sprachbund.lm.train import train_language_model
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.lineage import links
from sprachbund.zoo.reader import Zoo
from sprachbund.zoo.wanting import wanted_languages


def test_a_language_model_goes_round(sample: Path, key: Path, tmp_path: Path) -> None:
    """Spanish and Galician, which went on from it: named so in the zoo, got back and the same to the bit."""
    ingest([sample], tmp_path / "corpus")
    settings = LmSettings(size="none", order=3)
    train_language_model(tmp_path / "corpus", "es", tmp_path / "es", settings=settings)
    trained = train_language_model(tmp_path / "corpus", "gl", tmp_path / "gl", start=tmp_path / "es", settings=settings)
    for name in ("es", "gl"):
        add_model(tmp_path / name, tmp_path / "zoo", key=key)
    zoo = Zoo.open(tmp_path / "zoo")
    assert [each.called for each in zoo.models(kind="language model")] == ["es@1", "gl@1"]
    assert [(link.heir.called, link.called) for link in links(zoo.opened.index)] == [("gl@1", "es@1")]
    card = zoo.card("gl")
    assert card.languages == ("gl",) and card.scores[0].direction == "lower" and card.scores[0].low is not None
    got = LanguageModel.open(zoo.get("gl", tmp_path / "got"))
    texts = ["A choiva cae sobre o mar.\n"]
    assert got.bits(texts).tolist() == trained.bits(texts).tolist()


def test_a_model_that_neighbours_would_better_is_wanted(sample: Path, key: Path, tmp_path: Path) -> None:
    """By what its training tried, with nothing else; not once a model that has read them is there too."""
    ingest([sample], tmp_path / "corpus")
    settings = LmSettings(size="none", order=3)
    train_language_model(tmp_path / "corpus", "gl", tmp_path / "gl", tried=["pt", "es"], settings=settings)
    add_model(tmp_path / "gl", tmp_path / "zoo", key=key)
    (wanted,) = wanted_languages(Zoo.open(tmp_path / "zoo").opened.index, languages=["gl"], near=False)
    assert wanted.gain is not None and wanted.gain.low is not None and wanted.gain.low > 0
    assert wanted.gain.on == "es, pt, n-grams, test" and wanted.why.startswith("gl@1 would gain ")
    train_language_model(tmp_path / "corpus", "gl", tmp_path / "n", neighbours=["pt", "es"], settings=settings)
    add_model(tmp_path / "n", tmp_path / "zoo", name="gl-helped", key=key)
    assert wanted_languages(Zoo.open(tmp_path / "zoo").opened.index, languages=["gl"], near=False) == []
