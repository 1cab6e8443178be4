"""Directions, opposites, neighbours in both, senses and dimensions, of spaces and texts whose answers are known."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Alignment, Vectors, compare_vectors
from sprachbund.errors import CorpusError, SettingsError, SourceError
from sprachbund.vectors.aligning import aligned_by
from sprachbund.vectors.compare_page import picture, render
from sprachbund.vectors.comparing import directions, near_in_both, opposites, together
from sprachbund.vectors.counting import Sparse, cooccurrences, information
from sprachbund.vectors.intrusion import intrusion, npmi, rotated
from sprachbund.vectors.nonnegative import factor, keep_largest
from sprachbund.vectors.relations import Direction, Relation, read_directions, read_relations
from sprachbund.vectors.running import Running, of_texts
from sprachbund.vectors.senses import find_senses
from sprachbund.vectors.settings import SPARSE, VectorSettings
from sprachbund.vectors.training import train_running

KINDS = ("good", "big", "old", "wet", "hot", "far")


def spaces() -> tuple[Vectors, Vectors, Alignment]:
    """Six axes; two opposites share a base and differ along their axis, in both languages, by other names."""
    random = np.random.default_rng(0)
    axes = np.eye(24)[:6]
    rows, names, others = [], [], []
    for number, kind in enumerate(KINDS):
        base = 2 * random.standard_normal(24)
        for sign, mark in ((1, "plus"), (-1, "minus"), (0, "even")):
            rows.append(base + sign * 1.5 * axes[number])
            names.append(f"{kind}{mark}")
            others.append(f"{kind[::-1]}{mark[::-1]}")
    for number in range(200):
        rows.append(random.standard_normal(24))
        names.append(f"filler{chr(97 + number // 26)}{chr(97 + number % 26)}")
        others.append(f"rellif{chr(97 + number // 26)}{chr(97 + number % 26)}")
    table = np.array(rows, np.float32)
    turn = np.linalg.qr(random.standard_normal((24, 24)))[0].astype(np.float32)
    counts = np.arange(len(names), 0, -1, np.int64)
    one, other = Vectors("es", tuple(names), counts, table), Vectors("pt", tuple(others), counts, table @ turn)
    return one, other, aligned_by(one, other, zip(names, others, strict=True), weighted=False)


def test_neighbours_in_both() -> None:
    """Of goodplus its like in its own language, its partner first in the other; asked in the other language too."""
    one, other, alignment = spaces()
    both = together(one, other, alignment)
    found = near_in_both(both, "GoodPlus", 3)
    assert found.side == 0 and found.right[0][0] == "doogsulp" and found.right[0][1] == pytest.approx(1, abs=1e-4)
    assert "goodplus" not in [word for word, _ in found.left] and len(found.left) == len(found.right) == 3
    assert {word for word, _ in found.left[:2]} == {"goodeven", "goodminus"}
    back = near_in_both(both, "doogsulp", 3)
    assert back.side == 1 and back.left[0][0] == "goodplus" and "doogsulp" not in [word for word, _ in back.right]
    with pytest.raises(SettingsError, match="'qq' is in neither space"):
        near_in_both(both, "qq")


def test_directions_by_construction() -> None:
    """Every pair runs as its own in the other language and as no other; with partners that are found as well."""
    one, other, alignment = spaces()
    both = together(one, other, alignment)
    given = [Direction(f"{kind}plus", f"{kind}minus", f"{kind[::-1]}sulp", f"{kind[::-1]}sunim") for kind in KINDS]
    found = directions(both, [*given, Direction("goodplus", "absent", "a", "b")])
    assert found.cosine == pytest.approx(1, abs=0.02) and abs(found.with_others) < 0.2 and found.chance < 0.01
    assert found.lost == ("goodplus absent a b",) and not any(pair.found for pair in found.pairs)
    searched = directions(both, [Direction(pair.high, pair.low) for pair in given])
    assert [pair.words for pair in searched.pairs] == [pair.words for pair in found.pairs]
    assert all(pair.found for pair in searched.pairs)
    turned = [replace(pair, other_high=pair.other_low, other_low=pair.other_high) for pair in given]
    assert directions(both, turned).cosine == pytest.approx(-1, abs=0.02) and directions(both, turned).chance > 0.5
    with pytest.raises(SettingsError, match="of 1 pairs 1 have all their words"):
        directions(both, given[:1])


def test_opposites_by_hand() -> None:
    """Cosines 1 and .8 of synonyms, .6 and 0 of antonyms: means, an area of 1; and the other way round 0."""
    words = ("a", "b", "c", "d", "e", "f", "g", "h")
    angles = [(1, 0), (1, 0), (1, 0), (0.8, 0.6), (1, 0), (0.6, 0.8), (1, 0), (0, 1)]
    space = Vectors("es", words, np.ones(8, np.int64), np.array(angles, np.float32))
    related = [Relation("a", "b", "synonym"), Relation("c", "d", "synonym"), Relation("e", "f", "antonym")]
    related += [Relation("g", "h", "antonym"), Relation("x", "y", "antonym"), Relation("a", "h", "synonym", "pt")]
    other = replace(space, language="pt", vectors=space.vectors.copy())
    both = together(space, other, aligned_by(space, other, [(w, w) for w in words], weighted=False))
    (found,) = opposites(both, related)
    assert (found.language, found.synonyms, found.antonyms) == ("es", 2, 2)
    assert found.of_synonyms == pytest.approx(0.9) and found.of_antonyms == pytest.approx(0.3)
    assert found.apart == 1 and found.low == 1 and found.high == 1
    swapped = [replace(one, kind={"synonym": "antonym", "antonym": "synonym"}[one.kind]) for one in related]
    assert opposites(both, swapped)[0].apart == 0
    with pytest.raises(SettingsError, match="1 of synonyms and 0 of antonyms on the left"):
        opposites(both, related[:1])


def test_files_of_pairs(tmp_path: Path) -> None:
    """Four or two words; a relation, perhaps a language; comments; a wrong line by its number; nothing at all."""
    path = tmp_path / "a.tsv"
    path.write_text("# good and bad\nBueno\tmalo\tbom\tmau\n\nrico\tpobre\n", encoding="utf-8")
    assert read_directions(path) == [Direction("bueno", "malo", "bom", "mau"), Direction("rico", "pobre")]
    path.write_text("grande\talto\tSynonym\nbom\tmau\tantonym\tpt\n", encoding="utf-8")
    assert read_relations(path) == [Relation("grande", "alto", "synonym"), Relation("bom", "mau", "antonym", "pt")]
    for text, reader, message in (
        ("a\tb\nc\n", read_directions, "line 2: expected two or four words"),
        ("a\tb\tlike\n", read_relations, "line 1: expected two words and synonym or antonym"),
        ("# nothing\n", read_directions, "expected pairs of words, found none"),
    ):
        path.write_text(text)
        with pytest.raises(SourceError, match=message):
            reader(path)


def test_the_page_holds_all_and_nothing_foreign(tmp_path: Path) -> None:
    """Words of both with places and neighbours, tables, markup in a word escaped; no address of a network."""
    one, other, alignment = spaces()
    one = replace(one, words=("</script><b>x", *one.words[1:]))
    alignment = aligned_by(one, other, zip(one.words, other.words, strict=True), weighted=False)
    given = [Direction(f"{kind}minus", f"{kind}even") for kind in KINDS]
    found = compare_vectors(one, other, alignment, words=["goodminus"], directions=given, k=4)
    page = render(found, 40)
    assert "</script><b>x" not in page and not re.findall(r"https?:(?!//www\.w3\.org/2000/svg)", page)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])
    assert data["names"] == ["Spanish", "Portuguese"] and len(data["points"]) == 80
    first = data["points"][data["first"]]
    assert first["word"] == "goodminus" and first["near"][1][0][0] == "doogsunim"
    assert max(max(abs(point["x"]), abs(point["y"])) for point in data["points"]) <= 1
    assert "<h2" in page and "bigminus - bigeven" in page
    assert picture(found.both, 40) == picture(found.both, 40)


def test_npmi_by_hand() -> None:
    """Words that always meet have 1, those that never do -1, by the formula in between."""
    counts = np.array([[0, 6, 2], [6, 0, 0], [2, 0, 0]], np.float32)
    rows, columns = np.nonzero(counts)
    pairs = Sparse(np.array([0, 2, 3, 4], np.int64), columns.astype(np.int32), counts[rows, columns], 3)
    totals = counts.sum(1).astype(float)
    table = npmi(pairs, totals, np.array([0, 1, 2]))
    assert table[0, 1] == pytest.approx(np.log((6 / 16) / (0.5 * 6 / 16)) / -np.log(6 / 16))
    assert table[1, 2] == -1 and table[0, 0] == -1


def topics(sentences: int, seed: int, kinds: int = 8, each: int = 25) -> list[str]:
    """Sentences of eight words, all of one topic of 25, and two words that are everywhere."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(sentences):
        kind = int(random.integers(kinds))
        words = [name(kind, int(n)) for n in random.integers(0, each, 8)]
        made.append(" ".join(("um", *words[:4], "que", *words[4:])))
    return made


