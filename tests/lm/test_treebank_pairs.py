"""Minimal pairs from a treebank: what is made wrong, and what is left alone because it may be right."""

from pathlib import Path

import pytest

from sprachbund.errors import SourceError
from sprachbund.lm.pairs import MinimalPair, read_sentence_pairs, write_pairs
from sprachbund.lm.treebank_pairs import treebank_pairs

SINGULAR, PLURAL = "Number=Sing|Person=3|VerbForm=Fin", "Number=Plur|Person=3|VerbForm=Fin"


def sentence(text: str, *words: str) -> str:
    """A tree of words as ``form lemma tag features head relation``; a range of numbers is a multiword token."""
    rows, number = [f"# text = {text}"], 0
    for word in words:
        if word[0].isdigit():
            rows.append("\t".join([*word.split(), *"________"]))
            continue
        number += 1
        form, lemma, tag, features, head, relation = word.split()
        rows.append(f"{number}\t{form}\t{lemma}\t{tag}\t_\t{features}\t{head}\t{relation}\t_\t_")
    return "\n".join(rows) + "\n\n"


def treebank(folder: Path, *sentences: str, times: int = 5) -> Path:
    """A file of some sentences, each several times, for what is kept once may be chance."""
    path = folder / "en.conllu"
    path.write_text("".join(sentences) * times, encoding="utf-8")
    return path


DOG = sentence(
    "The dog walks.", "The the DET _ 2 det", "dog dog NOUN Number=Sing 3 nsubj", f"walks walk VERB {SINGULAR} 0 root",
    ". . PUNCT _ 3 punct",
)  # fmt: skip
DOGS = sentence(
    "These dogs, it seems, walk.", "These this DET Number=Plur 2 det", "dogs dog NOUN Number=Plur 7 nsubj",
    ", , PUNCT _ 5 punct", "it it PRON _ 5 expl", "seems seem VERB VerbForm=Fin 7 parataxis", ", , PUNCT _ 5 punct",
    f"walk walk VERB {PLURAL} 0 root", ". . PUNCT _ 7 punct",
)  # fmt: skip
THIS = sentence("this dog", "this this DET Number=Sing 2 det", "dog dog NOUN Number=Sing 0 root")
THESE = sentence("these dogs", "these this DET Number=Plur 2 det", "dogs dog NOUN Number=Plur 0 root")


def test_verbs_and_determiners_are_made_to_disagree(tmp_path: Path) -> None:
    """Other forms of the same lemma with the other number, capitals kept; words between are counted without commas."""
    found = treebank_pairs(treebank(tmp_path, DOG, DOGS, THIS, THESE))
    assert len(found) == 25
    assert found[:5] == [
        MinimalPair("The dog walks.", "The dog walk.", "number", 0,
                    "walks to walk: Number Sing to Plur, verb of the subject dog"),
        MinimalPair("These dogs, it seems, walk.", "This dogs, it seems, walk.", "number", 0,
                    "These to This: Number Plur to Sing, determiner of the noun dogs"),
        MinimalPair("These dogs, it seems, walk.", "These dogs, it seems, walks.", "number", 2,
                    "walk to walks: Number Plur to Sing, verb of the subject dogs"),
        MinimalPair("this dog", "these dog", "number", 0,
                    "this to these: Number Sing to Plur, determiner of the noun dog"),
        MinimalPair("these dogs", "this dogs", "number", 0,
                    "these to this: Number Plur to Sing, determiner of the noun dogs"),
    ]  # fmt: skip


def test_a_drawn_part_is_in_order_and_the_table_is_read_again(tmp_path: Path) -> None:
    """The same by the same seed; what was changed stands in the table too."""
    path = treebank(tmp_path, DOG, DOGS)
    drawn = treebank_pairs(path, 4, seed=1)
    assert len(drawn) == 4 and drawn == treebank_pairs(path, 4, seed=1)
    assert {each.right for each in drawn} <= {"The dog walks.", "These dogs, it seems, walk."}
    write_pairs(tmp_path / "pairs.tsv", drawn)
    assert read_sentence_pairs(tmp_path / "pairs.tsv") == drawn


def test_person_and_gender(tmp_path: Path) -> None:
    """A noun is the third person; the wrong form has all the other features."""
    person = sentence("eu vou", "eu eu PRON Number=Sing|Person=1 2 nsubj", "vou ir VERB Number=Sing|Person=1 0 root")
    noun = sentence("o mar vai", "o o DET Gender=Masc|Number=Sing 2 det",
                    "mar mar NOUN Gender=Masc|Number=Sing 3 nsubj",
                    "vai ir VERB Number=Sing|Person=3 0 root")  # fmt: skip
    land = sentence("a terra", "a o DET Gender=Fem|Number=Sing 2 det", "terra terra NOUN Gender=Fem|Number=Sing 0 root")
    found = {each.wrong: each.changed for each in treebank_pairs(treebank(tmp_path, person, noun, land))}
    assert found == {
        "eu vai": "vou to vai: Person 1 to 3, verb of the subject eu",
        "o mar vou": "vai to vou: Person 3 to 1, verb of the subject mar",
        "a mar vai": "o to a: Gender Masc to Fem, determiner of the noun mar",
        "o terra": "a to o: Gender Fem to Masc, determiner of the noun terra",
    }


