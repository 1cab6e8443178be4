"""Studies that nobody ran."""

from pathlib import Path

import pytest
from handmade import ARMS, AROUND_ARMS, AROUND_COMPARED, COMPARED, STRATEGIES, TEXT, write_small, write_study

from sprachbund.retrieval.declared import DECLARATION


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Of retrieval, a folder with all five files: better, worse, no difference, too few and leaking languages."""
    return write_study(tmp_path / "study")


@pytest.fixture
def around_study(tmp_path: Path) -> Path:
    """The same with the arms that count the text around a candidate."""
    return write_study(tmp_path / "study", (*ARMS, *AROUND_ARMS), (*COMPARED, *AROUND_COMPARED))


@pytest.fixture
def text_study(tmp_path: Path) -> Path:
    """Of models of text, where lower is better: pooling makes en 8% better, uk 5% worse, tr neither."""
    values = {
        "en": {"alone": 2.0, "pooled": 1.84, "bytes": 4.0},
        "uk": {"alone": 1.9, "pooled": 1.995, "bytes": 4.0},
        "tr": {"alone": 2.1, "pooled": 2.1, "bytes": 4.0},
        "fa": {"alone": 3.0, "pooled": 2.0, "bytes": 4.0},
    }
    return write_small(tmp_path / "text", TEXT, values, few=("fa",))


STRATEGY_VALUES = {
    "es": (2.0, 1.9, None, None, None),
    "pt": (2.0, 1.9, 1.8, 1.96, 1.7),
    "gl": (2.0, 1.8, 1.9, 2.0, 2.2),
    "tr": (2.0, 2.1, 2.0, 2.0, 2.0),
}
"""By language: alone, pooled, continued:es, rows:es, frozen:es; Spanish does not begin from itself."""


def _by_arm(values: tuple[float | None, ...]) -> dict[str, float]:
    return {arm: value for arm, value in zip(STRATEGIES, values, strict=True) if value is not None}


@pytest.fixture
def strategy_study(tmp_path: Path) -> Path:
    """Of models of text: several strategies, several of which help."""
    values = {language: _by_arm(values) for language, values in STRATEGY_VALUES.items()}
    return write_small(tmp_path / "strategies", TEXT, values)


@pytest.fixture
def searching_strategies(tmp_path: Path) -> Path:
    """Of retrieval: the same numbers turned round, and a part of the entire search, where nothing differs."""
    values = {}
    for language, numbers in STRATEGY_VALUES.items():
        arms = {arm: 1 / value for arm, value in _by_arm(numbers).items()}
        values[language] = arms | {f"whole-{arm}": 0.8 for arm in arms} | {"bm25": 0.4, "bm25-around": 0.5}
    return write_small(tmp_path / "searching", DECLARATION, values, items=4000)
