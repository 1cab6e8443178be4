"""Search across neighbours: what is looked for, how scores of languages are set right, and why a passage was found."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from shelf import same_hits

from sprachbund import Index
from sprachbund.cognates.grams import GramTable, gram_key
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.romanising import plain
from sprachbund.cognates.words import counted_words
from sprachbund.errors import FolderError, LanguageError, SettingsError
from sprachbund.search.across import (
    BEST,
    BORROWED,
    CARRIED,
    as_scores,
    carry,
    letters_of,
    nearest,
    own_rarities,
    rarities,
    roman_scope,
    roman_terms,
    speakers,
    standings,
)
from sprachbund.search.asking import Request
from sprachbund.search.kin import Kin, kinship
from sprachbund.search.kindred import changed
from sprachbund.search.roman import spelt
from sprachbund.search.searching import at_leisure
from sprachbund.search.why_across import with_places

QUERIES = {"gl": "a choiva e o ciclo da auga", "es": "la lluvia en la selva del Amazonas", "pt": "a baleia azul no mar"}


def table(rows: dict[str, dict[str, float]]) -> GramTable:
    """A table of runs of four."""
    keys = sorted(rows)
    sizes = [len(rows[key]) for key in keys]
    targets = [gram_key(target) for key in keys for target in rows[key]]
    chances = [chance for key in keys for chance in rows[key].values()]
    return GramTable(
        np.array([gram_key(key) for key in keys], np.uint32),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.array(targets, np.uint32),
        np.array(chances, np.float32),
    )


def test_what_is_looked_for_by_hand() -> None:
    """Each gram itself; inside words what stands for it by its chance, or itself where nothing is known."""
    kin = Kin(1, 1.0, 0.0, table({"chuv": {"lluv": 0.75, "chub": 0.25}}), GramTable.empty())
    carried = carry(letters_of("a chuva"), kin)
    found = {spelt(int(key)): weight for key, weight in zip(carried.keys, carried.weights, strict=True)}
    assert found["a ch"] == 1  # across words: as it stands
    assert found["chuv"] == 1 and found["lluv"] == 0.75 * CARRIED and found["chub"] == 0.25 * CARRIED
    assert found["huva"] == 1 + CARRIED  # inside a word, and the table does not know it
    assert found[" a "] == 1 + CARRIED and found["a c"] == 1  # skeletons; there is no table
    own = carry(letters_of("a chuva"), None)
    assert "lluv" not in {spelt(int(key)) for key in own.keys}
    (source,) = np.flatnonzero(carried.learned == np.float64(0.75))
    assert spelt(int(carried.keys[carried.targets[source]])) == "lluv"


def test_standings_by_hand() -> None:
    """Deviations above the mean of the best, of which some are borrowed from all languages."""
    scores = {"pt": np.array([3.0, 1.0], np.float32), "es": np.array([2.0], np.float32)}
    found = standings(scores, {"pt": 2, "es": 2})  # es has a passage that scores nothing
    mean, square = (3 + 1 + 2 + 0) / 4, (9 + 1 + 4 + 0) / 4
    borrowed = BORROWED * (1 - 2 / BEST)
    own = (4 + borrowed * mean) / (2 + borrowed)
    spread = np.sqrt((10 + borrowed * square) / (2 + borrowed) - own**2)
    np.testing.assert_allclose(found["pt"], [(3 - own) / spread, (1 - own) / spread])
    assert len(found["es"]) == 1


def test_no_language_is_favoured() -> None:
    """Of languages that score ten times as high, or have ten times the passages, none stands higher."""
    generator = np.random.default_rng(0)
    scores = np.sort(generator.random(100).astype(np.float32))[::-1]
    found = standings({"a": scores, "b": 10 * scores, "c": scores}, {"a": 100, "b": 100, "c": 5_000})
    np.testing.assert_allclose(found["a"], found["c"])
    np.testing.assert_allclose(found["a"], found["b"], rtol=1e-5)


def test_a_standing_as_a_score_by_hand() -> None:
    """Between two passages of the own language it is between their scores; above the first it goes on rising."""
    known, scores = np.array([4.0, 2.0, 0.0]), np.array([0.5, 0.3, 0.1])
    found = as_scores(np.array([4.0, 3.0, 0.0, -1.0]), known, scores, 1.0)
    np.testing.assert_allclose(found, [0.5, 0.4, 0.1, 0.1 / np.e])
    higher = as_scores(np.array([5.0, 9.0, 99.0]), known, scores, 1.0)
    np.testing.assert_allclose(higher, 0.5 + 0.1 * (1 - np.exp(-0.1 * np.array([1.0, 5.0, 95.0]) / 0.1)))
    assert as_scores(np.array([2.0, -1.0]), np.zeros(0), np.zeros(0), 1.0).tolist() == [2.0, 0.0]


def test_nothing_overtakes_a_passage_with_the_words_of_the_query() -> None:
    """Where the first has most of what a passage can have, the others come after it however high they stand."""
    known, scores = np.array([4.0, 2.0, 0.0]), np.array([0.9, 0.5, 0.1])
    found = as_scores(np.array([2.0, 4.0, 50.0]), known, scores, 1.0)
    np.testing.assert_allclose(found, [0.5, 0.7, 0.9])
    assert (as_scores(np.array([4.5, 6.0]), known, scores, 1.0) < 0.9).all()


@pytest.mark.parametrize("language", sorted(QUERIES))
@pytest.mark.parametrize("mode", ["hybrid", "bm25", "rrf"])
def test_the_own_language_is_searched_as_ever(index: Index, language: str, mode: str) -> None:
    """With neighbours its passages have the same order and the same scores as alone."""
    query = QUERIES[language]
    alone = index.search(query, 30, (language,), mode)  # type: ignore[arg-type]
    same_hits(index.answer(Request(query, 30, mode=mode, reach="own")).hits, alone)  # type: ignore[arg-type]
    every = index.answer(Request(query, 30, mode=mode, reach="neighbours"))  # type: ignore[arg-type]
    assert every.language == language and every.neighbours
    own = [hit for hit in every.hits if hit.language == language]
    assert own and [hit.key for hit in own] == [hit.key for hit in alone[: len(own)]]
    np.testing.assert_array_equal([hit.score for hit in own], [hit.score for hit in alone[: len(own)]])
    assert [hit.score for hit in every.hits] == sorted((hit.score for hit in every.hits), reverse=True)


def test_a_query_finds_its_neighbours(index: Index) -> None:
    """Galician finds the same topic in Portuguese and in Spanish, and says how."""
    found = index.answer(Request(QUERIES["gl"], 8, reach="neighbours"))
    topics = {hit.document for hit in found.hits}
    assert {"gl-water-cycle", "pt-water-cycle", "es-water-cycle"} <= topics
    across = next(hit for hit in found.hits if hit.language == "pt")
    assert across.across == "gl" and across.parts == {"across": across.score} and across.standing > 3
    own = next(hit for hit in found.hits if hit.language == "gl")
    assert own.across == "" and own.standing == 0 and set(own.parts) == {"bm25", "dense"}


def test_why_letters_met(index: Index) -> None:
    """The parts add up to the score; *choiva* and *chuva* are named, with where they stand in both texts."""
    hits = index.answer(Request(QUERIES["gl"], 10, reach="neighbours")).hits
    for hit in [hit for hit in hits if hit.across]:
        why = index.why(QUERIES["gl"], hit)
        total = sum(pair.exact for pair in why.pairs) + why.rest_exact + why.around_exact
        assert why.score == pytest.approx(hit.score, rel=1e-5) and total == pytest.approx(hit.score, rel=1e-5)
        for one in why.meetings:
            for text, span, letters in (
                (why.query, one.query, one.query_letters),
                (why.text, one.text, one.text_letters),
            ):
                written = plain(text[span.start : span.end])
                kept = [letter for letter in letters if letter != " "]
                assert all(letter in written for letter in kept) and written[0] == kept[0]
                assert letters[-1] == " " or written[-1] == kept[-1]
    rain = index.answer(Request("choiva ciclo", 20, languages=("gl", "pt"), query_language="gl")).hits
    first = next(hit for hit in rain if hit.document == "pt-water-cycle" and "chuva" in hit.text)
    strongest = {(one.query, one.text): one.match for one in index.why("choiva ciclo", first).strongest(6)}
    assert strongest["choiva", "chuva"] in ("letters", "cognate")


def test_letters_have_places() -> None:
    """Every plain letter says which code point it was written for, also where one is written with two, or none."""
    for text in ("Mañá, l'eau — ФЫщ 東", "  a\u0301b ", "ß…Æ", "п'ять"):
        written, places = with_places(text)
        assert written == plain(text) and len(places) == len(written) and places == sorted(places)
    assert with_places("Æ ñ") == ("ae n", [0, 0, 1, 2])


def test_who_is_kin(index: Index) -> None:
    """Words that are one and spelt otherwise tell, not names: Turkish shares these alone with the others."""
    assert index.kin["en", "tr"].pairs > 200
    assert index.kindred("tr") == ()
    assert index.kindred("gl") == ("en", "es", "it", "pt")
    answered = index.answer(Request("nehirlerin denize aktığı yer", k=5, query_language="tr"))
    assert answered.neighbours == () and not any(hit.across for hit in answered.hits)
    pairs = pl.DataFrame({"left": ["a", "b", "c"], "right": ["a", "x", "rare"], "score": 1.0, "origin": "learned"})
    empty = GramTable.empty()
    made = Cognates(("pt", "es"), pairs, empty, empty, np.zeros((0, 0), np.float32))
    portuguese = counted_words("pt", {"a": 9, "b": 8, "c": 7, "d": 6})
    spanish = counted_words("es", {"a": 9, "x": 8})
    assert kinship(made, portuguese, spanish) == (3 / 6, 2 / 6)  # b, x and c; a on both sides
    assert not Kin(9, 0.07, 0.2, empty, empty).near
    assert Kin(9, 0.08, 0.0, empty, empty).near and Kin(9, 0.01, 0.3, empty, empty).near


def test_languages_without_kin_are_searched_as_ever(index: Index) -> None:
    """Nothing of this touches a search where no language is kin to the query's, nor one that leaves them out."""
    for languages in (("tr", "ja", "th"), ("ja",)):
        found = index.answer(Request("海の水", 20, languages=languages))
        assert not any(hit.across for hit in found.hits) and found.neighbours == ()
        bare = replace(index, kin={})
        assert [hit.to_dict() for hit in bare.search("海の水", 20, languages)] == [hit.to_dict() for hit in found.hits]