def test_what_the_language_does_not_keep_is_not_broken(tmp_path: Path) -> None:
    """A Turkish plural may have a verb in the singular; only the singular subject's verb can be wrong."""
    man = sentence("adam geldi", "adam adam NOUN Number=Sing 2 nsubj", "geldi gel VERB Number=Sing 0 root")
    plain = sentence("adamlar geldi", "adamlar adam NOUN Number=Plur 2 nsubj", "geldi gel VERB Number=Sing 0 root")
    agreeing = sentence(
        "adamlar geldiler", "adamlar adam NOUN Number=Plur 2 nsubj", "geldiler gel VERB Number=Plur 0 root"
    )
    assert {each.wrong for each in treebank_pairs(treebank(tmp_path, man, plain, agreeing))} == {"adam geldiler"}


@pytest.mark.parametrize(
    "sentences",
    [
        # she has, they have: the pronoun does not say which
        (sentence("sie hat", "sie sie PRON Number=Sing 2 nsubj", "hat haben VERB Number=Sing 0 root"),
         sentence("sie haben", "sie sie PRON Number=Plur 2 nsubj", "haben haben VERB Number=Plur 0 root")),
        # one form for both numbers of the verb
        (sentence("he went", "he he PRON Number=Sing 2 nsubj", "went go VERB Number=Sing 0 root"),
         sentence("they went", "they they PRON Number=Plur 2 nsubj", "went go VERB Number=Plur 0 root")),
        # a cat and a dog: the number is that of both
        (sentence("cat and dog walk", "cat cat NOUN Number=Sing 4 nsubj", "and and CCONJ _ 3 cc",
                  "dog dog NOUN Number=Sing 1 conj", "walk walk VERB Number=Sing 0 root"),
         sentence("_", "walk walk VERB Number=Sing 0 root"), sentence("_", "walks walk VERB Number=Plur 0 root")),
        # a part of what is written, or joined to what stands beside it
        (sentence("he's big", "1-2 he's", "he he PRON Number=Sing 3 nsubj", "'s be AUX Number=Sing 3 cop",
                  "big big ADJ _ 0 root"), sentence("_", "are be AUX Number=Plur 0 root")),
        (sentence("n'est il", "n' ne ADV _ 2 advmod", "est être AUX Number=Sing 0 root",
                  "il il PRON Number=Sing 2 nsubj"), sentence("_", "sont être AUX Number=Plur 0 root")),
        # the other form is one of another lemma, or stands for what is misspelt
        (sentence("he walks", "he he PRON Number=Sing 2 nsubj", "walks walk VERB Number=Sing 0 root"),
         sentence("_", "run run VERB Number=Plur 0 root"), sentence("_", "wlak walk VERB Number=Plur|Typo=Yes 0 root")),
        # a capital that depends on the language
        (sentence("Are they?", "Are be AUX Number=Plur 0 root", "they they PRON Number=Plur 1 nsubj",
                  "? ? PUNCT _ 1 punct"), sentence("_", "is be AUX Number=Sing 0 root")),
        # no features, no lemmas
        (sentence("he walks", "he he PRON _ 2 nsubj", "walks walk VERB _ 0 root"),),
        (sentence("he walks", "he _ PRON Number=Sing 2 nsubj", "walks _ VERB Number=Sing 0 root"),
         sentence("_", "walk _ VERB Number=Plur 0 root")),
    ],
    ids=["subject", "syncretic", "coordination", "multiword", "elision", "lemma", "capital", "features", "lemmas"],
)  # fmt: skip
def test_what_may_be_right_makes_no_pair(tmp_path: Path, sentences: tuple[str, ...]) -> None:
    """And a treebank without any pair is told in one line, with what it has."""
    with pytest.raises(SourceError, match=r"en\.conllu: expected words that agree .* found no pair: \d+ of \d+ words"):
        treebank_pairs(treebank(tmp_path, *sentences))


def test_text_that_says_something_else_than_the_words(tmp_path: Path) -> None:
    """The words with blanks take its place; a noun beside a determiner must show its number."""
    odd = sentence("The dog walked off.", "The the DET _ 2 det", "dog dog NOUN Number=Sing 3 nsubj",
                   f"walks walk VERB {SINGULAR} 0 root")  # fmt: skip
    other = sentence("walk", f"walk walk VERB {PLURAL} 0 root")
    sheep = sentence("this sheep", "this this DET Number=Sing 2 det", "sheep sheep NOUN Number=Sing 0 root")
    these = sentence("these", "these this DET Number=Plur 0 root")
    found = treebank_pairs(treebank(tmp_path, odd, other, sheep, these))
    assert {(each.right, each.wrong) for each in found} == {("The dog walks", "The dog walk")}
