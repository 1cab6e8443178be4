"""Two trees side by side: what is shared, how high arcs stand, from which side words run, that it is one sound SVG."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from made_trees import SMALL_DOG, lines
from sprachbund.corpus.sources.conllu import Sentence, parse_conllu
from sprachbund.errors import LanguageError, MissingExtraError, SettingsError, SourceError
from sprachbund.neighbours import raw_text
from sprachbund.neighbours.raw_text import parsed, trees_of_text
from sprachbund.neighbours.sources import open_sources
from sprachbund.neighbours.tree_choice import alike, draw_pair, translations
from sprachbund.neighbours.trees import Labelled, arcs_of_sentence, from_right, levels, shared_arcs, two_trees

SVG = "{http://www.w3.org/2000/svg}"


def tree(*words: str, name: str = "") -> Sentence:
    """Of words as ``form tag head relation``."""
    return next(parse_conllu([f"# sent_id = {name}", *lines(*words)]))


PERRO = tree("un DET 2 det", "perro NOUN 0 root", "pequeño ADJ 2 amod")
CACHORRO = tree("um DET 2 det", "cachorro NOUN 0 root", "pequeno ADJ 2 amod")
DOG = tree("a DET 3 det", "small ADJ 3 amod", "dog NOUN 0 root")
HEBREW = tree("כלב NOUN 0 root", "קטן ADJ 1 amod")


def test_arcs_in_common() -> None:
    """The post's two trees are identical; English has its adjective on the other side, and each arc counts once."""
    assert shared_arcs(PERRO, CACHORRO) == ([True, True], [True, True])
    assert shared_arcs(PERRO, DOG) == ([True, False], [True, False])
    twice = tree("the DET 3 det", "the DET 3 det", "dog NOUN 0 root")
    assert shared_arcs(twice, DOG) == ([True, False], [True, False])


def test_how_high_arcs_stand() -> None:
    """Above those that lie within them; those side by side stand equally high."""
    nested = tree("a DET 2 det", "b NOUN 5 nsubj", "c ADP 4 case", "d NOUN 5 obl", "e VERB 0 root")
    arcs = arcs_of_sentence(nested)
    found = {arc.relation: level for arc, level in zip(arcs, levels(arcs), strict=True)}
    assert found == {"det": 1, "case": 1, "obl": 1, "nsubj": 2}


@pytest.mark.parametrize(("sentence", "expected"), [(PERRO, False), (HEBREW, True)])
def test_the_side_from_which_words_run(sentence: Sentence, expected: bool) -> None:
    """Told by the letters; punctuation and digits before them say nothing."""
    assert from_right(sentence) is expected
    assert from_right(tree("1 NUM 2 nummod", *(f"{form} NOUN 0 root" for form in sentence.forms[:1]))) is expected


def drawn(svg: str, look: str) -> list[Any]:
    """The elements of a class, each parsed as XML."""
    return [each for each in ElementTree.fromstring(svg).iter() if look in each.get("class", "").split()]


def test_words_from_the_right() -> None:
    """The first word stands on the right of the second, and its direction is said; Latin words the other way round."""
    svg = two_trees(Labelled(HEBREW, "Hebrew", "he"), Labelled(PERRO, "Spanish", "es"))
    words = drawn(svg, "word")
    places = {word.text: float(word.get("x")) for word in words}
    assert places["כלב"] > places["קטן"] and places["un"] < places["perro"]
    assert [word.get("direction") for word in words] == ["rtl", "rtl", None, None, None]


def test_what_the_picture_holds() -> None:
    """Every word, tag and relation; whole lines for shared arcs; nothing from elsewhere; both schemes."""
    svg = two_trees(Labelled(PERRO, "Spanish", "es", "X"), Labelled(DOG, "English", "en"), "chosen so")
    assert [word.text for word in drawn(svg, "word")] == [*PERRO.forms, *DOG.forms]
    assert [(each.text, each.get("class").split()[1]) for each in drawn(svg, "label")] == [
        ("det", "same"), ("amod", "apart"), ("det", "same"), ("amod", "apart"),
    ]  # fmt: skip
    assert "prefers-color-scheme: dark" in svg and "chosen so" in svg
    assert not re.search(r"(?:href|src|url\()", svg) and svg.count("http") == 1


def test_what_strangers_wrote_is_text() -> None:
    """In words, sentences and names of files."""
    evil = "<script>&\"'"
    sentence = Sentence((evil,), ("NOUN",), (0,), ("root",), "", evil)
    svg = two_trees(Labelled(sentence, evil, "es", evil), Labelled(PERRO, "Spanish", "es"))
    assert "<script" not in svg and drawn(svg, "word")[0].text == evil


def test_long_sentences_are_refused() -> None:
    """In one line that says how long."""
    long = tree("w NOUN 0 root", *(f"w{n} NOUN 1 nmod" for n in range(60)))
    with pytest.raises(SettingsError, match="has 61; choose a shorter one"):
        two_trees(Labelled(long, "Spanish", "es"), Labelled(PERRO, "Spanish", "es"))


