"""What the service allows a caller: how much, how many at once, how long.

The figures are those that servers of embeddings usually ship with: 512 requests at once, 2 MB a body, 32 texts a
request. What a request may hold (texts, k, characters) is part of its schema and fixed; what the machine can bear
is a setting.
"""

from dataclasses import dataclass, field

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

CHANNELS, RATE = 8, 192_000
"""Of sound to transcribe, and its samples a second; a file may say that it has more than anybody records."""


@dataclass(frozen=True)
class SoundLimits:
    """What callers may send to be transcribed; it costs a thousand times what a search does, and has room of its own.

    Attributes:
        concurrent: recordings in flight, up to twice as many in all; more are answered with 429.
        body: bytes of a recording; more are answered with 413. 32 MB are five minutes as a microphone gives them.
        seconds: for the request, from its head to its last byte; then 503.
        longest: seconds of sound; more is answered with 422.
    """

    concurrent: int = 4
    body: int = 32_000_000
    seconds: float = 120.0
    longest: float = 300.0


@dataclass(frozen=True)
class Limits:
    """What the machine can bear.

    Attributes:
        concurrent: requests in flight, those that wait for a processor included; more are answered with 429.
        body: bytes of a request's body; more are answered with 413.
        seconds: for one request from its head to its last byte, reading and waiting included; then 503.
        workers: threads that search and encode; 0 for one a processor.
        cost: of one request, see `cost`; more is answered with 422.
        sound: of recordings to transcribe.
    """

    concurrent: int = 512
    body: int = 2_000_000
    seconds: float = 10.0
    workers: int = 0
    cost: float = 2_000.0
    sound: SoundLimits = field(default_factory=SoundLimits)

    @property
    def threads(self) -> int:
        """The threads that search and encode."""
        return self.workers or cpu_count()

    @property
    def listeners(self) -> int:
        """The threads that hear recordings, beside these: so few that searches have most of the processors."""
        return max(1, self.threads // 2)

    def check(self) -> "Limits":
        """The same limits.

        Raises:
            SettingsError: one is outside what can work.
        """
        sound = self.sound
        for name, found, least in (
            ("concurrent", self.concurrent, 1), ("body", self.body, 1_000), ("workers", self.workers, 0),
            ("sound.concurrent", sound.concurrent, 1), ("sound.body", sound.body, 1_000),
        ):  # fmt: skip
            if found < least:
                raise SettingsError(f"{name} must be at least {least:,}, found {found:,}")
        if not self.cost >= 100:
            raise SettingsError(f"cost must be at least 100, found {self.cost:g}")
        for name, seconds in (
            ("seconds", self.seconds), ("sound.seconds", sound.seconds), ("sound.longest", sound.longest)
        ):  # fmt: skip
            if not 0 < seconds <= 3_600:
                raise SettingsError(f"{name} must be above 0 and at most 3,600, found {seconds:g}")
        return self
