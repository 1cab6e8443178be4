"""Syntactic measures: values worked out by hand, by a plain implementation, and those that the pilot published."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from made_trees import SMALL_DOG, lines
from sprachbund.corpus.sources.conllu import Sentence, parse_conllu, read_conllu
from sprachbund.errors import MissingDataError
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.neighbours.syntactic import arcs_of, klcpos3_of, order_of
from sprachbund.neighbours.syntax import (
    ORDERS,
    arc_divergence,
    arcs,
    jensen_shannon,
    klcpos3,
    named_arc,
    named_trigram,
    order_distance,
    order_shares,
    orders,
    spread,
    trigrams,
)
from sprachbund.neighbours.treebank import Treebank, joined, treebank_of
from sprachbund.neighbours.treebanks import files_by_language, treebank_for


def trees(*sentences: tuple[str, ...]) -> Treebank:
    """A treebank of sentences of words as ``form tag head relation``."""
    return treebank_of(each for words in sentences for each in parse_conllu(lines(*words)))


DOG = ("the DET 2 det", "dog NOUN 0 root")
DOGS = ("dogs NOUN 0 root",)
BEFORE = ("big ADJ 2 amod", "dog NOUN 0 root")
AFTER = ("dog NOUN 0 root", "big ADJ 1 amod")


def test_klcpos3_by_hand() -> None:
    """The target's two trigrams, edges among them, have 1/2 each, in the source 1/3: ln 3/2."""
    target, source = (trigrams(each, each.weights(3)) for each in (trees(DOG), trees(DOG, DOGS)))
    assert klcpos3(target, source)[0] == pytest.approx(math.log(1.5))
    assert [named_trigram(int(kind)) for kind in target.kinds] == [["DET", "NOUN", "|"], ["|", "DET", "NOUN"]]


def test_klcpos3_of_unseen_trigrams() -> None:
    """One that the source never has counts as seen once, and its share is not normalised: 1/2 ln(1/2 / 1/4) twice."""
    target, source = (trigrams(each, each.weights(3)) for each in (trees(DOG), trees(*[DOGS] * 4)))
    assert klcpos3(target, source)[0] == pytest.approx(math.log(2))


def test_arc_divergence_by_hand() -> None:
    """All arcs of one kind against half of them: H(3/4, 1/4) - H(1/2, 1/2) / 2 = .3113 bits."""
    one, other = (arcs(each, each.weights(3)) for each in (trees(BEFORE, BEFORE), trees(BEFORE, AFTER)))
    assert arc_divergence(one, other)[0] == pytest.approx(0.311278, abs=1e-6)
    assert arc_divergence(one, one)[0] == 0
    assert jensen_shannon(np.array([2.0, 0]), np.array([1.0, 1])) == pytest.approx(0.311278, abs=1e-6)
    expected = {"head": "NOUN", "relation": "amod", "tag": "ADJ", "side": "before"}
    assert [named_arc(int(kind)) for kind in one.kinds] == [expected]


def test_languages_without_an_arc_in_common_are_one_bit_apart() -> None:
    """The upper end of the divergence."""
    one, other = (arcs(each, each.weights(3)) for each in (trees(BEFORE), trees(DOG)))
    assert arc_divergence(one, other)[0] == pytest.approx(1)


def test_word_order_by_hand() -> None:
    """Adjectives after their noun in 5 of 20 cases and in 15 of 20: half apart; 19 cases are too few to say."""
    few, many = trees(*[BEFORE] * 15, *[AFTER] * 5), trees(*[BEFORE] * 5, *[AFTER] * 15)
    one, other = (orders(each, each.weights(200)) for each in (few, many))
    shares, cases, drawn = order_shares(one)
    adjective = [order.name for order in ORDERS].index("adjective")
    assert shares[adjective] == 0.25 and cases[adjective] == 20 and np.isnan(np.delete(shares, adjective)).all()
    assert np.std(drawn[:, adjective]) == pytest.approx(math.sqrt(0.25 * 0.75 / 20), rel=0.2)
    assert order_distance(one, other)[0] == 0.5
    little = trees(*[BEFORE] * 19)
    assert order_distance(one, orders(little, little.weights(3)))[0] is None


