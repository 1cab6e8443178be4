"""A simulated corpus: the same bytes for the same world, what was put in, and every verb can read it."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sprachbund.cognates.making import learn_cognates
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError
from sprachbund.simulation.declaring import chain, cut_off, family
from sprachbund.simulation.lexicons import make_lexicons
from sprachbund.simulation.meanings import make_space
from sprachbund.simulation.simulating import simulate
from sprachbund.simulation.text import documents
from sprachbund.simulation.truth import read_truth, truth_folder
from sprachbund.simulation.world import Meanings, Tongue, World

CHAIN = {"qaa": 1_500, "qpp": 1_000, "qtt": 600}


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def types(corpus: Corpus, language: str) -> set[str]:
    """The words of a language's text."""
    return {word.strip(".").lower() for text in corpus.read(language, ["text"])["text"] for word in text.split()}


def test_the_same_world_the_same_bytes(tmp_path: Path) -> None:
    """Corpus and truth; another seed, another text."""
    one, other = (simulate(chain(CHAIN, seed=4), tmp_path / name).corpus for name in ("one", "other"))
    assert files_of(one) == files_of(other) and files_of(truth_folder(one)) == files_of(truth_folder(other))
    simulate(chain(CHAIN, seed=5), tmp_path / "other")
    assert files_of(one) != files_of(other)


def test_sizes_are_those_asked_for_and_no_sentence_repeats(tmp_path: Path) -> None:
    """To the sentence; also in a world of few words, where chance would repeat some."""
    poor = Meanings(concepts=60, grammatical=5, topics=1, subtopics=1, zipf=2.0)
    made = simulate(family({"qaa": 4_000, "qab": 7}, meanings=poor), tmp_path / "corpus")
    assert {code: counts["sentences"] for code, counts in made.counts.items()} == {"qaa": 4_000, "qab": 7}
    texts = Corpus.open(made.corpus).read("qaa", ["text"])["text"]
    assert texts.n_unique() == 4_000
    report = duplicate_report(Corpus.open(made.corpus))
    assert report["duplicates"].to_list() == [0, 0] and report["template_sentences"].sum() == 0


def test_overlap_of_the_text_is_what_was_put_in(tmp_path: Path) -> None:
    """Among the meanings that both texts use; the ends of the chain share no type at all, and nothing once cut off."""
    small = Meanings(concepts=800, topics=4, zipf=0.6)
    made = simulate(chain(dict.fromkeys(CHAIN, 2_500), 0.4, meanings=small), tmp_path / "corpus")
    corpus = Corpus.open(made.corpus)
    words = {code: types(corpus, code) for code in CHAIN}
    assert all(len(found) >= 795 for found in words.values())
    assert len(words["qaa"] & words["qpp"]) / 800 == pytest.approx(0.4, abs=0.01)
    assert len(words["qpp"] & words["qtt"]) / 800 == pytest.approx(0.4, abs=0.01)
    assert not words["qaa"] & words["qtt"]
    cut = simulate(cut_off(chain(dict.fromkeys(CHAIN, 2_500), 0.4, meanings=small), "qaa"), tmp_path / "cut")
    assert not types(Corpus.open(cut.corpus), "qaa") & words["qpp"]


def test_a_cut_world_says_the_same(tmp_path: Path) -> None:
    """Of the same lengths everywhere, and the languages that are not cut are the same to the byte."""
    world = chain(CHAIN)
    whole, cut = (simulate(each, tmp_path / name) for name, each in (("a", world), ("b", cut_off(world, "qaa"))))
    one, other = Corpus.open(whole.corpus), Corpus.open(cut.corpus)
    for code in ("qpp", "qtt"):
        assert one.read(code).equals(other.read(code))
    lengths = [each.read("qaa", ["text"])["text"].str.count_matches(" ").to_list() for each in (one, other)]
    assert lengths[0] == lengths[1]


def test_a_larger_language_begins_with_the_smaller_one(tmp_path: Path) -> None:
    """But for the last document, which is cut where the sentences end."""
    small, large = (simulate(family({"qaa": count}), tmp_path / str(count)) for count in (300, 900))
    few, many = (Corpus.open(each.corpus).read("qaa", ["text"])["text"] for each in (small, large))
    whole = Corpus.open(small.corpus).documents("qaa")["sentences"].to_list()[:-1]
    assert few[: sum(whole)].equals(many[: sum(whole)])


