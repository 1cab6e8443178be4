"""Words and n-grams that two languages share as they are written, and cognates that were learned."""

from collections import Counter
from pathlib import Path

import pytest

from sprachbund.corpus.ingest import ingest
from sprachbund.neighbours import overlap
from sprachbund.neighbours.frequencies import frequent_words, listed_languages, words_of_both
from sprachbund.neighbours.learned import share_of
from sprachbund.neighbours.scripts import script_of
from sprachbund.neighbours.sources import Sources, open_sources


@pytest.fixture
def lists(tmp_path: Path) -> Sources:
    """A thousand words each: pt and es share the first 500, ru is in another script, gl is too short."""
    folder = tmp_path / "freq"
    folder.mkdir()
    words = ["".join(chr(97 + (number // 26**place) % 26) for place in range(3)) + "ba" for number in range(2_000)]
    for code, chosen in (("pt", words[:1_000]), ("es", words[500:1_500]), ("gl", words[:10])):
        (folder / f"{code}.20k.txt").write_text("\n".join(f"{word} {3 if code == 'pt' else 1}" for word in chosen))
    (folder / "ru_50k.txt").write_text("\n".join(word.translate(TO_CYRILLIC) + " 2" for word in words[:1_000]))
    (folder / "ze_en.20k.txt").write_text("a 1\n")
    return open_sources(tmp_path, tmp_path / "features")


TO_CYRILLIC = {97 + place: 0x430 + place for place in range(26)}


def test_shares() -> None:
    """By hand."""
    assert overlap.type_overlap({"a", "b"}, {"b", "c"}) == 1 / 3 and overlap.type_overlap(set(), set()) is None
    assert overlap.token_coverage({"a": 3, "b": 1}, {"a": 9}) == 3 / 4 and overlap.token_coverage({}, {"a": 1}) is None
    assert overlap.grams_of("casa") == ["<cas", "casa", "asa>"] and overlap.grams_of("a") == ["<a>"]


def test_grams_of_many_words_are_those_of_each() -> None:
    """Counted at once and one by one, with short words and letters beyond the first plane."""
    words = ["casa", "a", "\U0001f600ab", "água", "casas", ""]
    assert overlap.gram_counts(words) == Counter(gram for word in words for gram in overlap.grams_of(word))
    assert list(overlap.gram_counts(words)) == sorted(overlap.gram_counts(words))
    assert overlap.gram_counts([]) == {}
    many = ["".join(map(chr, range(0x20000, 0x30001))), "ab"]  # more letters than 16 bits count
    assert overlap.gram_counts(many) == Counter(gram for word in many for gram in overlap.grams_of(word))


def test_overlap_of_lists(lists: Sources) -> None:
    """500 of 1,500 words; half of the running words; the scripts named where they differ."""
    assert overlap.words(lists, "pt", "es").value == pytest.approx(500 / 1500)
    assert overlap.directed(lists, "pt", "es").value == pytest.approx(0.5)
    assert 0 < (overlap.jaccard_of_grams(lists, "pt", "es").value or 0) < 1
    assert overlap.jaccard_of_grams(lists, "pt", "pt").value == pytest.approx(1)
    apart = overlap.words(lists, "pt", "ru")
    assert apart.value == 0 and apart.parts["scripts"] == ["Latin", "Cyrillic"]
    assert overlap.words(lists, "pt", "gl").parts["lacking"] == "FrequencyWords has 10 words of gl, too few"


def test_lists_as_they_come(tmp_path: Path) -> None:
    """Composed, lower case and summed; numbers, dashes and broken lines are no words; a list's name is its language."""
    (tmp_path / "freq").mkdir()
    path = tmp_path / "freq" / "pt.20k.txt"
    path.write_text('Na\u0303o 3\nn\u00e3o 4\n- 9\n12 9\n"quoted" 1\nbroken\nword x\nguarda-chuva 2\n')
    found = frequent_words(open_sources(tmp_path, tmp_path / "features"), "pt")
    assert found is not None and found[0].rows() == [("n\u00e3o", 7), ("guarda-chuva", 2)]
    (tmp_path / "freq" / "zh_cn.20k.txt").write_text("的 3\n")
    assert listed_languages(open_sources(tmp_path)) == ["pt", "zh"]
    chinese = frequent_words(open_sources(tmp_path, tmp_path / "features"), "zh")
    assert chinese is not None and chinese[0]["word"].to_list() == ["的"]


def test_scripts() -> None:
    """Of most letters."""
    assert [script_of(text) for text in ("casa", "маленький a", "小狗", "12 !")] == ["Latin", "Cyrillic", "Cjk", ""]


def test_learned_cognates_see_through_sound_change(real: Sources) -> None:
    """More than half of Portuguese words have one in Spanish, hardly any in Finnish; examples are not spelt alike."""
    spanish, finnish = share_of(real, "pt", "es"), share_of(real, "pt", "fi")
    assert spanish.value is not None and finnish.value is not None
    assert spanish.value > 0.5 and finnish.value < 0.1
    assert all(left != right for left, right, _ in spanish.parts["examples"])


def test_frequent_words_of_the_real_lists(real: Sources) -> None:
    """Galician shares most with Portuguese, then Spanish; the unrelated hardly anything."""
    found = {code: overlap.words(real, "pt", code).value or 0 for code in ("gl", "es", "it", "tr")}
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found["es"] > 4 * found["tr"]


def test_packaged_lists(tmp_path: Path) -> None:
    """Without any folder the installed package has lists, also where asking it word by word would fail (Japanese)."""
    pytest.importorskip("wordfreq")
    bare = open_sources(tmp_path)
    for code in ("pt", "ja", "no"):
        found = frequent_words(bare, code)
        assert found is not None and found[1] == "wordfreq" and found[0].height > 5_000
    assert frequent_words(bare, "gl") is None and "no" in listed_languages(bare)


def test_two_languages_are_read_from_one_kind_of_text(lists: Sources, tmp_path: Path) -> None:
    """The corpus is read where it has both; else published lists of both, for novels are no subtitles."""
    texts = tmp_path / "texts"
    texts.mkdir()
    for code, text in (("pt", "A casa tem água. " * 5), ("es", "La casa tiene agua. " * 5)):
        (texts / f"{code}.txt").write_text(text)
        ingest([texts / f"{code}.txt"], tmp_path / "corpus", language=code)
    sources = open_sources(lists.data, tmp_path / "features", tmp_path / "corpus")
    found = [each[1] for each in words_of_both(sources, "pt", "es") if each is not None]
    assert found == ["your corpus", "your corpus"]
    found = [each[1] for each in words_of_both(sources, "pt", "ru") if each is not None]
    assert found == ["FrequencyWords", "FrequencyWords"]
    assert overlap.words(sources, "pt", "es").parts["lacking"] == "your corpus has 4 words of pt, too few"