@pytest.mark.parametrize(
    ("words", "name", "share"),
    [
        (("dog NOUN 2 nsubj", "runs VERB 0 root"), "subject", 1),
        (("runs VERB 0 root", "dog NOUN 1 nsubj:outer"), "subject", 0),
        (("eats VERB 0 root", "fish NOUN 1 obj"), "object", 1),
        (("it PRON 2 obj", "eats VERB 0 root"), "object", None),
        (("in ADP 2 case", "house NOUN 0 root"), "adposition", 1),
        (("house NOUN 0 root", "in ADP 1 case"), "adposition", 0),
        (("dog NOUN 0 root", "runs VERB 1 acl:relcl"), "relative", 1),
        (("dog NOUN 0 root", "run VERB 1 acl"), "relative", None),
        (("has AUX 2 aux", "run VERB 0 root"), "auxiliary", 1),
        (("two NUM 2 nummod", "dogs NOUN 0 root"), "numeral", 0),
        (("dog NOUN 0 root", "the DET 1 det"), "determiner", 1),
        (("house NOUN 0 root", "man NOUN 1 nmod:poss"), "genitive", 1),
    ],
)
def test_each_question_of_word_order(words: tuple[str, ...], name: str, share: float | None) -> None:
    """Counts what its title says, pronouns and other clauses left out, subtypes counted."""
    made = trees(*[words] * 20)
    found = order_shares(orders(made, made.weights(2)))[0][[order.name for order in ORDERS].index(name)]
    assert np.isnan(found) if share is None else found == share


def test_the_interval_lies_around_the_value() -> None:
    """Draws of a divergence are larger than it; their spread is what is asked for. It never ends below nothing."""
    assert spread(0.1, np.array([0.3, 0.4, 0.5])) == pytest.approx((0.0, 0.2))
    assert spread(0.5, np.array([0.3, 0.4, 0.5])) == pytest.approx((0.4, 0.6))
    assert spread(0.5, np.empty(0)) == (None, None)


