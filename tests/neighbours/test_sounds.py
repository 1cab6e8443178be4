"""Text to sounds, and how alike two languages sound."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund import espeak
from sprachbund.neighbours.articulation import Articulation, articulation, nearest_distances, to_sampa
from sprachbund.neighbours.lexicons import file_of, name_of, phones_in, read_ipa_dict, read_lexicon, read_wikipron
from sprachbund.neighbours.phones import EDGE, Phones, bigrams_of, phones_of
from sprachbund.neighbours.sounding import articulation_of, bigram_divergence, divergence, transport
from sprachbund.neighbours.sources import Sources, open_sources

FEATURES = """ipa,syl,nas,voi
a,+,-,+
a\u0303,+,+,+
p,-,-,-
b,-,-,+
"""
WEIGHTS = "syl,nas,voi\n2,1,1\n"


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """Two languages with a lexicon and a list of words each, and four sounds with three features; no eSpeak NG."""
    monkeypatch.setattr(espeak, "_library", lambda: None)
    data = tmp_path / "data"
    for name in ("wikipron", "ipa", "freq", "panphon"):
        (data / name).mkdir(parents=True)
    (data / "panphon" / "ipa_all.csv").write_text(FEATURES)
    (data / "panphon" / "feature_weights.csv").write_text(WEIGHTS)
    (data / "wikipron" / "por_latn_bz_broad.tsv").write_text("ap\ta p\npa\tp a\n")
    (data / "ipa" / "es.txt").write_text("ap\t/ˈap/, /ab/\npa\t/ba/\nxx\t\n")
    (data / "freq" / "pt.20k.txt").write_text("ap 3000\npa 1000\nzz 1000\n")
    (data / "freq" / "es.20k.txt").write_text("ap 3000\npa 1000\n")
    return open_sources(data, tmp_path / "features")


def test_what_espeak_writes() -> None:
    """Stress and tone are no sounds; words that another voice had to read are counted and left out."""
    assert espeak.parsed("k_ˈa_ʃ_ˈo_x_ʊ p_ˌe") == ([["k", "a", "ʃ", "o", "x", "ʊ"], ["p", "e"]], 0)
    assert espeak.parsed("ɕ_j_ɑu2 (en)d_ˈɒ_ɡ k_æ_t(cmn) ou2") == ([["ɕ", "j", "ɑu"], ["ou"]], 2)
    assert espeak.parsed("") == ([], 0) and espeak.parsed("a\u0303") == ([["\u00e3"]], 0)


def test_lexicons() -> None:
    """The first pronunciation of several; a letter with its marks is one phone; other lines are left out."""
    assert read_wikipron(["Aba\ta b ɐ\n", "aba\ta b a\n", "broken\n", "x\t\n"]) == {"aba": ("a", "b", "ɐ")}
    assert read_ipa_dict(["a\t/a.ˈba/, /b/\n"]) == {"a": ("a", "b", "a")}
    assert phones_in("ˈsĩːt͡ʃʰ") == ("s", "\u0129ː", "t", "ʃʰ") and phones_in("/ʔa˥/") == ("ʔ", "a")
    assert list(bigrams_of(["a", "b"])) == [(EDGE, "a"), ("a", "b"), ("b", EDGE)]


def test_divergence() -> None:
    """Nothing for the same, one bit for nothing in common, by hand between them."""
    half, one, other = np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert divergence(half, half) == 0 and divergence(one, other) == 1
    assert divergence(one, half) == pytest.approx(0.3113, abs=1e-4)  # H(3/4, 1/4) - (0 + 1) / 2


def test_bigrams_by_frequency(spoken: Sources) -> None:
    """By hand: pt is #a ap p# 3 to 1 #p pa a#; es has ba in place of pa; a fifth of the words of pt is unknown."""
    found = phones_of(spoken, "pt")
    assert found is not None and found.coverage == pytest.approx(4 / 5)
    assert found.phones() == {"a": 0.5, "p": 0.5} and found.source == "FrequencyWords, WikiPron por_latn_bz_broad"
    value = bigram_divergence(spoken, "pt", "es")
    # of either, #p pa against #b ba are 2/12 of what is said; nothing else differs
    assert value.value == pytest.approx(2 / 12) and value.coverage == pytest.approx(4 / 5)
    assert bigram_divergence(spoken, "pt", "de").parts["lacking"] == "no voice or lexicon of de"


