"""Two spaces of which the true turn is known, laid over one another; formulas by hand; what is refused."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Alignment, Vectors, align_vectors
from sprachbund.errors import CorpusError, FolderError, SettingsError
from sprachbund.vectors.dictionaries import induced_and_judged, write_induced
from sprachbund.vectors.inducing import are_alike, induce, judge, wilson
from sprachbund.vectors.nearest import best_of, hubness
from sprachbund.vectors.seeds import identical
from sprachbund.vectors.selflearning import learn_pairs
from sprachbund.vectors.space import of_length_one
from sprachbund.vectors.turning import levelled, mean_of, rotations

COUNT, DIM = 600, 16


def syllables(count: int, seed: int) -> list[str]:
    """Made-up words, each once."""
    random = np.random.default_rng(seed)
    found = dict.fromkeys(
        "".join(random.choice(list("bdfgklmnprstvz")) + random.choice(list("aeiou")) for _ in range(4))
        for _ in range(3 * count)
    )
    return list(found)[:count]


def two(noise: float = 0.1, shared: int = 150, dim: int = DIM, seed: int = 0) -> tuple[Vectors, Vectors]:
    """Spaces of which the second is the first, turned, with noise; ``shared`` words are the same string."""
    random = np.random.default_rng(seed)
    # clusters: neighbours that are nearer than chance, as words have
    table = random.standard_normal((COUNT, DIM)) + 2 * random.standard_normal((60, DIM))[random.integers(0, 60, COUNT)]
    turn = np.linalg.qr(random.standard_normal((max(dim, DIM), DIM)))[0][:dim]
    other = table @ turn.T + noise * random.standard_normal((COUNT, dim))
    ours, theirs = syllables(COUNT, seed + 1), syllables(COUNT, seed + 2)
    theirs = [word if word not in set(ours) else word + "x" for word in theirs]
    step = COUNT // shared if shared else COUNT + 1
    theirs = [ours[i] if shared and i % step == 0 else word for i, word in enumerate(theirs)]
    counts = np.arange(COUNT, 0, -1, np.int64)
    return (
        Vectors("xa", tuple(ours), counts, table.astype(np.float32)),
        Vectors("xb", tuple(theirs), counts, other.astype(np.float32)),
    )


def partners(one: Vectors, other: Vectors) -> list[tuple[str, str]]:
    """The truth of `two`."""
    return list(zip(one.words, other.words, strict=True))


def right_share(one: Vectors, other: Vectors, alignment: Alignment) -> float:
    """The share of words whose first is their partner."""
    first = induce(one, other, alignment, COUNT, 1)["right"].to_list()
    return float(np.mean([found == word for found, word in zip(first, other.words, strict=True)]))


@pytest.mark.parametrize("power", [None, 0.5])
@pytest.mark.parametrize("dim", [DIM, DIM + 5])
def test_an_exact_turn_is_found(power: float | None, dim: int) -> None:
    """From 100 pairs all words fall on their partners, whatever the dimensions."""
    one, other = two(noise=0, dim=dim)
    ours, theirs = levelled(one.vectors, mean_of(one.vectors)), levelled(other.vectors, mean_of(other.vectors))
    pairs = np.stack((np.arange(100), np.arange(100)), 1).astype(np.int32)
    turned = rotations(ours, theirs, pairs, power)
    units, others = of_length_one(ours @ turned.left), of_length_one(theirs @ turned.right)
    assert np.allclose((units * others).sum(1), 1, atol=1e-3)
    if power is None:  # rotations keep angles
        assert np.allclose(units @ units.T, ours @ ours.T, atol=1e-4)


def test_nearest_by_hand() -> None:
    """CSLS of three vectors on a circle; a hub loses what it is near to all by."""
    units = of_length_one(np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    others = of_length_one(np.array([[1, 0.9], [1, 0], [-1, 0]], np.float32))
    cosines = units @ others.T
    mine, theirs = hubness(units, others, 2), hubness(others, units, 2)
    assert np.allclose(mine, np.sort(cosines, 1)[:, 1:].mean(1))
    assert np.allclose(theirs, np.sort(cosines.T, 1)[:, 1:].mean(1))
    expected = 2 * cosines - mine[:, None] - theirs[None]
    places, scores = best_of(units, others, 3, mine, theirs)
    assert places.tolist() == np.argsort(-expected, 1, kind="stable").tolist()
    assert np.allclose(scores, np.sort(expected, 1)[:, ::-1])
    assert best_of(units, others, 1, mine, theirs)[0].ravel().tolist() == expected.argmax(1).tolist()


def test_self_learning_from_few_pairs() -> None:
    """Eight pairs in 16 dimensions turn less than half of the words right; what is learned over them nearly all."""
    one, other = two(noise=0.15)
    ours, theirs = levelled(one.vectors, mean_of(one.vectors)), levelled(other.vectors, mean_of(other.vectors))
    given = np.stack((np.arange(0, 600, 75), np.arange(0, 600, 75)), 1).astype(np.int32)

    def share(pairs: np.ndarray) -> float:
        turned = rotations(ours, theirs, pairs)
        units, others = of_length_one(ours @ turned.left), of_length_one(theirs @ turned.right)
        found = best_of(units, others, 1, hubness(units, others), hubness(others, units))[0].ravel()
        return float((found == np.arange(COUNT)).mean())

    learned = learn_pairs(ours, theirs, given)
    assert share(given) < 0.5 and share(learned.pairs) > 0.9
    assert learned.pairs[: len(given)].tolist() == given.tolist()
    assert np.array_equal(learn_pairs(ours, theirs, given).pairs, learned.pairs)


def test_aligned_without_a_dictionary(tmp_path: Path) -> None:
    """From words that are the same in both the others find their partners; held back says so; a folder keeps it."""
    one, other = two()
    found = align_vectors(one, other, tmp_path / "map")
    assert right_share(one, other, found) > 0.95
    assert found.about["held_out"]["precision"] > 0.9 and found.about["held_out"]["control"] < 0.05
    assert found.about["pairs"]["identical"] == len(identical(one, other, 600)) == 150
    back = Alignment.open(tmp_path / "map")
    assert all(np.array_equal(a, b) for a, b in zip(back.bring(one, other), found.bring(one, other), strict=True))
    assert back.pairs.equals(found.pairs) and back.about == found.about and back.languages == ("xa", "xb")
    with pytest.raises(SettingsError, match="learned on other vectors than those given on the right"):
        back.bring(one, replace(other, vectors=other.vectors + 1))
    data = bytearray((tmp_path / "map" / "turns.safetensors").read_bytes())
    data[-3] ^= 8
    (tmp_path / "map" / "turns.safetensors").write_bytes(bytes(data))
    with pytest.raises(FolderError, match=r"turns\.safetensors: damaged"):
        Alignment.open(tmp_path / "map")


def test_with_a_dictionary_either_way_round(tmp_path: Path) -> None:
    """No word is spelled alike: a file of pairs alone, also from right to left, and beside spelling, does it."""
    one, other = two(shared=0)
    pairs = partners(one, other)[::4]
    (tmp_path / "d.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    found = align_vectors(one, other, dictionary=tmp_path / "d.tsv")
    assert right_share(one, other, found) > 0.9 and found.about["pairs"]["dictionary"] == 150
    turned = align_vectors(one, other, dictionary=[(b, a) for a, b in pairs], spelling=False)
    assert np.allclose(turned.left, found.left)


def test_what_cannot_be_aligned() -> None:
    """No common words, an empty dictionary or one of other words, nothing to begin from, vectors all the same."""
    one, other = two(shared=0)
    with pytest.raises(SettingsError, match=r"xa and xb have .* pairs to begin from, at least 50 are needed"):
        align_vectors(one, other)
    with pytest.raises(SettingsError, match="the dictionary is empty"):
        align_vectors(one, other, dictionary=[])
    with pytest.raises(SettingsError, match="none of the 1 pairs of the dictionary"):
        align_vectors(one, other, dictionary=[("qq", "qqq")])
    with pytest.raises(SettingsError, match="nothing to begin from"):
        align_vectors(one, other, spelling=False)
    one, other = two()
    with pytest.raises(SettingsError, match="are all the same"):
        align_vectors(one, replace(other, vectors=np.ones_like(other.vectors)))


def test_chance_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Vectors without anything in common: refused by the pairs held back; with ``force`` a warning."""
    one, other = two()
    noise = np.random.default_rng(5).standard_normal(other.vectors.shape).astype(np.float32)
    with pytest.raises(CorpusError, match=r"of 3\d pairs that were held back .* find their partner first"):
        align_vectors(one, replace(other, vectors=noise))
    with caplog.at_level(logging.WARNING):
        found = align_vectors(one, replace(other, vectors=noise), force=True)
    assert "held back" in caplog.text and found.about["held_out"]["precision"] < 0.05