def test_joined_treebanks() -> None:
    """Are the treebank of their sentences one after another."""
    one, other = joined([trees(DOG), trees(BEFORE, AFTER)]), trees(DOG, BEFORE, AFTER)
    for name in ("tags", "heads", "relations", "offsets"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    cut = one.first(2)
    assert cut.sentences == 2 and cut.words == 4 and one.first(9) is one


def plain_trigrams(sentences: list[Sentence]) -> Counter[tuple[str, ...]]:
    """Another implementation, with strings."""
    padded = [("|", *sentence.tags, "|") for sentence in sentences]
    return Counter(found for tags in padded for found in zip(tags, tags[1:], tags[2:], strict=False))


def plain_klcpos3(target: Counter[tuple[str, ...]], source: Counter[tuple[str, ...]]) -> float:
    """The definition as it is written."""
    shares = [(count / target.total(), max(source[kind], 1) / source.total()) for kind, count in target.items()]
    return sum(there * math.log(there / here) for there, here in shares)


def plain_arcs(sentences: list[Sentence]) -> Counter[tuple[str, str, str, bool]]:
    """Another implementation, with strings."""
    return Counter(
        (sentence.tags[head - 1], relation.partition(":")[0], tag, place > head)
        for sentence in sentences
        for place, (tag, head, relation) in enumerate(
            zip(sentence.tags, sentence.heads, sentence.relations, strict=True), 1
        )
        if head
    )


def test_another_implementation_agrees(shared_data: Path) -> None:
    """On Galician and French, both ways."""
    files = [shared_data / "ud" / f"{name}.test.conllu.gz" for name in ("gl.Galician-TreeGal", "fr.French-Sequoia")]
    read = [list(read_conllu(path)) for path in files]
    made = [treebank_of(sentences) for sentences in read]
    for here, there in ((0, 1), (1, 0)):
        fast = klcpos3(*(trigrams(made[each], made[each].weights(2)) for each in (here, there)))[0]
        assert fast == pytest.approx(plain_klcpos3(*(plain_trigrams(read[each]) for each in (here, there))))
    one, other = (plain_arcs(each) for each in read)
    kinds = list(one | other)
    slow = jensen_shannon(*(np.array([counts[kind] for kind in kinds], float) for counts in (one, other)))
    assert arc_divergence(*(arcs(each, each.weights(2)) for each in made))[0] == pytest.approx(slow)


def pud(folder: Path) -> dict[str, Treebank]:
    """The parallel treebanks of a folder of data, or a skip."""
    files = files_by_language(folder / "ud") if (folder / "ud").is_dir() else {}
    found = {code: path for code, paths in files.items() for path in paths if "pud" in path.name.lower()}
    if missing := {"pt", "es", "it", "fr", "en", "de"} - set(found):
        pytest.skip(f"no parallel treebank (PUD) of {', '.join(sorted(missing))}")
    return {code: treebank_of(read_conllu(found[code])) for code in ("pt", "es", "it", "fr", "en", "de")}


def test_published_values(shared_data: Path) -> None:
    """For Portuguese on the parallel treebanks: KLcpos3, the divergence of arcs, adjectives after their noun."""
    made = pud(shared_data)
    weights = {code: each.weights(2) for code, each in made.items()}
    tags = {code: trigrams(each, weights[code]) for code, each in made.items()}
    governed = {code: arcs(each, weights[code]) for code, each in made.items()}
    adjectives = {code: order_shares(orders(each, weights[code]))[0][0] for code, each in made.items()}
    others = ("es", "it", "fr", "en", "de")
    expected = dict(zip(others, (0.141, 0.134, 0.226, 0.695, 0.936), strict=True))
    assert {code: klcpos3(tags["pt"], tags[code])[0] for code in others} == pytest.approx(expected, abs=6e-4)
    expected = dict(zip(others, (0.039, 0.059, 0.060, 0.141, 0.159), strict=True))
    assert {code: arc_divergence(governed["pt"], governed[code])[0] for code in others} == pytest.approx(
        expected, abs=6e-4
    )
    expected = dict(zip(("pt", *others), (0.748, 0.704, 0.689, 0.689, 0.008, 0.001), strict=True))
    assert adjectives == pytest.approx(expected, abs=6e-4)


def test_measures_on_real_treebanks(real: Sources) -> None:
    """Spanish stands nearer to Portuguese than German by each measure, intervals apart; every value has its parts."""
    real.folder("ud")
    for measure in (klcpos3_of, arcs_of, order_of):
        near, far = measure(real, "pt", "es"), measure(real, "pt", "de")
        assert near.value is not None and near.low is not None and near.high is not None and far.low is not None
        assert near.low < near.value < near.high < far.low
        assert min(near.parts["sentences"]) >= 1_000 and "Portuguese-" in near.source
        assert near.coverage == pytest.approx(1.0)


def test_what_a_treebank_lacks_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No treebank, one too small, one broken: no value and the reason; the broken line is in a warning."""
    folder = tmp_path / "data" / "ud" / "UD_Galician-X"
    folder.mkdir(parents=True)
    (folder / "gl_x-ud-test.conllu").write_text(SMALL_DOG)
    (folder / "ca_x-ud-test.conllu").write_text(SMALL_DOG + "broken")
    sources = open_sources(tmp_path / "data", tmp_path / "features")
    assert klcpos3_of(sources, "pt", "gl").parts["lacking"] == "no treebank of pt"
    assert arcs_of(sources, "gl", "gl").parts["lacking"] == "the treebank of gl has 3 words, below 2,000"
    assert treebank_for(sources, "ca") is None
    assert "ca_x-ud-test.conllu, line 7: expected 10 columns" in caplog.text
    with pytest.raises(MissingDataError, match=r"universaldependencies\.org"):
        klcpos3_of(open_sources(tmp_path, tmp_path), "pt", "gl")


def test_files_by_language(tmp_path: Path) -> None:
    """As the project publishes them and by themselves, test sides first; both Norwegians apart; other files left."""
    names = [
        "UD_Norwegian-Nynorsk/no_nynorsk-ud-train.conllu", "UD_Norwegian-Nynorsk/no_nynorsk-ud-test.conllu",
        "UD_Norwegian-Bokmaal/no_bokmaal-ud-dev.conllu", "pt.Portuguese-Bosque.test.conllu.gz", "README.conllu",
        "UD_Portuguese-Bosque/stats.xml",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = {code: [path.name for path in paths] for code, paths in files_by_language(tmp_path).items()}
    assert found == {
        "nn": ["no_nynorsk-ud-test.conllu", "no_nynorsk-ud-train.conllu"],
        "no": ["no_bokmaal-ud-dev.conllu"],
        "pt": ["pt.Portuguese-Bosque.test.conllu.gz"],
    }


def test_features_are_kept(tmp_path: Path) -> None:
    """What is read from the folder of features is what was read from the trees."""
    folder = tmp_path / "data" / "ud"
    folder.mkdir(parents=True)
    (folder / "es.X.test.conllu").write_text(SMALL_DOG * 3)
    made = [treebank_for(open_sources(tmp_path / "data", tmp_path / "features"), "es") for _ in range(2)]
    assert len(list((tmp_path / "features").iterdir())) == 1
    for name in ("tags", "heads", "relations", "offsets"):
        expected = getattr(treebank_of(parse_conllu((SMALL_DOG * 3).splitlines())), name).tolist()
        assert [getattr(each, name).tolist() for each in made] == [expected, expected]
