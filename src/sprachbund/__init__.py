"""Sprachbund: let languages help each other, and measure what one gains from another.

detect_language  in which language a text is
ingest      raw text of many languages into a corpus
Corpus      sentences on disk
learn_cognates   words of two languages that are one, from their frequent words
Cognates    such a lexicon, with the reason for every pair
Vocabulary  n-grams, counted exactly
count_ngrams     the n-grams of more text than memory holds, in partitions on disk
Encoder     a bag of n-grams to a vector
train       an encoder from a corpus
evaluate    an encoder on held-out text, BM25 beside it
index       a corpus or raw text into an index
Index       passages to search, with the reason for every result
write_index an index into PostgreSQL or Qdrant
Database    such a table, to search in
train_vectors    vectors of the words of a language from raw text
align_vectors    two languages' vectors laid over one another
Alignment   such an alignment
compare_vectors  neighbours in both languages, directions, synonyms and antonyms
crosslingual     whether sentences find their translations by an encoder, and by letters alone
Vectors     such vectors, or those of a file of fastText's or word2vec's
find_neighbours  which languages are near one, measure by measure
add_auxiliaries  how many languages should help one, how much text of each, how near
ingest_speech    recorded speech with its text into a corpus of speech
synthesise_speech  synthetic speech from raw text, to train on beside it
SpeechCorpus     such a corpus
train_speech     a recogniser of a language, from scratch or from a neighbour's
Hearing          a recogniser in use: files to text
transfer_speech  a study of recognisers
mix         how much of each language one model of all should read
overlap     how much of their vocabulary languages have in common
transfer    the main job: what pooling languages brings, and whether it is real
train_language_model  a language model from raw text, helped by neighbours
LanguageModel         such a model: bits per byte, the words that may come next
transfer_lm           a study of language models
run_study_file   every study that a file declares; `plan_study_file` and `study_status` say how it stands
Zoo         finished models of others, verified; `add_model` and `remove_model` change one of your own
simulate    a corpus whose truth is known, of a `World`; `read_truth` tells it
Settings    what all of it can be told: `preset("best")`, `change(settings, dim=128)`
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sprachbund.compiled import prepare_cache
from sprachbund.files import package_version

if TYPE_CHECKING:
    from sprachbund.analyses.auxiliaries.study import add_auxiliaries
    from sprachbund.analyses.crosslingual.judging import crosslingual
    from sprachbund.analyses.laboratory.laboratory import run_study_file
    from sprachbund.analyses.laboratory.standing import plan_study_file, study_status
    from sprachbund.analyses.mixtures.study import mix
    from sprachbund.analyses.overlap.vocabularies import overlap
    from sprachbund.cognates.lexicon import Cognates
    from sprachbund.cognates.making import learn_cognates
    from sprachbund.corpus.identification.identify import detect_language
    from sprachbund.corpus.ingest import ingest
    from sprachbund.corpus.store import Corpus
    from sprachbund.databases.database import Database
    from sprachbund.databases.writing import write_index
    from sprachbund.lm.model import LanguageModel
    from sprachbund.lm.train import train_language_model
    from sprachbund.lm.transfer import transfer_lm
    from sprachbund.neighbours.asking import find_neighbours
    from sprachbund.ngrams.of_corpus import count_corpus as count_ngrams
    from sprachbund.ngrams.vocabulary import Vocabulary
    from sprachbund.retrieval.encoder.encoder import Encoder
    from sprachbund.retrieval.evaluation import evaluate
    from sprachbund.retrieval.settings import Settings, change, preset
    from sprachbund.retrieval.train import train
    from sprachbund.retrieval.transfer import transfer
    from sprachbund.search.index import Index
    from sprachbund.search.sources import index_sources as index
    from sprachbund.simulation.declaring import read_world
    from sprachbund.simulation.simulating import simulate
    from sprachbund.simulation.truth import read_truth
    from sprachbund.simulation.world import World
    from sprachbund.speech.ingest import ingest_speech
    from sprachbund.speech.store import SpeechCorpus
    from sprachbund.speech.synthesis import synthesise_speech
    from sprachbund.speech.train import train_speech
    from sprachbund.speech.transcribing import Hearing
    from sprachbund.speech.transfer import transfer_speech
    from sprachbund.vectors.aligning import align as align_vectors
    from sprachbund.vectors.alignment import Alignment
    from sprachbund.vectors.comparing_all import compare_vectors
    from sprachbund.vectors.space import Space as Vectors
    from sprachbund.vectors.training import train_vectors
    from sprachbund.zoo.adding import add_model, remove_model
    from sprachbund.zoo.reader import Zoo

__all__ = [
    "Alignment",
    "Cognates",
    "Corpus",
    "Database",
    "Encoder",
    "Hearing",
    "Index",
    "LanguageModel",
    "Settings",
    "SpeechCorpus",
    "Vectors",
    "Vocabulary",
    "World",
    "Zoo",
    "add_auxiliaries",
    "add_model",
    "align_vectors",
    "change",
    "compare_vectors",
    "count_ngrams",
    "crosslingual",
    "detect_language",
    "evaluate",
    "find_neighbours",
    "index",
    "ingest",
    "ingest_speech",
    "learn_cognates",
    "mix",
    "overlap",
    "plan_study_file",
    "preset",
    "read_truth",
    "read_world",
    "remove_model",
    "run_study_file",
    "simulate",
    "study_status",
    "synthesise_speech",
    "train",
    "train_language_model",
    "train_speech",
    "train_vectors",
    "transfer",
    "transfer_lm",
    "transfer_speech",
    "write_index",
]
__version__ = package_version()
prepare_cache()

# the public names are loaded when they are used: numba and polars take a second that `sprachbund --help` need not
_PLACES = {
    "Alignment": ("sprachbund.vectors.alignment", "Alignment"),
    "Cognates": ("sprachbund.cognates.lexicon", "Cognates"),
    "Corpus": ("sprachbund.corpus.store", "Corpus"),
    "Database": ("sprachbund.databases.database", "Database"),
    "Encoder": ("sprachbund.retrieval.encoder.encoder", "Encoder"),
    "Hearing": ("sprachbund.speech.transcribing", "Hearing"),
    "Index": ("sprachbund.search.index", "Index"),
    "LanguageModel": ("sprachbund.lm.model", "LanguageModel"),
    "Settings": ("sprachbund.retrieval.settings", "Settings"),
    "SpeechCorpus": ("sprachbund.speech.store", "SpeechCorpus"),
    "Vectors": ("sprachbund.vectors.space", "Space"),
    "Vocabulary": ("sprachbund.ngrams.vocabulary", "Vocabulary"),
    "World": ("sprachbund.simulation.world", "World"),
    "Zoo": ("sprachbund.zoo.reader", "Zoo"),
    "add_auxiliaries": ("sprachbund.analyses.auxiliaries.study", "add_auxiliaries"),
    "add_model": ("sprachbund.zoo.adding", "add_model"),
    "align_vectors": ("sprachbund.vectors.aligning", "align"),
    "change": ("sprachbund.retrieval.settings", "change"),
    "compare_vectors": ("sprachbund.vectors.comparing_all", "compare_vectors"),
    "count_ngrams": ("sprachbund.ngrams.of_corpus", "count_corpus"),
    "crosslingual": ("sprachbund.analyses.crosslingual.judging", "crosslingual"),
    "detect_language": ("sprachbund.corpus.identification.identify", "detect_language"),
    "evaluate": ("sprachbund.retrieval.evaluation", "evaluate"),
    "find_neighbours": ("sprachbund.neighbours.asking", "find_neighbours"),
    "index": ("sprachbund.search.sources", "index_sources"),
    "ingest": ("sprachbund.corpus.ingest", "ingest"),
    "learn_cognates": ("sprachbund.cognates.making", "learn_cognates"),
    "ingest_speech": ("sprachbund.speech.ingest", "ingest_speech"),
    "mix": ("sprachbund.analyses.mixtures.study", "mix"),
    "overlap": ("sprachbund.analyses.overlap.vocabularies", "overlap"),
    "plan_study_file": ("sprachbund.analyses.laboratory.standing", "plan_study_file"),
    "preset": ("sprachbund.retrieval.settings", "preset"),
    "read_truth": ("sprachbund.simulation.truth", "read_truth"),
    "read_world": ("sprachbund.simulation.declaring", "read_world"),
    "remove_model": ("sprachbund.zoo.adding", "remove_model"),
    "simulate": ("sprachbund.simulation.simulating", "simulate"),
    "run_study_file": ("sprachbund.analyses.laboratory.laboratory", "run_study_file"),
    "synthesise_speech": ("sprachbund.speech.synthesis", "synthesise_speech"),
    "study_status": ("sprachbund.analyses.laboratory.standing", "study_status"),
    "train": ("sprachbund.retrieval.train", "train"),
    "train_speech": ("sprachbund.speech.train", "train_speech"),
    "train_vectors": ("sprachbund.vectors.training", "train_vectors"),
    "train_language_model": ("sprachbund.lm.train", "train_language_model"),
    "transfer": ("sprachbund.retrieval.transfer", "transfer"),
    "transfer_lm": ("sprachbund.lm.transfer", "transfer_lm"),
    "transfer_speech": ("sprachbund.speech.transfer", "transfer_speech"),
    "write_index": ("sprachbund.databases.writing", "write_index"),
}


def __getattr__(name: str) -> Any:
    try:
        module, attribute = _PLACES[name]
    except KeyError:
        raise AttributeError(f"module 'sprachbund' has no attribute {name!r}") from None
    return getattr(import_module(module), attribute)
