"""What there is for a language, else what is near it and how that was told; and what is wanted."""

from pathlib import Path

import pytest
from small_models import make_model

from sprachbund.errors import LanguageError, MissingDataError, SettingsError
from sprachbund.lab.card import GAIN, Score
from sprachbund.neighbours.asking import Candidate, Neighbours
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.truth import Gain
from sprachbund.zoo import finding
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.finding import languages_of, models_of, near_models
from sprachbund.zoo.index import Index
from sprachbund.zoo.opening import open_zoo
from sprachbund.zoo.reader import Zoo
from sprachbund.zoo.wanting import wanted_languages

WORDS, SOUNDS, TREE, MAP = (
    Measure(name, name, "", direction, family, lambda *_: None, text=text)
    for name, direction, family, text in (
        ("words", "higher", "vocabulary", True),
        ("sounds", "lower", "phonetic", True),
        ("genetic", "lower", "typological", False),
        ("geographic", "lower", "typological", False),
    )
)


def called(found: list[finding.Entry]) -> list[str]:
    """The names of models."""
    return [each.called for each in found]


def test_models_by_language_kind_and_size(zoo: Path) -> None:
    """A language by code or name; a size in bytes of the model itself."""
    index = open_zoo(zoo).index
    assert called(models_of(index, language="galego")) == ["gl@1", "gl@2"] == called(models_of(index, language="glg"))
    assert called(models_of(index, language="gl", newest=True)) == ["gl@2"]
    assert called(models_of(index, language="it")) == []
    assert called(models_of(index, kind="Weather Vane", least=5_000)) == ["en@1"]
    assert called(models_of(index, most=index.find("es").size)) == ["es@1"]
    assert languages_of(index.models) == ["en", "es", "gl", "simple"]
    with pytest.raises(SettingsError, match="no models of the kind 'encoder'; it has weather vane"):
        models_of(index, kind="encoder")
    with pytest.raises(LanguageError, match="nearest"):
        models_of(index, language="qwertyish")


def told(target: str, measures: tuple[Measure, ...], values: dict[str, dict[str, Value]]) -> Neighbours:
    """What measures say, the candidates in the order given."""
    candidates = [
        Candidate(language, place, 1.0 - place / 10, len(row), row)
        for place, (language, row) in enumerate(values.items(), 1)
    ]
    return Neighbours(target, tuple(candidates), (), measures)


def answers(monkeypatch: pytest.MonkeyPatch, text: Neighbours | Exception, handbooks: Neighbours | Exception) -> None:
    """Let measures of text and handbooks say what is given."""

    def ask(
        sources: object, target: str, languages: object, *, measures: list[Measure], progress: object
    ) -> Neighbours:
        answer = text if measures[0].text else handbooks
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(finding, "ask", ask)