def test_pages_groups_and_filters(index: Index) -> None:
    """Pages follow one another, a document comes once, and a filter leaves only what fits it."""
    query = QUERIES["gl"]
    whole = index.search(query, 20, reach="neighbours")
    parts = index.search(query, 10, reach="neighbours") + index.search(query, 10, offset=10, reach="neighbours")
    assert [hit.key for hit in parts] == [hit.key for hit in whole]
    grouped = index.search(query, 10, reach="neighbours", group=True)
    assert len({(hit.language, hit.document) for hit in grouped}) == len(grouped)
    narrowed = index.search(f"{query} -agua", 50, reach="neighbours")
    assert narrowed and not any("agua" in hit.text.lower() for hit in narrowed if hit.language == "es")
    assert {hit.language for hit in index.search(query, 50, ("gl", "pt"), reach="neighbours")} == {"gl", "pt"}


def test_the_language_is_named(index: Index) -> None:
    """A language that is named is the query's; one that the index lacks is said, and all is searched as ever."""
    found = index.answer(Request("agua", 10, query_language="Spanish", reach="own"))
    assert found.language == "es" and {hit.language for hit in found.hits} == {"es"}
    lacking = index.answer(Request("agua", 10, query_language="fi"))
    assert any("no text in 'fi'" in note for note in lacking.notes) and lacking.neighbours == ()
    unheard = index.answer(Request("xqzvw", 10, reach="own", correct=False))
    assert any("could not be told" in note for note in unheard.notes)
    with pytest.raises(SettingsError, match="reach is own, neighbours, all"):
        index.answer(Request("agua", reach="far"))  # type: ignore[arg-type]


