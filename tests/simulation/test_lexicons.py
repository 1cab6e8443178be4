"""The words of a world are what was put in: shares, sound changes, loans, false friends, cuts."""

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.simulation.lexicons import Lexicon, make_lexicons
from sprachbund.simulation.meanings import make_space
from sprachbund.simulation.sounds import Stream, closed, draw_changes
from sprachbund.simulation.truth import shared
from sprachbund.simulation.world import Meanings, Tongue, World

SMALL = Meanings(concepts=1_000, grammatical=40, topics=5, subtopics=2)


def lexicons(languages: dict[str, Tongue], seed: int = 3) -> dict[str, Lexicon]:
    """The words of a small world."""
    world = World(languages, seed, SMALL)
    return make_lexicons(world, make_space(SMALL, seed))


def same(one: Lexicon, other: Lexicon) -> float:
    """The share of meanings with one string in both."""
    return sum(a == b for a, b in zip(one.words, other.words, strict=True)) / len(one.words)


def test_no_word_stands_for_two_meanings() -> None:
    """Whatever a language took from others."""
    made = lexicons(
        {
            "qaa": Tongue(),
            "qab": Tongue(parent="qaa", kept=0.8, sound_changes=4, false_friends={"qaa": 0.1}),
            "qac": Tongue(kin={"qaa": 0.3}, borrowed={"qab": 0.2}, sound_changes=3, alike={"qaa": 0.35}),
        }
    )
    for lexicon in made.values():
        assert len(lexicon.strings()) == 1_000


def test_alike_is_exact_and_zero_is_nothing() -> None:
    """The shares are those declared, to the word, in a chain whose ends share no string at all."""
    made = lexicons(
        {"qaa": Tongue(), "qpp": Tongue(alike={"qaa": 0.4}), "qtt": Tongue(alike={"qpp": 0.35, "qaa": 0.0})}
    )
    assert same(made["qaa"], made["qpp"]) == 0.4 and same(made["qpp"], made["qtt"]) == 0.35
    assert not made["qaa"].strings() & made["qtt"].strings()
    assert shared(made)["overlap"]["qpp"]["qtt"] == 0.35


def test_alike_takes_away_where_there_is_too_much() -> None:
    """A daughter that would write all words as its parent does writes half of them so."""
    made = lexicons({"qaa": Tongue(), "qab": Tongue(parent="qaa", alike={"qaa": 0.5})})
    assert same(made["qaa"], made["qab"]) == 0.5


def test_sound_change_is_regular() -> None:
    """Each inherited word is its parent's, letter by letter, under one map; loans of the sister are as hers."""
    made = lexicons(
        {
            "proto": Tongue(0),
            "qaa": Tongue(parent="proto", kept=0.9, sound_changes=5),
            "qab": Tongue(parent="proto", kept=0.7, sound_changes=3, borrowed={"qaa": 0.1}),
        }
    )
    for code, kept in (("qaa", 900), ("qab", 700)):
        own, table = made[code], str.maketrans(closed(made[code].changes))
        inherited = [m for m, how in enumerate(own.how) if how == "inherited"]
        assert all(own.words[m] == made["proto"].words[m].translate(table) for m in inherited)
        assert all(own.roots[m] == made["proto"].roots[m] for m in inherited)
        assert kept - 100 <= len(inherited) <= kept  # loans may have replaced some
    loans = [m for m, how in enumerate(made["qab"].how) if how == "borrowed"]
    assert len(loans) == 100 and all(made["qab"].words[m] == made["qaa"].words[m] for m in loans)


def test_letters_can_be_said() -> None:
    """Those declared are those that change: every p of the parent is f."""
    made = lexicons({"qaa": Tongue(), "qab": Tongue(parent="qaa", letters={"a": "o", "i": "e"})})
    assert {"a": "o", "i": "e"}.items() <= made["qab"].changes.items()
    for mine, theirs in zip(made["qab"].words, made["qaa"].words, strict=True):
        assert mine.translate(str.maketrans("", "", "aeio")) == theirs.translate(str.maketrans("", "", "aeio"))
        assert [place for place, letter in enumerate(theirs) if letter == "a"] == [
            place for place, letter in enumerate(mine) if letter == "o"
        ]


