"""Folders whose keys were made by an older rule for words are refused by name, never read."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sprachbund import Index
from sprachbund.errors import FolderError
from sprachbund.files import package_version
from sprachbund.ngrams import vocabulary
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder import encoded, encoder
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.search import index

KINDS: list[tuple[str, str, int, Callable[[Path], object]]] = [
    ("vocabulary", vocabulary.MANIFEST, vocabulary.FORMAT, Vocabulary.load),
    ("encoded corpus", encoded.MANIFEST, encoded.FORMAT, EncodedCorpus.open),
    ("encoder", encoder.MANIFEST, encoder.FORMAT, Encoder.load),
    ("index", index.MANIFEST, index.FORMAT, Index.open),
]


@pytest.mark.parametrize(("kind", "manifest", "number", "read"), KINDS, ids=[kind for kind, *_ in KINDS])
@pytest.mark.parametrize("old", [1, 2])
def test_keys_of_an_older_rule_are_refused(
    kind: str, manifest: str, number: int, read: Callable[[Path], object], old: int, tmp_path: Path
) -> None:
    """Format 1 knew no Korean letters, 2 kept marks that change only the look, 3 of an index accents and no sources."""
    # an index of format 3 folded no accents, one of 4 knew no neighbours; an encoder of format 3 did not say its bits
    assert number == {"index": 5, "encoder": 4}.get(kind, 3)
    said = {"kind": kind, "format": old, "written_by": package_version(), "files": {}}
    (tmp_path / manifest).write_text(json.dumps(said))
    with pytest.raises(FolderError, match=re.escape(f"{kind} format {old}, written by sprachbund")):
        read(tmp_path)
