"""A connection as the server sees it: uvicorn's, with what that leaves open mended.

uvicorn waits for the head of a request as long as the caller likes, drops a caller who has sent everything and closed
that half of the connection, and answers what is no HTTP in plain text. Over h11, uvicorn's own parser: another may be
installed, and what holds here must not depend on that.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sprachbund.service.problems import Problem, body

BROKEN = body(Problem(400, "expected an HTTP/1.1 request, found something else"), "")


def patient(seconds: float) -> type[H11Protocol]:
    """The protocol of connections that are closed where a head takes longer than ``seconds``."""

    class Patient(H11Protocol):
        _clock: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def eof_received(self) -> bool:  # type: ignore[override]
            if self._waiting() or self.cycle.more_body:
                return False
            self.cycle.keep_alive = False
            return True

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            if not self._waiting():
                # the body of a request that is being answered is broken: nobody answers it any more
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and (self._waiting() or not self._begun()):
                headers = [
                    ("content-type", "application/json"),
                    ("content-length", str(len(BROKEN))),
                    ("connection", "close"),
                ]
                for event in (
                    h11.Response(status_code=400, headers=headers, reason="Bad Request"),
                    h11.Data(data=BROKEN),
                    h11.EndOfMessage(),
                ):
                    self.transport.write(self.conn.send(event) or b"")
            self.transport.close()

        def _waiting(self) -> bool:
            """For the head of a request."""
            return self.cycle is None or bool(self.cycle.response_complete)

        def _begun(self) -> bool:
            """The answer has."""
            return self.cycle is not None and bool(self.cycle.response_started)

        def _watch(self) -> None:
            if not self._waiting():
                self._stop()
            elif self._clock is None:
                self._clock = self.loop.call_later(seconds, self._give_up)

        def _stop(self) -> None:
            if self._clock is not None:
                self._clock.cancel()
                self._clock = None

        def _give_up(self) -> None:
            self._clock = None
            if self._waiting() and not self.transport.is_closing():
                self.transport.close()

    return Patient
