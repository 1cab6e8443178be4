"""The text of the harness as ids."""

import os
from collections.abc import Sequence
from pathlib import Path

from sprachbund import Corpus
from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.settings import BEST

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
LEFT_OUT = ("ja", "zh")  # no target is written as they are, and they would take a third of every pooled training


def prepare(work: Path, folders: Sequence[str]) -> EncodedCorpus:
    """The text as ids, made once."""
    path = work / "encoded"
    if not path.exists():
        if not (work / "corpus").exists():
            ingest([DATA / folder for folder in folders], work / "corpus")
        corpus = Corpus.open(work / "corpus")
        kept = [code for code in corpus.languages if code not in LEFT_OUT and len(corpus.documents(code)) >= 30]
        encode_corpus(corpus, path, languages=kept, settings=BEST, cut=False)
    return EncodedCorpus.open(path)