def test_articulation(spoken: Sources) -> None:
    """By hand: p to b differs in voicing, a quarter of the weight; an eighth of what is said has to become b."""
    table = articulation(spoken)
    assert table.distances(["p", "a"], ["b", "ã"]) == pytest.approx(np.array([[0.25, 1.0], [0.5, 0.25]]))
    assert np.isnan(table.distances(["ǃ"], ["b"])).all()
    assert articulation_of(spoken, "pt", "es").value == pytest.approx(0.25 / 8)
    assert articulation_of(spoken, "pt", "es").parts["changes"][0][:2] == ["p", "b"]


def test_nearest() -> None:
    """Of each row and of each column; unknown ones have none."""
    rows, columns = nearest_distances(np.array([[0.2, 0.1], [np.nan, np.nan]]))
    assert rows[0] == 0.1 and np.isnan(rows[1]) and columns.tolist() == [0.2, 0.1]


def test_transport() -> None:
    """Half of the first has to go to the second, at 3; the prices tell what a distribution nearby costs."""
    costs = np.array([[0.0, 3.0], [3.0, 0.0]])
    value, moved, here, there = transport(np.array([1.0, 0.0]), np.array([0.5, 0.5]), costs)
    assert value == pytest.approx(1.5) and moved == pytest.approx(np.array([[0.5, 0.5], [0, 0]]))
    nearby = np.array([1.0, 0.0]) @ here + np.array([0.6, 0.4]) @ there
    assert nearby == pytest.approx(1.2)


def test_intervals_hold_the_value(spoken: Sources) -> None:
    """Of a text in forty groups."""
    rng = np.random.default_rng(0)
    bigrams = ((EDGE, "a"), ("a", EDGE), (EDGE, "p"), ("p", EDGE))
    for code in ("pt", "es"):
        spoken.kept["phones", code] = Phones(bigrams, rng.poisson(20, (40, 4)).astype(float), "text", 1.0)
    value = bigram_divergence(spoken, "pt", "es")
    assert value.value is not None and value.low is not None and value.high is not None
    assert 0 <= value.low <= value.value <= value.high


def test_sampa() -> None:
    """By the tables of SAMPA itself; a nasal vowel is its vowel with a tilde."""
    pytest.importorskip("panphon")
    assert [to_sampa(phone) for phone in ("ʃ", "ɲ", "ʎ", "ð", "ɐ", "ɾ", "õ")] == ["S", "J", "L", "D", "6", "4", "o~"]
    assert to_sampa("\u2603") is None


def test_portuguese_sounds(real: Sources) -> None:
    """As a pilot found on parallel text: Italian, Spanish, French, then English and German, as no inventory says."""
    if not espeak.is_there():
        pytest.skip("eSpeak NG is not installed")
    pilot = {"it": 0.406, "es": 0.482, "fr": 0.497, "en": 0.625, "de": 0.686}
    found = {code: bigram_divergence(real, "pt", code).value or 0 for code in pilot}
    assert list(found.values()) == sorted(found.values())
    assert all(abs(found[code] - expected) < 0.11 for code, expected in pilot.items())
    moved = {code: articulation_of(real, "pt", code).value or 0 for code in ("es", "it", "en", "de")}
    assert max(moved["es"], moved["it"]) < min(moved["en"], moved["de"])
    path = file_of(real, "gl")
    assert path is not None and name_of(path) == "WikiPron glg_latn_broad" and len(read_lexicon(path)) > 1_000


def test_unknown_sounds_are_read_by_their_beginning() -> None:
    """A diphthong as its first vowel, an unknown mark as nothing."""
    table = Articulation({"a": np.array([1.0])}, np.array([1.0]))
    assert table.features("a\u032f\u2603") is not None and table.features("x") is None
