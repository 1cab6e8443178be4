"""The settings of language models: of their n-grams here, of their neural part in `neural.settings`."""

from dataclasses import dataclass
from typing import Any, get_args

from sprachbund.corpus.placing import Split
from sprachbund.corpus.splits import DEFAULT_SHARES
from sprachbund.errors import SettingsError
from sprachbund.lm.neural.settings import SIZES, NeuralSettings, Precision, settings_of
from sprachbund.lm.ngram.model import MOST_ORDER

__all__ = ["NONE", "LmSettings", "neural_settings"]

NONE = "none"
"""The size of a model without a neural part."""


@dataclass(frozen=True)
class LmSettings:
    """What decides a language model, but its text and its seed.

    Attributes:
        order: characters of the longest n-gram; 0: what is best on dev, from 4 to 10.
        neighbour_order: the same of neighbours' n-grams.
        size: of the neural part: ``small`` or ``medium`` (see `neural.settings`); ``none`` for n-grams alone, which
            take no torch.
        minutes: of neural training at most; 0 for no limit.
        rate, dropout, epochs: of the neural part; 0 (dropout: below 0) for what its size says.
        precision: of the neural part while it learns, ``bf16`` or ``float32``; "" for what its size says.
        characters: of each language's training text at most; 0 for all. target_characters: of those that are judged.
        cognates: whether neighbours' text is respelled by learned cognates (and dictionaries, where they are given).
        shares, split_seed: of the documents' groups that train, choose and judge, see `corpus.splits`.
    """

    order: int = 0
    neighbour_order: int = 8
    size: str = "small"
    minutes: float = 0.0
    rate: float = 0.0
    dropout: float = -1.0
    epochs: float = 0.0
    precision: str = ""
    characters: int = 0
    target_characters: int = 0
    cognates: bool = True
    shares: tuple[float, float, float] = DEFAULT_SHARES
    split_seed: int = 0

    @property
    def split(self) -> Split:
        """As `corpus.placing` takes it."""
        return Split(self.shares, self.split_seed)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            SettingsError: names the setting, its value and what is allowed.
        """
        rules = [
            (0 <= self.order <= MOST_ORDER, "order", f"from 1 to {MOST_ORDER}, or 0 for what dev says"),
            (1 <= self.neighbour_order <= MOST_ORDER, "neighbour_order", f"from 1 to {MOST_ORDER}"),
            (self.size in (NONE, *SIZES), "size", f"{', '.join(SIZES)} or {NONE}"),
            (self.minutes >= 0, "minutes", "at least 0 (0 for no limit)"),
            (0 <= self.rate < 1, "rate", "above 0 and below 1, or 0 for what the size says"),
            (self.dropout < 1, "dropout", "from 0 to below 1, or below 0 for what the size says"),
            (self.epochs >= 0, "epochs", "at least 0 (0 scales them with the text)"),
            (self.precision in ("", *get_args(Precision)), "precision", " or ".join(get_args(Precision))),
            (self.characters >= 0, "characters", "at least 0 (0 for all)"),
            (self.target_characters >= 0, "target_characters", "at least 0 (0 for all)"),
        ]
        for holds, name, allowed in rules:
            if not holds:
                raise SettingsError(f"{name} must be {allowed}, found {getattr(self, name)}")


def neural_settings(settings: LmSettings) -> NeuralSettings | None:
    """Those of the neural part; None where there is to be none."""
    if settings.size == NONE:
        return None
    given: dict[str, Any] = {"minutes": settings.minutes}
    given |= {"precision": settings.precision} if settings.precision else {}
    given |= {"rate": settings.rate} if settings.rate else {}
    given |= {"dropout": settings.dropout} if settings.dropout >= 0 else {}
    given |= {"epochs": settings.epochs} if settings.epochs else {}
    return settings_of(settings.size, **given)
