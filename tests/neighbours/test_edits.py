"""Distances between words of one concept, and of any."""

import numpy as np
import pytest

from sprachbund.neighbours.concepts import ldnd_value, near_value, table_one
from sprachbund.neighbours.edits import Aligned, align, distance, distances, ldnd, normalised

POST = [
    ("casa", "casa"), ("señora", "senhora"), ("para", "para"), ("ahora", "ahora"), ("cabeza", "cabeça"),
    ("toma", "toma"), ("vamos", "vamos"), ("cama", "cama"), ("gano", "gano"), ("bonita", "bonita"), ("cara", "cara"),
    ("centro", "centro"), ("estados", "estados"), ("libros", "livros"), ("opinión", "opinião"),
]  # fmt: skip


def test_distance_is_of_composed_letters() -> None:
    """The accent of a decomposed word is no letter of its own: opinión is 2 from opinião however both are written."""
    assert distance("opinión", "opinião") == 2
    assert distance("opinio\u0301n", "opinia\u0303o") == 2
    assert distance("cabeza", "cabec\u0327a") == 1 and distance("", "a") == 1


def test_the_posts_table() -> None:
    """Its fifteen pairs by hand; two of its Portuguese words are none, and the right ones are one edit away."""
    right = {"casa", "senhora", "para", "agora", "cabeça", "toma", "vamos", "cama", "ganho", "bonita", "cara", "centro"}
    right |= {"estados", "livros", "opinião"}
    rows = table_one(POST, right.__contains__)
    assert [row["edits"] for row in rows] == [0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]
    assert [row["words"][1] for row in rows if not row["known"]] == ["ahora", "gano"]
    assert [distance("ahora", "agora"), distance("gano", "ganho")] == [1, 1]


def test_concepts_of_both_in_one_form() -> None:
    """First words, composed and in lower case; a concept without a word is left out."""
    first = {"water": ("Água",), "head": ("cabeza", "testa"), "dog": ()}
    second = {"head": ("cabec\u0327a",), "water": ("agua",), "dog": ("cão",)}
    assert align(first, second) == Aligned(("water", "head"), ("água", "cabeza"), ("agua", "cabeça"))
    assert distances(align(first, second)).tolist() == [1, 1]


def test_ldnd() -> None:
    """By hand: same concept 0 and 1/2, different ones 1 and 1/2, so (1/4) / (3/4)."""
    table = normalised(Aligned(("x", "y"), ("ab", "cd"), ("ab", "cb")))
    assert table.tolist() == [[0, 0.5], [1, 0.5]]
    assert ldnd(table) == (pytest.approx(1 / 3), 0.25, 0.75)
    assert ldnd(table[:1, :1]) is None


def test_shares_and_floors() -> None:
    """Ten words that are the same and ten that are another: half; by chance none of other concepts is near."""
    words = [chr(97 + place) * 6 for place in range(20)]
    other = [*words[:10], *(word.upper() * 2 for word in words[10:])]
    value = near_value(Aligned(tuple(map(str, range(20))), tuple(words), tuple(other)), "lists", 25)
    assert value.value == 0.5 and value.coverage == 0.8 and value.floor == 0
    assert value.parts["edits"] == {"0": 10, "1": 0, "2": 0} and value.parts["more"] == 10
    same = ldnd_value(Aligned(tuple(map(str, range(20))), tuple(words), tuple(words)), "lists", 20)
    assert same.value == 0 and same.floor == 1 and (same.low, same.high) == (0, 0)


def test_an_interval_holds_what_drawing_again_gives() -> None:
    """Against LDND of concepts drawn one by one and compared in loops, a concept never with itself."""
    rng = np.random.default_rng(1)
    words = Aligned(*(tuple("".join(rng.choice(list("abcd"), 4)) for _ in range(12)) for _ in range(3)))
    table, drawn = normalised(words), []
    for _ in range(400):
        rows = rng.integers(0, 12, 12)
        same = np.mean([table[row, row] for row in rows])
        drawn.append(same / np.mean([table[one, other] for one in rows for other in rows if one != other]))
    value = ldnd_value(words, "lists", 12)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert value.low == pytest.approx(low, abs=0.05) and value.high == pytest.approx(high, abs=0.05)


def test_too_few_concepts() -> None:
    """Give the reason and no number."""
    words = Aligned(("water",), ("água",), ("agua",))
    for value in (near_value(words, "lists", 40), ldnd_value(words, "lists", 40)):
        assert value.value is None and value.parts["lacking"] == "lists has 1 concepts with words of both, too few"
