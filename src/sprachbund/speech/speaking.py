"""A process that says texts by eSpeak NG.

What eSpeak NG says of a text depends on all that its process said before, and nothing sets it back; so equal texts in
equal order want a fresh process to give equal bits. What a voice does to its process is also found out by ours.
"""

import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType

import numpy as np

from sprachbund import espeak
from sprachbund.errors import SourceError
from sprachbund.speech.sound import Sound

__all__ = ["Speaker"]

PATIENCE = 60.0
"""Seconds that a sentence may take."""


class Speaker:
    """Says texts, one after the other, while it is entered."""

    def __enter__(self) -> "Speaker":
        context = get_context("spawn")  # Polars' threads do not survive a fork
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        try:
            self._connection.recv()
        except (EOFError, OSError):
            raise SourceError(
                "the process that speaks could not start: too little memory, or the calling script lacks the guard "
                "`if __name__ == '__main__':` that Python's processes need"
            ) from None
        return self

    def say(self, text: str, manner: espeak.Manner) -> Sound | None:
        """A text as it is said in a manner; None where the voice fails.

        Raises:
            SourceError: the process ended, or hangs.
        """
        try:
            self._connection.send((text, manner))
            if self._connection.poll(PATIENCE):
                said: bytes | None = self._connection.recv_bytes() or None
                if said is None:
                    return None
                return Sound(np.frombuffer(said, np.int16).astype(np.float32) / np.float32(1 << 15), espeak.RATE)
        except (EOFError, OSError):
            pass
        raise SourceError(f"the voice {manner.voice} ended eSpeak NG, or hangs, over {text[:60]!r}; name other voices")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(connection: Connection) -> None:
    """In the process: say what is asked until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection.send(None)
    while True:
        try:
            text, manner = connection.recv()
        except EOFError:  # the parent has gone
            return
        samples = espeak.sound_of(text, manner)
        connection.send_bytes(b"" if samples is None else samples.tobytes())