def test_translations_are_preferred() -> None:
    """The shortest with six words; ids that are plain numbers are no translations."""
    words = [f"w{n} NOUN {'0 root' if n == 1 else '1 nmod'}" for n in range(1, 9)]
    sides = [
        [tree(*words[:size], name=name) for name, size in (("n1", 8), ("n2", 6), ("n3", 5), ("7", 6))] for _ in "ab"
    ]
    found = translations(*sides)
    assert found is not None and [each.id for each in found] == ["n2", "n2"]
    assert translations([sides[0][3]], [sides[1][3]]) is None


def test_the_most_alike() -> None:
    """Of sentences of four to nine words those with all arcs in common."""
    one = tree("a DET 2 det", "b NOUN 3 nsubj", "c VERB 0 root", ". PUNCT 3 punct")
    other = tree("c VERB 0 root", "a DET 3 det", "b NOUN 1 obj", ". PUNCT 1 punct")
    assert alike([other, one], [PERRO, one]) == (one, one)
    with pytest.raises(SourceError, match="4 to 9 words"):
        alike([PERRO], [one])


def test_sentences_that_are_asked_for(tmp_path: Path) -> None:
    """By the id in a treebank, a file, or a text that a parser reads; what is not there is said."""
    folder = tmp_path / "data" / "ud"
    folder.mkdir(parents=True)
    (folder / "es.X.test.conllu").write_text(SMALL_DOG)
    other = tmp_path / "pt.conllu"
    other.write_text("\n".join(lines("um DET 2 det", "cachorro NOUN 0 root", "pequeno ADJ 2 amod")))
    sources = open_sources(tmp_path / "data", tmp_path / "features")
    svg = draw_pair(sources, "es", "pt", ("dog-1", str(other)))
    assert [word.text for word in drawn(svg, "word")] == [*PERRO.forms, *CACHORRO.forms]
    read = draw_pair(sources, "es", "pt", ("dog-1", "um cachorro pequeno"), lambda text: stanza_like(CACHORRO))
    assert [word.text for word in drawn(read, "word")] == [*PERRO.forms, *CACHORRO.forms]
    with pytest.raises(SourceError, match="no sentence of Spanish has the id dog-2"):
        draw_pair(sources, "es", "pt", ("dog-2", str(other)))
    with pytest.raises(LanguageError, match="no treebank of Portuguese"):
        draw_pair(sources, "es", "pt")


def stanza_like(sentence: Sentence) -> Any:
    """A document as stanza gives it."""
    rows = zip(sentence.forms, sentence.tags, sentence.heads, sentence.relations, strict=True)
    words = [SimpleNamespace(text=form, upos=tag, head=head, deprel=relation) for form, tag, head, relation in rows]
    return SimpleNamespace(sentences=[SimpleNamespace(words=words, text=" ".join(sentence.forms))])


class Tokens(list[Any]):
    """A sentence as spaCy gives it: tokens, and its text."""

    text = "un  perro pequeño"


def spacy_like(labels: dict[str, str]) -> Any:
    """A document as spaCy gives it: blanks are tokens, the root is its own head, places count through the document."""
    tokens = [SimpleNamespace(text=form, pos_=tag, i=place) for place, (form, tag) in enumerate(
        [("un", "DET"), (" ", "SPACE"), ("perro", "NOUN"), ("pequeño", "ADJ")], 5)]  # fmt: skip
    for token, (head, label) in zip(tokens, [(2, "det"), (0, "dep"), (2, "ROOT"), (2, "amod")], strict=True):
        token.head, token.dep_ = tokens[head], labels.get(label, label)
    return SimpleNamespace(sents=[Tokens(tokens)])


def test_parsers_that_are_installed() -> None:
    """Give the same tree, whichever it is; one of another scheme is refused."""
    for made in (stanza_like(PERRO), spacy_like({})):
        found = parsed("un  perro pequeño", "es", lambda text, made=made: made)
        assert (found.forms, found.tags, found.heads, found.relations) == (
            PERRO.forms, PERRO.tags, PERRO.heads, PERRO.relations,
        )  # fmt: skip
    with pytest.raises(SourceError, match=r"the parser of Spanish, 'un perro pequeño', line 4: .* found 'npadvmod'"):
        parsed("un perro pequeño", "es", lambda text: spacy_like({"amod": "npadvmod"}))


def test_no_parser_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the message says how to get one; stanza is told to download nothing, a failure means it has none."""
    asked: list[dict[str, Any]] = []

    def pipeline(**options: Any) -> Any:
        asked.append(options)
        raise FileNotFoundError("resources.json")

    def find(name: str) -> Any:
        if name == "stanza":
            return SimpleNamespace(Pipeline=pipeline)
        return SimpleNamespace(util=SimpleNamespace(get_installed_models=lambda: ["pt_core_news_sm"]), load=str.upper)

    monkeypatch.setattr(raw_text.importlib, "import_module", find)
    with pytest.raises(MissingExtraError, match=r"stanza\.download\('es'\)"):
        parsed("un perro", "es")
    assert asked[0]["download_method"] is None and asked[0]["lang"] == "es"
    assert raw_text.installed_parser("pt") == "PT_CORE_NEWS_SM"
    assert list(trees_of_text("  ", "es")) == []