def name(kind: int, number: int) -> str:
    """A word of a topic, of letters alone."""
    return f"{'abcdefghij'[kind]}{'bcdfghjklmnpqrstvwxyz'[number % 21]}{'aeiou'[number // 21]}"


def test_sparse_vectors_can_be_read() -> None:
    """No number below 0, few that are not 0; intruders of topics are found, of noise 1 in 6."""
    settings = VectorSettings(method=SPARSE, dim=10, nonzero=3, min_count=1)
    space = train_running(of_texts(topics(1_500, 0), "pt", settings), "pt", settings)
    assert space.vectors.min() >= 0 and ((space.vectors > 0).sum(1) <= 3).all()
    judge = of_texts(topics(1_500, 1), "pt", settings)
    found = intrusion(space, judge)
    assert found.score > 0.9 and all(len(one.words) == 5 for one in found.dimensions)
    pure = [one for one in found.dimensions if len({word[0] for word in one.words}) == 1]
    assert len(pure) >= 7
    noise = np.random.default_rng(0).random((len(space), 300), np.float32)
    chance = intrusion(replace(space, vectors=noise), judge)
    assert chance.score == pytest.approx(1 / 6, abs=0.08) and len(chance.dimensions) == 300
    turned = rotated(space)
    assert np.allclose(turned.units @ turned.units.T, space.units @ space.units.T, atol=1e-4)
    assert not np.allclose(turned.vectors, space.vectors)


