"""Languages are named as people name them, wherever they are given; the corpus's own code is what comes out."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Corpus, Encoder, Index
from sprachbund.cli.options import known_language
from sprachbund.corpus.duplicates import duplicate_report
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.placing import check_languages
from sprachbund.errors import LanguageError
from sprachbund.search.building import delete

TEXT = "Млин стоїть над річкою і меле зерно. Люди приходять здалеку.\n"


@pytest.mark.parametrize("given", ["UKR", "uk", "Ukrainian", "українська"])
@pytest.mark.parametrize("asked", ["UK", "ukr", "Ukrainian"])
def test_a_corpus_is_asked_as_it_was_told(given: str, asked: str, tmp_path: Path) -> None:
    """Ingest, read, report and choose: one language, and its code is uk."""
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    ingest([tmp_path / "a.txt"], tmp_path / "corpus", language=given, workers=1)
    corpus = Corpus.open(tmp_path / "corpus")
    assert corpus.languages == ("uk",)
    assert len(corpus.read(asked)) == 2 and corpus.documents(asked).height == 1
    assert duplicate_report(corpus, [asked, "uk"])["language"].to_list() == ["uk"]
    assert check_languages(corpus, [asked]) == ("uk",)
    with pytest.raises(LanguageError, match=r"corpus: has no zz; it has uk$"):
        corpus.read("zz")


@pytest.mark.parametrize("asked", ["EN", "eng", "English", "anglais", "en_GB"])
def test_an_index_is_searched_by_any_name_of_a_language(index: Index, asked: str) -> None:
    """Search, neighbours and why take it as en."""
    found = index.search("river", 3, languages=[asked])
    assert [hit.key for hit in found] == [hit.key for hit in index.search("river", 3, languages=["en"])] != []
    assert {hit.language for hit in found} == {"en"} and found[0].scope == ("en",)
    assert index.neighbours("river", 3, [asked]) == index.neighbours("river", 3, ["en"])
    assert index.why("river", found[0]).score == pytest.approx(found[0].score, abs=1e-2)


def test_documents_are_taken_out_by_any_name_of_their_language(index: Index, tmp_path: Path) -> None:
    """What was deleted is counted under the index's code."""
    shutil.copytree(index.path, tmp_path / "index")
    name = next(hit.document for hit in index.search("river", languages=["en"]))
    assert delete(tmp_path / "index", [("English", name), ("EN", name)]).deleted == {"en": 1}


def test_texts_are_encoded_in_a_language_that_is_known(model: Path) -> None:
    """By code or name; one that nobody knows is an error and not another language."""
    encoder = Encoder.load(model)
    expected = encoder.encode(["海の水は塩からい。"], "ja")
    for named in ("JA", "jpn", "Japanese", "日本語"):
        np.testing.assert_array_equal(encoder.encode(["海の水は塩からい。"], named), expected)
    assert known_language("Turkish") == known_language("TUR") == "tr" and known_language(" ") == ""
    for texts in (["a"], []):
        with pytest.raises(LanguageError, match="'zz' is no language code or name"):
            encoder.encode(texts, "zz")