def test_the_lexicon_of_an_index(index: Index) -> None:
    """It opens in either direction; of languages that were not learned the error names those that were."""
    assert index.cognates("gl", "pt").languages == ("gl", "pt")
    assert index.cognates("Portuguese", "Galician").languages == ("pt", "gl")
    assert "pt" in index.kindred("gl") and index.kindred("th") == ()
    with pytest.raises(SettingsError, match=r"has no cognates of gl and th; there are: .*gl-pt"):
        index.cognates("gl", "th")
    with pytest.raises(LanguageError):
        index.cognates("gl", "xx")


def test_when_pairs_are_learned_again() -> None:
    """When a language is new, has grown by half or lost a third; not before."""
    before = {"a": 100, "b": 100, "c": 100, "d": 100}
    assert changed(before, {"a": 149, "b": 150, "c": 66, "d": 67, "e": 1}) == {"b", "c", "e"}


def test_damaged_tables_are_named(index: Index, tmp_path: Path) -> None:
    """A table that is cut short or gone, or one that the manifest names wrongly: one line, never a wrong answer."""
    name = index.manifest["cognates"][0]["name"]
    for damage, said in (
        (lambda folder: (folder / "tables.safetensors").write_bytes(b"\0" * 20), "damaged"),
        (lambda folder: shutil.rmtree(folder), "expected"),
        (lambda folder: (folder / "kin.json").write_text("{}"), "damaged|not a manifest"),
    ):
        copy = tmp_path / "copy"
        shutil.copytree(index.path, copy, symlinks=True)
        damage(copy / "cognates" / name)
        with pytest.raises(FolderError, match=said):
            Index.open(copy)
        shutil.rmtree(copy)
    copy = tmp_path / "copy"
    shutil.copytree(index.path, copy)
    manifest = json.loads((copy / "index.json").read_text())
    manifest["cognates"][0]["name"] = "../../elsewhere"
    from sprachbund.files import sealed

    (copy / "index.json").write_text(json.dumps(sealed(manifest)))
    with pytest.raises(FolderError, match="the name of cognates"):
        Index.open(copy)