def test_a_factor_is_no_worse_than_scikit_learns() -> None:
    """HALS comes to a fit that is within two in a hundred of another implementation's."""
    decomposition = pytest.importorskip("sklearn.decomposition")
    running = of_texts(topics(400, 0), "pt", VectorSettings(min_count=1))
    matrix = information(cooccurrences(running.ids, running.offsets, len(running.words), 5), 0.75, 1.0)
    full = np.zeros((len(matrix), matrix.width), np.float32)
    for row in range(len(matrix)):
        own = slice(matrix.offsets[row], matrix.offsets[row + 1])
        full[row, matrix.columns[own]] = matrix.values[own]
    left = factor(matrix, 8, 0, rounds=60)
    right = np.maximum(np.linalg.lstsq(left, full, rcond=None)[0], 0)
    ours = np.linalg.norm(full - left @ right)
    model = decomposition.NMF(8, init="random", random_state=0, max_iter=400, solver="cd")
    theirs = np.linalg.norm(full - model.fit_transform(full) @ model.components_)
    assert ours <= 1.02 * theirs


def test_largest_are_kept() -> None:
    """Two of each; of equal ones the first."""
    assert keep_largest(np.array([[3, 1, 2], [1, 1, 1]], np.float32), 2).tolist() == [[3, 0, 2], [1, 1, 0]]


def marked(sentences: int, kinds: tuple[int, ...], seed: int) -> Running:
    """Topics with a word of its own, xx, in the middle of sentences of some topics."""
    lines = topics(sentences, seed)
    chosen = [line.replace(" que ", " que xx ") if "abcdefghij".index(line[3]) in kinds else line for line in lines]
    return of_texts(chosen, "pt", VectorSettings(min_count=1))


def test_senses_of_a_word_in_two_topics() -> None:
    """Two topics are two senses, told apart by their words; one topic is one; dealt anew always one."""
    settings = VectorSettings(method="counts", dim=12, min_count=1)
    space = train_running(of_texts(topics(2_000, 5), "pt", settings), "pt", settings)
    two = find_senses(space, marked(1_200, (0, 3), 1), "XX")
    assert len(two.senses) == 2 and two.dealt == 1 and two.occurrences > 200
    assert [{word[0] for word in sense.words} for sense in two.senses] in ([{"a"}, {"d"}], [{"d"}, {"a"}])
    assert sum(sense.share for sense in two.senses) == pytest.approx(1) and " xx " in two.senses[0].contexts[0]
    one = find_senses(space, marked(1_200, (2,), 1), "xx")
    assert len(one.senses) == 1 and one.dealt == 1 and one.senses[0].share == 1
    three = find_senses(space, marked(1_200, (0, 3, 6), 2), "xx")
    assert len(three.senses) == 3 and three.dealt == 1
    assert find_senses(space, marked(1_200, (0, 3), 1), "xx") == two


def test_what_has_no_senses() -> None:
    """A word that does not occur, or too seldom; a text too short for dimensions."""
    settings = VectorSettings(method="counts", dim=8, min_count=1)
    running = of_texts(topics(300, 0), "pt", settings)
    space = train_running(running, "pt", settings)
    with pytest.raises(SettingsError, match="'qq' does not occur in the text"):
        find_senses(space, running, "qq")
    seldom = of_texts([*topics(300, 0), "um aba xx aca aba"], "pt", settings)
    with pytest.raises(CorpusError, match="'xx' occurs 1 times beside other words, at least 60"):
        find_senses(space, seldom, "xx")
    with pytest.raises(CorpusError, match="at least 1,000 words"):
        intrusion(space, of_texts(topics(3, 0), "pt", settings))
    with pytest.raises(SettingsError, match="words in common"):
        intrusion(replace(space, words=tuple(f"q{i}" for i in range(len(space)))), running)
