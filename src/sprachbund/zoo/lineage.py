"""Who was started from whom, in a zoo and beyond it: by hashes; by names where nobody has the model any more."""

from collections.abc import Mapping
from dataclasses import dataclass

from sprachbund.lab.card import Origin
from sprachbund.zoo.index import Entry, Index, Tombstone, by_hash

__all__ = ["Link", "heirs", "known_as", "links"]


@dataclass(frozen=True)
class Link:
    """A model and one that it was started from.

    Attributes:
        heir: in the zoo. start: what it was called by its heir. found: what the zoo has of it, a model or a stone; None
            where it never was here.
    """

    heir: Entry
    start: Origin
    found: Entry | Tombstone | None

    @property
    def called(self) -> str:
        """The start as the zoo calls it, else as its heir does."""
        return self.start.name if self.found is None else f"{self.found.name}@{self.found.version}"


def links(index: Index) -> list[Link]:
    """All of a zoo, in the order of the heirs."""
    known = _known(index)
    return [Link(heir, start, known.get(start.sha256)) for heir in index.models for start in heir.card.started_from]


def heirs(index: Index, model: Entry | Tombstone) -> list[Entry]:
    """The models that were started from one, each once; another model of the same files may stand for it."""
    others = [each for each in index.models if each is not model]
    if any(each.sha256 == model.sha256 for each in others):
        return []
    return list({each.heir.called: each.heir for each in links(index) if each.found == model}.values())


def known_as(index: Index, origin: Origin) -> str:
    """A start as the zoo calls it, else as its heir does."""
    found = _known(index).get(origin.sha256)
    return origin.name if found is None else f"{found.name}@{found.version}"


def _known(index: Index) -> Mapping[str, Entry | Tombstone]:
    """By hash; what is there goes before what was removed."""
    return {**by_hash(index.removed), **by_hash(index.models)}
