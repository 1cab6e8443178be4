"""A zoo as a reader has it in Python: opened once, then asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sprachbund.lab.card import Card
from sprachbund.progress import Progress
from sprachbund.zoo.finding import Nearness, models_of, near_models
from sprachbund.zoo.getting import bring, read_whole_card
from sprachbund.zoo.index import Entry
from sprachbund.zoo.opening import Opened, open_zoo
from sprachbund.zoo.verifying import Verified, verify_zoo
from sprachbund.zoo.wanting import Wanted, wanted_languages

__all__ = ["Zoo"]


@dataclass(frozen=True)
class Zoo:
    """The models of a folder or an address, as its keeper signed them.

    Attributes:
        opened: what was read; its signature, key and number hold.
    """

    opened: Opened = field(repr=False)

    @staticmethod
    def open(address: Path | str | None = None, key: Path | str | None = None) -> "Zoo":
        """Open a zoo.

        Args:
            address: a folder or http(s)://...; None for that of ``SPRACHBUND_ZOO``.
            key: a file with its keeper's public key; None for the one that is remembered, or the first that is shown.

        Raises:
            FolderError: it is damaged, unsigned, signed by another key, or older than what was seen before.
            SourceError: the server does not answer. SettingsError: it is no address.
            MissingExtraError: cryptography is absent.
        """
        return Zoo(open_zoo(address, key))

    def __repr__(self) -> str:
        return f"Zoo({self.opened.address}, state {self.opened.index.serial}, {len(self):,} models)"

    def __len__(self) -> int:
        return len(self.opened.index.models)

    def models(
        self,
        language: str | None = None,
        kind: str | None = None,
        least: int | None = None,
        most: int | None = None,
        newest: bool = False,
    ) -> list[Entry]:
        """Its models that fit: see `finding.models_of`."""
        return models_of(self.opened.index, language=language, kind=kind, least=least, most=most, newest=newest)

    def near(self, language: str, data: Path | str | None = None) -> Nearness:
        """What it has of the neighbours of a language: see `finding.near_models`."""
        return near_models(self.opened.index.models, language, data=data)

    def card(self, name: str) -> Card:
        """The whole card of a model, with curve and samples; its hash is compared.

        Raises:
            SettingsError: there is no such model. FolderError, SourceError: it is damaged, or cannot be had.
        """
        return read_whole_card(self.opened, self.opened.index.find(name))

    def get(self, name: str, out: Path | str | None = None, progress: Progress | None = None) -> Path:
        """Bring a model to a new folder, and name that: see `getting.bring`."""
        return bring(self.opened, name, out, progress)[1]

    def verify(self, name: str | None = None, progress: Progress | None = None) -> Verified:
        """Compare every file with its hash: see `verifying.verify_zoo`."""
        return verify_zoo(self.opened, name, progress)

    def wanted(
        self,
        languages: Sequence[str] | None = None,
        corpus: Path | str | None = None,
        kind: str | None = None,
        data: Path | str | None = None,
    ) -> list[Wanted]:
        """Languages that a model is wanted for: see `wanting.wanted_languages`."""
        return wanted_languages(self.opened.index, languages=languages, corpus=corpus, kind=kind, data=data)