def test_what_is_common_in_the_own_language_tells_nothing_elsewhere(index: Index) -> None:
    """A gram weighs no more than its rarity in the query's language allows; what is nowhere is missing everywhere."""
    letters = letters_of("o pan e o xqzvw")
    kin = index.kin["gl", "es"]
    own = own_rarities(speakers(index.segments, "gl"), letters)
    assert own is not None and own_rarities([], letters) is None
    scope = roman_scope(speakers(index.segments, "es"))
    plain_terms, before = roman_terms(scope, carry(letters, kin))
    terms, after = roman_terms(scope, carry(letters, kin), own)
    here = rarities(scope, after.keys)[1]
    for share, kept, source, target in zip(before.shares, after.shares, after.sources, after.targets, strict=True):
        told = own[source] and here[target]
        assert kept == pytest.approx(share * min(1.0, own[source] / here[target]) if told else share)
    # without the rule all weights together are 1; with it the word that no Spanish passage has takes its part away
    assert sum(float(each.weights.sum()) for each in plain_terms[:1]) <= 1 + 1e-6
    assert sum(float(each.weights.sum()) for each in terms[:1]) < 0.9


def test_the_best_of_what_hardly_fits_is_held_back(index: Index) -> None:
    """Passages of a neighbour come first only with half of the letters that the own language's best has."""
    for query in ("o pan e o sal", QUERIES["gl"]):
        found = index.answer(Request(query, 10, reach="neighbours", query_language="gl"))
        letters = letters_of(query)
        own = own_rarities(speakers(index.segments, "gl"), letters)
        best = nearest(speakers(index.segments, "gl"), letters, None, None, 1, at_leisure).scores[0]
        first = next((hit for hit in found.hits if hit.language == "gl"), None)
        for hit in found.hits:
            if hit.across and first is not None and hit.score > first.score:
                kin = index.kin["gl", hit.language]
                most = nearest(speakers(index.segments, hit.language), letters, kin, own, 1, at_leisure).scores[0]
                assert most > 0.25 * best
