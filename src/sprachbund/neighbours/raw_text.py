"""Trees of raw text by a parser that the user has installed: stanza or spaCy, never fetched.

Either is asked for a model of the language that lies on the disk already; none is downloaded, since a model is hundreds
of megabytes and comes with a licence of its own. A model that was trained on another scheme than Universal Dependencies
(spaCy's English one) is refused, for its relations mean other things.
"""

import importlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from sprachbund.corpus.sources.conllu import Sentence, parse_conllu
from sprachbund.errors import MissingExtraError, SourceError, one_line
from sprachbund.languages import find

__all__ = ["Parser", "installed_parser", "parsed", "trees_of_text"]

Parser = Callable[[str], Any]
"""A text to a document of stanza (``sentences`` of ``words``) or of spaCy (``sents`` of tokens)."""
logger = logging.getLogger(__name__)


def parsed(text: str, code: str, parser: Parser | None = None) -> Sentence:
    """The tree of one sentence.

    Raises:
        MissingExtraError: no parser of the language is installed. SourceError: the text has no words or the parser's
            trees are not of Universal Dependencies.
    """
    found = next(trees_of_text(text, code, parser), None)
    if found is None:
        raise SourceError(f"expected a sentence in {find(code).name}, found no words")
    return found


def trees_of_text(text: str, code: str, parser: Parser | None = None) -> Iterator[Sentence]:
    """The trees of the sentences of a text.

    Args:
        parser: a pipeline of stanza or spaCy; the installed one if None.

    Raises:
        MissingExtraError, SourceError: as `parsed`.
    """
    if not text.strip():
        return
    document = (parser or installed_parser(code))(text)
    blocks = _of_stanza(document) if hasattr(document, "sentences") else _of_spacy(document)
    for said, rows in blocks:
        lines = [
            f"{place}\t{form}\t_\t{tag}\t_\t_\t{head}\t{relation}\t_\t_"
            for place, (form, tag, head, relation) in enumerate(rows, 1)
        ]
        # the reader's checks hold for a parser too: a cycle or a foreign label is an error, not a picture
        where = f"the parser of {find(code).name}, {' '.join(said.split())[:40]!r}"
        yield from parse_conllu([f"# text = {' '.join(said.split())}", *lines], where)


def installed_parser(code: str) -> Parser:
    """A pipeline of the language, of stanza or else of spaCy, from what lies on the disk.

    Raises:
        MissingExtraError: neither has a model of it; the message names the commands that get one.
    """
    tag = find(code).bcp47.partition("-")[0]
    for load in (_stanza, _spacy):
        if (found := load(tag)) is not None:
            return found
    raise MissingExtraError(
        f"reading a sentence in {find(code).name} needs a parser that is installed: pip install stanza, then "
        f"stanza.download({tag!r}) in Python; or pip install spacy and one of its models. Or give a CoNLL-U file"
    )


def _stanza(tag: str) -> Parser | None:
    try:
        stanza = importlib.import_module("stanza")
    except ImportError:
        return None
    try:
        found: Parser = stanza.Pipeline(
            lang=tag, processors="tokenize,pos,lemma,depparse", download_method=None, verbose=False
        )
    except Exception as error:  # each version says in another way that the model is not there
        logger.info("stanza has no model of %s here (%s)", tag, one_line(error))
        return None
    return found


def _spacy(tag: str) -> Parser | None:
    try:
        spacy = importlib.import_module("spacy")
    except ImportError:
        return None
    for name in spacy.util.get_installed_models():
        if name.partition("_")[0] == {"no": "nb"}.get(tag, tag):
            found: Parser = spacy.load(name)
            return found
    return None


_Rows = list[tuple[str, str, int, str]]


def _of_stanza(document: Any) -> Iterator[tuple[str, _Rows]]:
    for sentence in document.sentences:
        rows = [(word.text, word.upos, word.head, word.deprel) for word in sentence.words]
        yield sentence.text or " ".join(form for form, *_ in rows), rows


def _of_spacy(document: Any) -> Iterator[tuple[str, _Rows]]:
    """Its blanks are tokens, its root is its own head and is called ROOT."""
    for sentence in document.sents:
        words = [token for token in sentence if token.pos_ != "SPACE"]
        places = {token.i: place for place, token in enumerate(words, 1)}
        rows = [(token.text, token.pos_, *_head(token, places)) for token in words]
        if rows:
            yield sentence.text, rows


def _head(token: Any, places: dict[int, int]) -> tuple[int, str]:
    if token.head.i == token.i:
        return 0, "root"
    return places.get(token.head.i, 0), token.dep_
