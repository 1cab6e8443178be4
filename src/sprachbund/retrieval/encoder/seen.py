"""Whether a corpus is the one that an encoder was trained on: only then are the sides of its split what they say."""

from sprachbund.corpus.placing import place_documents, split_hash
from sprachbund.corpus.store import Corpus
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.settings import split_of

__all__ = ["same_split", "same_text", "trained_languages"]


def trained_languages(encoder: Encoder) -> tuple[str, ...]:
    """The languages that an encoder says it was trained on; none of one that says nothing."""
    return tuple(encoder.about.get("languages", ()))


def same_text(encoder: Encoder, corpus: Corpus) -> bool:
    """Whether the corpus has the text that the encoder was trained on."""
    trained = trained_languages(encoder)
    if not trained or set(trained) - set(corpus.languages):
        return False
    return corpus.content_hash(trained) == encoder.about.get("corpus")


def same_split(encoder: Encoder, corpus: Corpus) -> bool:
    """Whether it also has every document on the side that it was on.

    A language that came later moves the split where it shares groups with others.
    """
    if not same_text(encoder, corpus):
        return False
    placed = place_documents(corpus, trained_languages(encoder), split_of(encoder.settings))
    return split_hash(placed) == encoder.about.get("split")
