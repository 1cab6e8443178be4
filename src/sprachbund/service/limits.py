"""What the service allows a caller: how much, how many at once, how long.

The figures are those that servers of embeddings usually ship with: 512 requests at once, 2 MB a body, 32 texts a
request. What a request may hold (texts, k, characters) is part of its schema and fixed; what the machine can bear
is a setting.
"""

from dataclasses import dataclass

from sprachbund.errors import SettingsError
from sprachbund.machine import cpu_count

TEXTS = 32
"""Texts in one request."""
MOST = 1_000
"""Hits that one search may ask for."""
EXPLAINED = 100
"""Hits of a search that also says why: each costs as much as a search."""
QUERY = 10_000
"""Characters (code points) of a query."""
TEXT = 100_000
"""Characters of a text to encode."""
NGRAM = 200
"""Characters of a word whose neighbours are asked for."""
NEIGHBOURS = 100
"""Neighbours of a word."""
COLUMNS, NAME, VALUE, DATE = 16, 100, 2_000, 40
"""Columns of a filter, and the characters of a name, of a value and of a date."""
KEY = 2_000
"""Characters of the key of a document."""
PASSAGES, READ = 200, 500_000
"""Passages of a document in one answer, and their characters, which the last of them may pass."""


@dataclass(frozen=True)
class Limits:
    """What the machine can bear.

    Attributes:
        concurrent: requests in flight, those that wait for a processor included; more are answered with 429.
        body: bytes of a request's body; more are answered with 413.
        seconds: for one request from its head to its last byte, reading and waiting included; then 503.
        workers: threads that search and encode; 0 for one a processor.
        cost: of one request, see `cost`; more is answered with 422.
    """

    concurrent: int = 512
    body: int = 2_000_000
    seconds: float = 10.0
    workers: int = 0
    cost: float = 2_000.0

    @property
    def threads(self) -> int:
        """The threads that search and encode."""
        return self.workers or cpu_count()

    def check(self) -> "Limits":
        """The same limits.

        Raises:
            SettingsError: one is outside what can work.
        """
        for name, least in (("concurrent", 1), ("body", 1_000), ("workers", 0)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be at least {least:,}, found {getattr(self, name):,}")
        if not self.cost >= 100:
            raise SettingsError(f"cost must be at least 100, found {self.cost:g}")
        if not 0 < self.seconds <= 3_600:
            raise SettingsError(f"seconds must be above 0 and at most 3,600, found {self.seconds:g}")
        return self
