"""The lists of ASJP, and what the published lists say of Portuguese."""

from pathlib import Path

import pytest

from sprachbund.errors import SourceError
from sprachbund.neighbours import asjp
from sprachbund.neighbours.concepts import asjp_ldnd, iecor_ldnd, near_words
from sprachbund.neighbours.sources import Sources, open_sources

LISTS = """\
     2    40  1700
(I4,20X,10A1)
   1                    I
   2                    you

i
PORTUGUESE{IE.ROMANCE|Indo-European,Romance}
 1   39.00   -8.00   177457180   por   por
1 I\teu //
2 you\ttu, %vose //
3 we\tXXX //
11 one\tu* // a comment
PORTUGUESE_2{IE.ROMANCE|Indo-European,Romance}
 1   39.00   -8.00   177457180   por   por
1 I\tew //
"""


def test_reading_lists(tmp_path: Path) -> None:
    """Several words, none (XXX), marks of a loan and of how signs are joined; of two lists the longer one."""
    (tmp_path / "asjp").mkdir()
    (tmp_path / "asjp" / "lists.txt").write_text(LISTS)
    found = asjp.words_of(open_sources(tmp_path, tmp_path / "features"), "pt")
    assert found == asjp.List("PORTUGUESE", {"1": ("eu",), "2": ("tu", "vose"), "11": ("u",)})
    (tmp_path / "asjp" / "lists.txt").write_text("nothing of the kind\n")
    with pytest.raises(SourceError, match=r"lists.txt: expected ASJP's word lists, found none"):
        asjp.words_of(open_sources(tmp_path, tmp_path / "features"), "pt")


@pytest.mark.parametrize(
    ("code", "near", "ratio"),
    [("es", 115, 0.386), ("it", 72, 0.555), ("fr", 55, 0.673), ("en", 11, 0.948), ("de", 3, 0.965)],
)
def test_portuguese_by_concept(real: Sources, code: str, near: int, ratio: float) -> None:
    """As an independent pilot measured: concepts of 170 within two edits, and LDND of spellings."""
    words, spelt = near_words(real, "pt", code), iecor_ldnd(real, "pt", code)
    assert words.value == pytest.approx(near / 170) and words.coverage == 1
    assert spelt.value == pytest.approx(ratio, abs=0.0005)
    assert words.floor is not None and words.floor < 0.02


def test_sounds_of_words(real: Sources) -> None:
    """In ASJP's classes of sounds: Galician is nearest, Mandarin no nearer than chance."""
    found = {code: asjp_ldnd(real, "pt", code) for code in ("gl", "it", "fr", "de", "zh")}
    values = [found[code].value for code in found]
    assert values == sorted(value for value in values if value is not None)
    assert found["zh"].low is not None and found["zh"].high is not None and found["zh"].low < 1 < found["zh"].high