def test_words_follow_zipf_and_topics() -> None:
    """Of 4,000 sentences: half as much of the law is half as frequent, and a paragraph's words are of its subtopic."""
    world = World({"qaa": Tongue(4_000)}, 1, Meanings(concepts=1_000, topics=5, subtopics=2, general=0.4, topical=0.2))
    space = make_space(world.meanings, world.seed)
    made = list(documents(world, space, "qaa"))
    counted: Counter[int] = Counter()
    own = of_topic = content = 0
    for document in made:
        for paragraph, meanings in zip(document.paragraphs, document.sentences, strict=True):
            counted.update(meanings.tolist())
            fields = space.fields[meanings]
            content += int((fields >= 0).sum())
            own += int((fields == document.subtopics[paragraph]).sum())
            of_topic += int((fields // 2 == document.topic).sum())
    total = sum(counted.values())
    law = (np.arange(1_000) + 3.7) ** -1.0
    assert counted[0] / total == pytest.approx(0.4 * law[0] / law.sum(), rel=0.1)
    # 40% of the subtopic, half of the topic's 20%, and a tenth of the general words that are of some topic
    loose = 0.4 * law[60:].sum() / law.sum()
    assert own / content == pytest.approx((0.4 + 0.1 + loose / 10) / (0.6 + loose), abs=0.02)
    assert of_topic / content == pytest.approx((0.6 + loose / 5) / (0.6 + loose), abs=0.02)


def test_the_truth_tells_what_each_word_means(tmp_path: Path) -> None:
    """Read back from the disk: the lexicon is that of the world, and the corpus is the one that it speaks of."""
    world = family({"qaa": 200, "qab": 100}, sound_changes=2, borrowed=0.1)
    made = simulate(world, tmp_path / "corpus")
    truth = read_truth(made.corpus)
    lexicons = make_lexicons(world, make_space(world.meanings, world.seed))
    assert truth.said["corpus"] == Corpus.open(made.corpus).content_hash()
    assert truth.said["tree"] == {"ancestor": "", "qaa": "ancestor", "qab": "ancestor"}
    for code, lexicon in lexicons.items():
        assert truth.lexicon.filter(language=code)["word"].to_list() == lexicon.words
    assert truth.lexicon.filter(language="qab", how="borrowed").height == 300
    assert json.loads((truth_folder(made.corpus) / "truth.json").read_text())["letters"]["qaa"] == {}


def test_a_changed_truth_is_refused(tmp_path: Path) -> None:
    """The manifest is sealed: who changes a number in it is found out."""
    made = simulate(family({"qaa": 50}), tmp_path / "corpus")
    path = truth_folder(made.corpus) / "truth.json"
    path.write_text(path.read_text().replace('"kept": 0.8', '"kept": 0.9'))
    with pytest.raises(FolderError, match=r"truth\.json"):
        read_truth(made.corpus)


def test_what_was_not_simulated_is_not_replaced(tmp_path: Path) -> None:
    """Neither an ingested corpus nor any other folder."""
    source = tmp_path / "a.txt"
    source.write_text("Some text that somebody wrote down here.\n")
    ingest([source], tmp_path / "corpus", language="en")
    with pytest.raises(FolderError, match="holds a corpus that was ingested"):
        simulate(family({"qaa": 50}), tmp_path / "corpus")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(FolderError):
        simulate(family({"qaa": 50}), tmp_path / "other")
    assert (tmp_path / "other" / "thesis.txt").read_text() == "mine"
    assert Corpus.open(tmp_path / "corpus").languages == ("en",)


def test_cognates_follow_the_sound_changes_that_were_put_in(tmp_path: Path) -> None:
    """Of the pairs that `cognates` learns 95 in 100 are of one root, and hundreds of them are spelt differently."""
    world = family({"qaa": 6_000, "qab": 6_000}, kept=0.85, sound_changes=4)
    made = simulate(world, tmp_path / "corpus")
    truth = made.truth.lexicon
    roots = {code: dict(truth.filter(language=code).select("word", "root").iter_rows()) for code in ("qaa", "qab")}
    learned = learn_cognates("qaa", "qab", corpus=made.corpus)
    pairs = [
        (left, right) for left, right in learned.pairs.select("left", "right").iter_rows()
        if left in roots["qaa"] and right in roots["qab"]
    ]  # fmt: skip
    right = [roots["qaa"][left] == roots["qab"][other] for left, other in pairs]
    assert len(pairs) > 1_000 and np.mean(right) > 0.95
    changed = [(left, other) for left, other in pairs if left != other]
    assert len(changed) > 500


def test_sentences_take_turns_in_the_words_of_two_languages(tmp_path: Path) -> None:
    """Half and half: each sentence is of one, its neighbours of the other; cutting one off leaves them."""
    world = World(
        {
            "qaa": Tongue(200),
            "qtt": Tongue(200, alike={"qaa": 0.0}),
            "qpp": Tongue(400, switching={"qaa": 0.5, "qtt": 0.5}),
        }
    )
    made = simulate(world, tmp_path / "corpus")
    lexicon = made.truth.lexicon
    words = {code: set(lexicon.filter(language=code)["word"]) for code in ("qaa", "qtt")}
    frame = Corpus.open(made.corpus).read("qpp", ["document", "text"])
    for _, part in frame.group_by("document", maintain_order=True):
        said = [{word.strip(".").lower() for word in text.split()} for text in part["text"]]
        of_first = [each <= words["qaa"] for each in said]
        assert all(each <= words["qtt"] for each, first in zip(said, of_first, strict=True) if not first)
        assert all(one != other for one, other in pairwise(of_first))
    cut = simulate(cut_off(world, "qaa"), tmp_path / "cut")
    assert Corpus.open(cut.corpus).read("qpp", ["text"]).equals(frame.select("text"))
    assert not types(Corpus.open(cut.corpus), "qaa") & types(Corpus.open(cut.corpus), "qpp")


def test_documents_do_not_wait_in_memory(tmp_path: Path) -> None:
    """They are written part by part: with little held, a language has many files, and the same sentences."""
    world = family({"qaa": 3_000})
    whole = simulate(world, tmp_path / "whole")
    parted = simulate(world, tmp_path / "parted", held=50_000)
    assert len(list(parted.corpus.glob("qaa/*.parquet"))) > 5
    assert Corpus.open(parted.corpus).read("qaa").equals(Corpus.open(whole.corpus).read("qaa"))
