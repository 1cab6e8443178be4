"""Every measure of every candidate: the order, floors, what is left out, where measures disagree."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sprachbund.errors import LanguageError, MissingDataError, SettingsError
from sprachbund.neighbours import floors
from sprachbund.neighbours.asking import ask, candidates_of
from sprachbund.neighbours.measures import Measure, Value, lacking
from sprachbund.neighbours.sources import Sources

FAMILY = {"fi": "Uralic", "hu": "Uralic", "tr": "Turkic", "vi": "Austroasiatic", "ja": "Japonic", "ko": "Koreanic"}


def told(values: Mapping[str, Value | float]) -> Callable[[Sources, str, str], Value]:
    """A measure's function that knows its answers."""

    def compute(sources: Sources, target: str, candidate: str) -> Value:
        found = values.get(candidate, lacking(f"the table lacks {candidate}", "table"))
        return found if isinstance(found, Value) else Value(found, coverage=1.0, source="table")

    return compute


def measure(name: str, values: Mapping[str, Value | float], **more: Any) -> Measure:
    """One that is nearer where it is higher, and of text."""
    return Measure(name, name, "", "higher", "vocabulary", told(values), **{"text": True, **more})


@pytest.fixture(autouse=True)
def families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Families without URIEL."""
    monkeypatch.setattr(floors, "family_of", lambda sources, code: FAMILY.get(code, "Indo-European"))


def test_the_order_and_what_is_left_out() -> None:
    """A language that a measure lacks is ranked by the others, and the notes say so; little coverage does not count."""
    one = measure("one", {"es": 3.0, "it": 2.0, "de": 1.0})
    two = measure("two", {"es": 1.0, "it": Value(9.0, coverage=0.1), "de": 0.0, "gl": 2.0})
    found = ask(Sources(), "Portuguese", ["es", "it", "de", "galego"], measures=[one, two])
    assert [(each.language, each.rank, each.score, each.measured) for each in found.candidates] == [
        ("gl", 1, 1.0, 1),
        ("es", 2, 0.75, 2),
        ("it", 3, 0.5, 1),
        ("de", 4, 0.0, 2),
    ]
    assert "one lacks gl" in found.notes
    assert found.candidates[2].values["two"].value == 9.0


def test_what_is_left_out_alike_is_said_once() -> None:
    """Measures that lack the same languages share a line, six of them named; so do those with one reason."""
    many = ["es", "it", "fr", "ca", "ro", "la", "de", "nl"]
    known: dict[str, float | Value] = {"en": 1.0, "gl": 2.0}
    lists = [
        measure(name, {**known, **dict.fromkeys(many[:short], 1.0)}) for name, short in (("a", 0), ("b", 0), ("c", 7))
    ]
    nothing = [measure(name, dict.fromkeys([*known, *many], lacking("no list of pt"))) for name in "de"]
    found = ask(Sources(), "pt", [*known, *many], measures=[*lists, *nothing])
    assert found.notes == ("a, b lack es, it, fr, ca, ro, la and 2 more", "c lacks nl", "d, e: no list of pt")


def test_json_has_the_shape_that_was_promised() -> None:
    """These names and no others."""
    one = measure("one", {"es": Value(3.0, 2.5, 3.5, 0.5, None, "table", {"more": 1}), "it": 2.0})
    said = ask(Sources(), "pt", ["es", "it"], measures=[one]).to_dict()
    assert list(said) == ["target", "candidates", "disagreements"] and said["target"] == "pt"
    assert said["candidates"][0] == {
        "language": "es",
        "rank": 1,
        "score": 1.0,
        "measures": {"one": {"value": 3.0, "low": 2.5, "high": 3.5, "coverage": 0.5, "floor": None, "from": "table"}},
    }


def test_the_floor_is_the_median_of_strangers() -> None:
    """Of six of other families, also for one candidate where the sources list them; a measure's own floor stays."""
    strangers = {"fi": 1.0, "hu": 2.0, "tr": 3.0, "vi": 4.0, "ja": 5.0, "ko": 9.0}
    values = {"es": 20.0, **strangers}
    asked = ask(Sources(), "pt", list(values), measures=[measure("one", values)])
    assert {each.values["one"].floor for each in asked.candidates} == {3.5}
    listed = Sources(kept={"languages": list(strangers)})
    assert ask(listed, "pt", ["es"], measures=[measure("one", values)]).candidates[0].values["one"].floor == 3.5
    own = measure("one", {**values, "es": Value(20.0, floor=7.0)}, floors="own")
    found = {
        each.language: each.values["one"].floor
        for each in ask(Sources(), "pt", list(values), measures=[own]).candidates
    }
    assert found["es"] == 7.0 and found["fi"] is None


def test_where_measures_disagree() -> None:
    """A measure with another nearest, the place of the first by it, and whether the intervals are apart."""
    measures = [measure(name, {"es": 3.0, "it": 2.0, "de": 1.0}) for name in ("one", "two", "three")]
    measures.append(
        measure("odd", {"es": Value(1.0, 0.5, 1.5), "it": Value(2.0, 1.0, 3.0), "de": Value(9.0, 8.0, 9.5)})
    )
    (found,) = ask(Sources(), "pt", ["es", "it", "de"], measures=measures).disagreements
    assert (found.measure, found.nearest, found.instead, found.place, found.sure) == ("odd", "de", "es", 3, True)


def test_data_that_are_not_there() -> None:
    """One measure without data is left out with the reason; without any there is no answer."""

    def absent(sources: Sources, target: str, candidate: str) -> Value:
        raise MissingDataError("PHOIBLE is not here")

    nothing = Measure("two", "two", "", "higher", "phonetic", absent)
    found = ask(Sources(), "pt", ["es"], measures=[measure("one", {"es": 1.0}), nothing])
    assert list(found.candidates[0].values) == ["one"] and "without two: PHOIBLE is not here" in found.notes
    with pytest.raises(MissingDataError, match="no measure has any data; without two: PHOIBLE is not here"):
        ask(Sources(), "pt", ["es"], measures=[nothing])


def test_candidates() -> None:
    """Each language once under any of its codes, never the target; unknown ones are refused with what is near."""
    assert candidates_of(Sources(), "no", ["nb", "Norwegian Bokmål", "sv", "swe", "nn"]) == ["sv", "nn"]
    with pytest.raises(SettingsError, match="only language named is the target itself"):
        candidates_of(Sources(), "pt", ["por"])
    with pytest.raises(LanguageError, match="nearest are"):
        candidates_of(Sources(), "pt", ["espagnolish"])
    with pytest.raises(SettingsError, match="name others, as --languages"):
        candidates_of(Sources(kept={"languages": []}), "pt", None)


def test_macrolanguages_are_explained() -> None:
    """Of the target and of what was named, not of all that there is."""
    found = ask(Sources(), "no", ["zh", "sv"], measures=[measure("one", {"zh": 1.0, "sv": 2.0})])
    assert [note.split(" ")[0] for note in found.notes] == ["no", "zh"]