def test_too_little_text_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Vectors of ours say how much text they had; below the floor nothing is begun, but by force."""
    one, other = two()
    small = replace(one, about={"tokens": 150_000})
    with pytest.raises(CorpusError, match="xa: vectors of 150,000 words of text; below"):
        align_vectors(small, other)
    with caplog.at_level(logging.WARNING):
        align_vectors(small, other, force=True)
    assert "150,000 words of text" in caplog.text


def test_precision_by_hand() -> None:
    """Of four words two are right at 1, three at 5; one that looks unlike; coverage; what was learned from."""
    import polars as pl

    one = Vectors("xa", ("casa", "perro", "cabeza", "agua", "sol"), np.ones(5, np.int64), np.eye(5, dtype=np.float32))
    other = Vectors("xb", ("casa", "cão", "cabeça", "água", "lua"), np.ones(5, np.int64), np.eye(5, dtype=np.float32))
    answers = {
        "casa": ["casa", "lua"], "perro": ["lua", "cão"], "cabeza": ["cabeça", "lua"], "agua": ["lua", "casa"],
    }  # fmt: skip
    rows = [
        (a, b, rank, 0.0, rank == 1 and a != "perro") for a, found in answers.items() for rank, b in enumerate(found, 1)
    ]
    frame = pl.DataFrame(rows, schema=["left", "right", "rank", "score", "mutual"], orient="row")
    truth = [("casa", "casa"), ("perro", "cão"), ("cabeza", "cabeça"), ("agua", "água"), ("cielo", "céu")]
    found = judge(frame, truth, one, other)
    assert (found.entries, found.covered) == (5, 0.8)
    assert (found.all.words, found.all.at_1, found.all.at_5) == (4, 0.5, 0.75)
    assert (found.unlike.words, found.unlike.at_1, found.unlike.at_5) == (1, 0, 1)
    assert found.mutual == (pytest.approx(2 / 3), 0.75)
    assert judge(frame, [(b, a) for a, b in truth], one, other) == found
    assert judge(frame, truth, one, other, apart=[("perro", "cão")]).unlike.words == 0
    assert judge(frame, truth, one, other, without=[("casa", "casa")]).all.words == 3
    with pytest.raises(SettingsError, match="no word of the dictionary"):
        judge(frame, [("x", "y")], one, other)


def test_intervals_and_likeness() -> None:
    """Wilson's interval of 5 of 10 as published tables give it; accents and scripts do not part words."""
    assert wilson(5, 10) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert wilson(0, 10)[0] == 0 and wilson(10, 10)[1] == pytest.approx(1)
    assert are_alike("cabeza", "cabeça") and are_alike("перевод", "perevod") and not are_alike("perro", "cão")


def test_a_dictionary_and_its_control(tmp_path: Path) -> None:
    """Nearly all is right; where vectors are dealt to other words next to nothing that was not taught."""
    one, other = two()
    found = induced_and_judged(one, other, None, partners(one, other))
    assert found.judged is not None and found.control is not None
    assert found.judged.all.at_1 > 0.95 and found.judged.unlike.at_1 > 0.9 and found.control.unlike.at_1 < 0.03
    write_induced(found.pairs, tmp_path / "d.tsv")
    from sprachbund.cognates.dictionaries import read_dictionary

    read = read_dictionary(tmp_path / "d.tsv").pairs
    assert len(read) == len(found.pairs) + 1  # and the line of names
    assert align_vectors(one, other, dictionary=tmp_path / "d.tsv").about["pairs"]["dictionary"] > 500