def test_near_by_words_and_sounds(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearer than unrelated languages by most measures: Galician and Spanish, not English; models newest first."""
    rows = {
        "gl": {"words": Value(0.5, floor=0.1), "sounds": Value(0.2, floor=0.9)},
        "es": {"words": Value(0.4, floor=0.1), "sounds": Value(0.3, floor=0.9)},
        "en": {"words": Value(0.2, floor=0.1), "sounds": Value(1.0, floor=0.9)},
    }
    answers(monkeypatch, told("pt", (WORDS, SOUNDS), rows), MissingDataError("not asked"))
    near = near_models(open_zoo(zoo).index.models, "português")
    assert (near.language, near.how, near.note) == ("pt", "by words, sounds and sentences", "")
    assert [(each.language, each.score, called(list(each.models))) for each in near.near] == [
        ("gl", 0.9, ["gl@2"]),
        ("es", 0.8, ["es@1"]),
    ]
    assert near.near[0].because == ("words 0.500 (unrelated 0.100)", "sounds 0.200 (unrelated 0.900)")


def test_measured_gains_go_first(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a study found of Spanish puts it before Galician, with its interval; a loss takes English out."""
    row = {"words": Value(0.5, floor=0.1), "sounds": Value(0.2, floor=0.9)}
    answers(monkeypatch, told("pt", (WORDS, SOUNDS), {"gl": row, "en": row, "es": row}), MissingDataError("not asked"))
    gains = [
        Gain("s", "ic", "pt", "es", 0.06, 0.04, 0.08, "better", "MRR"),
        Gain("s", "ic", "pt", "en", -0.05, -0.08, -0.02, "worse", "MRR"),
    ]
    near = near_models(open_zoo(zoo).index.models, "pt", gains=gains)
    assert [each.language for each in near.near] == ["es", "gl"]
    assert near.near[0].because[0] == "measured +6.0% (+4.0% to +8.0%) in MRR, study s: better"


def test_where_text_says_nothing_handbooks_do(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said what is missing; where text knows a floor and nothing is nearer, nothing is near."""
    handbooks = told(
        "ast",
        (TREE, MAP),
        {
            "es": {"genetic": Value(0.1, floor=1.0), "geographic": Value(300.0, floor=4_000.0)},
            "en": {"genetic": Value(1.0, floor=1.0), "geographic": Value(900.0, floor=4_000.0)},
        },
    )
    nothing = told("ast", (WORDS,), {"es": {"words": Value(None)}, "en": {"words": Value(None)}})
    models = open_zoo(zoo).index.models
    answers(monkeypatch, nothing, handbooks)
    near = near_models(models, "ast")
    assert [each.language for each in near.near] == ["es"] and near.how == "by the family tree and handbooks"
    assert "no list of words, text or treebank here has this language" in near.note
    answers(monkeypatch, MissingDataError("no tables; get them there"), handbooks)
    assert near_models(models, "ast").note == "no tables; get them there"
    answers(monkeypatch, MissingDataError("no tables"), MissingDataError("no handbooks"))
    assert near_models(models, "ast") == finding.Nearness("ast", (), "", "no tables")
    far = told("ast", (WORDS, SOUNDS), {"es": {"words": Value(0.1, floor=0.2), "sounds": Value(0.9, floor=0.2)}})
    answers(monkeypatch, far, handbooks)
    near = near_models(models, "ast")
    assert near.near == () and "no candidate is nearer than unrelated languages" in near.note


def test_scores_on_the_language_that_was_asked_for(
    zoo: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of Portuguese that was judged on Asturian says so itself, where no measure knows either."""
    score = Score("bits per byte", 2.25, "bits", "lower", "ast", 2.2, 2.3, "test")
    add_model(make_model(tmp_path / "pt", ("pt",), scores=(score,)), zoo, key=key)
    answers(monkeypatch, MissingDataError("no tables"), MissingDataError("no handbooks"))
    near = near_models(open_zoo(zoo).index.models, "Asturian")
    assert [(each.language, each.measured[0][1]) for each in near.near] == [("pt", score)]
    assert near.how == "by what cards measured alone"


def test_a_zoo_of_the_language_alone(tmp_path: Path, key: Path) -> None:
    """There is nothing to be near."""
    add_model(make_model(tmp_path / "pt", ("pt",)), tmp_path / "zoo", key=key)
    near = near_models(open_zoo(tmp_path / "zoo").index.models, "pt")
    assert near.near == () and near.note == "the zoo has no model of any other language"


def gain(value: float, low: float | None = None) -> Score:
    """What a card says that neighbours would bring."""
    return Score(GAIN, value, "%", low=low, high=None if low is None else 2 * value - low, on="es, dev")


def test_wanted_without_a_model_or_with_one_that_neighbours_would_better(tmp_path: Path, key: Path) -> None:
    """Surely: an interval that begins below zero is no gain; and not where another model has it already."""
    languages = {"pt": gain(6.3, 4.9), "gl": gain(2.0, -1.0), "it": gain(-3.0), "fr": gain(1.5)}
    for code, score in languages.items():
        add_model(make_model(tmp_path / code, (code,), scores=(score,)), tmp_path / "zoo", key=key)
    index = open_zoo(tmp_path / "zoo").index

    def wanted(index: Index, *codes: str) -> list[tuple[str, str]]:
        return [(each.language, each.why) for each in wanted_languages(index, languages=codes, near=False)]

    assert wanted(index, "pt", "gl", "it", "fr", "Asturian", "pt") == [
        ("pt", "pt@1 would gain 6.3% (4.9 to 7.7) by its neighbours' text"),
        ("fr", "fr@1 would gain 1.5% by its neighbours' text"),
        ("ast", "no model"),
    ]
    add_model(make_model(tmp_path / "better" / "pt", ("pt",), text="with Spanish"), tmp_path / "zoo", key=key)
    assert wanted(open_zoo(tmp_path / "zoo").index, "pt", "ast") == [("ast", "no model")]


def test_wanted_of_a_kind_and_of_a_corpus(zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Languages come from a corpus; those of another kind do not count; what is near is said once asked for."""
    from sprachbund import ingest

    lines = [f'{{"id": "{code}", "lang": "{code}", "text": "Um texto."}}' for code in ("pt", "gl")]
    (tmp_path / "source.jsonl").write_text("\n".join(lines))
    ingest([tmp_path / "source.jsonl"], tmp_path / "corpus")
    row = {"words": Value(0.5, floor=0.1), "sounds": Value(0.2, floor=0.9)}
    answers(monkeypatch, told("pt", (WORDS, SOUNDS), {"gl": row}), MissingDataError("not asked"))
    index = open_zoo(zoo).index
    found = wanted_languages(index, corpus=tmp_path / "corpus")
    assert [each.language for each in found] == ["pt"]
    assert found[0].near is not None and [each.language for each in found[0].near.near] == ["gl"]
    found = wanted_languages(index, corpus=tmp_path / "corpus", kind="encoder")
    assert [(each.language, each.near) for each in found] == [("gl", None), ("pt", None)]
    monkeypatch.setattr("sprachbund.zoo.wanting.every_language", lambda sources: [])
    with pytest.raises(SettingsError, match="wanted of which languages"):
        wanted_languages(index)


def test_the_same_in_python(zoo: Path, tmp_path: Path) -> None:
    """`Zoo` opens once and answers all."""
    opened = Zoo.open(zoo)
    assert repr(opened) == f"Zoo({zoo}, state 4, 4 models)" and len(opened) == 4
    assert called(opened.models(language="gl", newest=True)) == ["gl@2"]
    assert opened.card("gl@1").samples == ("west, then north",)
    assert (opened.get("gl@1", tmp_path / "got") / "vane.json").exists()
    assert opened.verify().faults == () and opened.verify("es").models == ("es@1",)
    assert [each.why for each in opened.wanted(["gl", "es"])] == []
