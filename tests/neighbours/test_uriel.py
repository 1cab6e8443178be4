"""What handbooks say, and how much of it is missing."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund.errors import MissingDataError
from sprachbund.neighbours import uriel
from sprachbund.neighbours.sources import Sources, open_sources


@pytest.fixture
def handbooks(tmp_path: Path) -> Sources:
    """Two features of syntax and one of phonology, from two handbooks; a family of three branches."""
    folder = tmp_path / "data" / "uriel"
    folder.mkdir(parents=True)
    values = np.array([[[1, 1], [1, -1], [-1, -1]], [[0, 1], [1, 1], [-1, -1]], [[-1, -1], [1, -1], [1, -1]]])
    np.savez(
        folder / "features.npz", feats=np.array(["S_A", "S_B", "P_C"]), langs=np.array(["por", "spa", "deu"]),
        data=values.astype(np.float32), sources=np.array(["ONE", "TWO"]),
    )  # fmt: skip
    family = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]])[:, :, None].astype(np.float32)
    np.savez(
        folder / "family_features.npz", feats=np.array(["F_Indo-European", "F_Romance", "F_Germanic"]),
        langs=np.array(["por", "spa", "deu"]), data=family,
    )  # fmt: skip
    (folder / "urielplus_lang_fam_geo.csv").write_text("code,name,lat,lon\nport1,P,0,0\nspan1,S,0,90\n")
    (folder / "urielplus_uriel_glottocode_map.csv").write_text("X,code,glottocode\n0,por,port1\n1,spa,span1\n")
    return open_sources(tmp_path / "data", tmp_path / "features")


def test_cosine_over_what_is_known() -> None:
    """By hand: (1, 1) against (1, 0) where both are known."""
    value, coverage = uriel.cosine_distance(np.array([1, 1, np.nan, 0]), np.array([1, 0, 1, np.nan]))
    assert value == pytest.approx(1 - 1 / np.sqrt(2)) and coverage == 0.5
    assert uriel.cosine_distance(np.array([1.0, np.nan]), np.array([np.nan, 1.0])) == (None, 0)
    assert uriel.cosine_distance(np.array([0.0]), np.array([1.0])) == (None, 1)


def test_handbooks_that_differ_and_gaps(handbooks: Sources) -> None:
    """Spanish A is 0 and 1, so .5; nothing fills a gap, and coverage says how large it is."""
    value = uriel.syntax(handbooks, "pt", "es")
    assert value.value == pytest.approx(1 - 1.5 / (np.sqrt(2) * np.sqrt(1.25))) and value.coverage == 1
    half = uriel.syntax(handbooks, "es", "de")
    assert half.value == 0 and half.coverage == 0.5
    assert uriel.phonology(handbooks, "pt", "de").parts["lacking"] == "URIEL has no feature of phonology of pt"
    assert uriel.syntax(handbooks, "pt", "fi").parts["lacking"] == "URIEL does not know fi"


def test_families_and_places(handbooks: Sources) -> None:
    """Branches in common from the top; a quarter of the equator."""
    assert uriel.genetic(handbooks, "pt", "es").value == 0
    german = uriel.genetic(handbooks, "pt", "de")
    assert german.value == pytest.approx(1 - 2 * 1 / 4) and german.parts["shared branches"] == ["Indo-European"]
    assert uriel.family_of(handbooks, "pt") == "Indo-European" and uriel.family_of(handbooks, "fi") is None
    assert uriel.places(handbooks, "pt", "es").value == pytest.approx(np.pi / 2 * 6371)
    assert uriel.places(handbooks, "pt", "de").value is None


def test_without_any_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a folder nor the package."""
    monkeypatch.setattr(uriel, "find_spec", lambda name: None)
    with pytest.raises(MissingDataError, match=r"URIEL .* or pip install 'sprachbund\[neighbours\]'"):
        uriel.syntax(open_sources(tmp_path), "pt", "es")


def test_distances_of_the_imputed_table_are_the_published_ones(shared_data: Path) -> None:
    """The formula is lang2vec's: on its predictions it gives what a pilot read there. We do not read them."""
    with np.load(shared_data / "similarity" / "uriel" / "feature_predictions.npz") as read:
        names, codes, values = read["feats"], list(read["langs"]), read["data"][:, :, 0].astype(np.float64)
    expected = {
        "INV_": (0.260, 0.148, 0.179, 0.213, 0.216),
        "P_": (0.157, 0.051, 0.168, 0.095, 0.198),
        "S_": (0.050, 0.038, 0.135, 0.158, 0.194),
    }
    for begin, distances in expected.items():
        chosen = np.char.startswith(names, begin)
        rows = [values[codes.index(code), chosen] for code in ("por", "spa", "ita", "fra", "eng", "deu")]
        found = [uriel.cosine_distance(rows[0], row)[0] for row in rows[1:]]
        assert found == pytest.approx(distances, abs=0.0005)


def test_portuguese_without_imputing(real: Sources) -> None:
    """What handbooks really say: a quarter of syntax is missing, and all of phonology."""
    spanish, english = uriel.syntax(real, "pt", "es"), uriel.syntax(real, "pt", "en")
    assert spanish.value == pytest.approx(0.046, abs=0.0005) and spanish.coverage == pytest.approx(76 / 103)
    assert english.value == pytest.approx(0.130, abs=0.0005)
    assert uriel.phonology(real, "pt", "es").value is None
    assert uriel.family_of(real, "pt") == "Indo-European" and uriel.family_of(real, "eu") != "Indo-European"
    apart = uriel.places(real, "pt", "es").value
    assert apart is not None and 300 < apart < 900
