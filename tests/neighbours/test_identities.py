"""Under which codes tables have a language."""

import pytest

from sprachbund.errors import LanguageError
from sprachbund.neighbours.identities import alpha3, explained, same_language


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("pt", ("por",)),
        ("no", ("nob", "nor")),
        ("nn", ("nno",)),
        ("zh", ("cmn", "zho")),
        ("yue", ("yue",)),
        ("ar", ("arb", "ara")),
        ("et", ("ekk", "est")),
        ("id", ("ind",)),
        ("ms", ("zsm", "msa")),
        ("sh", ("hbs", "hrv", "srp", "bos")),
        ("sr", ("srp", "hbs", "hrv", "bos")),
        ("simple", ("eng",)),
        ("als", ("gsw",)),
    ],
)
def test_codes_in_turn(code: str, codes: tuple[str, ...]) -> None:
    """What is meant by a macrolanguage first; a member that is another language is never read from its relative."""
    assert alpha3(code) == codes


def test_the_same_language() -> None:
    """Under two codes; Nynorsk is another than what ``no`` means."""
    assert same_language("nb", "no") and same_language("simple", "en") and not same_language("nn", "no")


def test_what_is_meant_is_said() -> None:
    """Of codes that people read in several ways."""
    assert "Bokmål" in explained("no") and "Mandarin" in explained("zh") and explained("pt") == ""
    with pytest.raises(LanguageError, match="nearest are"):
        alpha3("qqzz")