def test_false_friends_mean_something_else() -> None:
    """Of another subtopic, grammatical words grammatical still; as many as declared."""
    made = lexicons({"qaa": Tongue(), "qab": Tongue(false_friends={"qaa": 0.3})})
    fields = make_space(SMALL, 3).fields
    place = {word: meaning for meaning, word in enumerate(made["qaa"].words)}
    false = [(m, place[word]) for m, word in enumerate(made["qab"].words) if word in place]
    assert len(false) == 300
    for mine, theirs in false:
        assert mine != theirs and (fields[mine] < 0) == (fields[theirs] < 0)
        assert fields[mine] != fields[theirs] or fields[mine] < 0
    assert shared(made)["same"]["qaa"]["qab"] == 0 and shared(made)["overlap"]["qaa"]["qab"] == 0.3


def test_cutting_a_language_off() -> None:
    """Renamed, it shares nothing; permuted, it shares as many strings, and next to none that mean the same."""
    plain = {"qaa": Tongue(), "qpp": Tongue(alike={"qaa": 0.4})}
    renamed = lexicons({**plain, "qpp": Tongue(alike={"qaa": 0.4}, cut="renamed")})
    assert not renamed["qaa"].strings() & renamed["qpp"].strings()
    permuted = shared(lexicons({**plain, "qpp": Tongue(alike={"qaa": 0.4}, cut="permuted")}))
    assert permuted["overlap"]["qaa"]["qpp"] == 0.4 and permuted["same"]["qaa"]["qpp"] < 0.02


def test_shares_that_cannot_be_had_are_refused() -> None:
    """Half of the target's words are to be the pivot's, but all of the pivot's are the auxiliary's."""
    with pytest.raises(SettingsError, match="qtt: 500 words are to come from elsewhere, but only 0 are left"):
        lexicons({"qaa": Tongue(), "qpp": Tongue(alike={"qaa": 1.0}), "qtt": Tongue(alike={"qpp": 0.5, "qaa": 0.0})})


def test_less_alike_than_what_was_taken_is_refused() -> None:
    """Loans are written as the lender writes them."""
    with pytest.raises(SettingsError, match=r"qab: alike qaa must be at least 0\.2, .* found 0\.1"):
        lexicons({"qaa": Tongue(), "qab": Tongue(borrowed={"qaa": 0.2}, alike={"qaa": 0.1})})


def test_letters_are_closed_to_a_permutation() -> None:
    """The end of each chain takes its beginning, worked out by hand."""
    assert closed({"p": "f", "f": "h", "t": "d"}) == {"d": "t", "f": "h", "h": "p", "p": "f", "t": "d"}
    assert closed({"p": "t", "t": "p"}) == {"p": "t", "t": "p"}


@pytest.mark.parametrize("count", [1, 5, 12])
def test_changes_keep_vowels_vowels(count: int) -> None:
    """And no two letters become one."""
    found = draw_changes(count, "abdegiklmnoprstu", {}, Stream(1, "x"))
    assert len(found) == count and len(set(found.values())) == count
    assert all((one in "aeiouy") == (other in "aeiouy") for one, other in found.items())


def test_numbers_follow_from_the_key_alone() -> None:
    """The same key, the same numbers; the doubles are the upper 53 bits of what PCG64 yields."""
    raw = np.random.PCG64(np.random.SeedSequence([5, int.from_bytes(b"text", "little")])).random_raw(3)
    assert Stream(5, "text").evenly(3).tolist() == [int(each >> 11) / 2**53 for each in raw.tolist()]
    assert Stream(5, "text").evenly(3).tolist() != Stream(6, "text").evenly(3).tolist()


def test_an_aspect_keeps_what_is_alike_on_one_side() -> None:
    """With two aspects, all that is alike is of the one that was named."""
    meanings = Meanings(concepts=1_000, grammatical=40, topics=5, subtopics=2, aspects=2)
    world = World({"qaa": Tongue(), "qpp": Tongue(alike={"qaa": 0.3}, aspect={"qaa": 1})}, 3, meanings)
    space = make_space(meanings, 3)
    made = make_lexicons(world, space)
    alike = [m for m, word in enumerate(made["qpp"].words) if word == made["qaa"].words[m]]
    assert len(alike) == 300 and {int(space.aspects[m]) for m in alike} == {1}
