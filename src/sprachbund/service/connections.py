"""A connection as the server sees it: uvicorn's, with what that leaves open mended.

uvicorn waits for the head of a request as long as the caller likes, drops a caller who has sent everything and closed
that half of the connection, and answers what is no HTTP in plain text. Over h11, uvicorn's own parser: another may be
installed, and what holds here must not depend on that.

And refusing must cost next to nothing, or the service is busy with it instead of with searches. Where there is no room,
a request that came whole is answered here, before it is parsed (some 20 microseconds instead of 400); and a connection
that was told to come again later is not read until then, or until there is room: a caller who asks again at once,
however often, costs no more. Where more come than can be told at once, as from callers who open a connection for each
request, they wait here first, for room or for the refusal.
"""

import asyncio
from functools import lru_cache

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sprachbund.service.gate import HOLD, State, too_many
from sprachbund.service.metrics import Metrics
from sprachbund.service.problems import Problem, body
from sprachbund.service.refusing import whole_request
from sprachbund.service.room import network

BROKEN = body(Problem(400, "expected an HTTP/1.1 request with a head of at most 64 KB, found something else"), "")


def patient(seconds: float, state: State, metrics: Metrics) -> type[H11Protocol]:
    """The protocol of connections.

    Args:
        seconds: that the head of a request may take. state, metrics: those of the application behind.
    """

    class Patient(H11Protocol):
        _clock: asyncio.TimerHandle | None = None
        _held: asyncio.TimerHandle | None = None
        _early = b""
        _postponed = False
        _caller = ""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._caller = network(str(self.client[0])) if self.client else ""
            self._watch()

        def data_received(self, data: bytes) -> None:
            if self._held is not None:
                self._early += data
                self.flow.pause_reading()
                state.room.wait(self._read_on)
                return
            if state.room.full(self._caller) and self._refuse(data):
                return
            self._postponed = False
            super().data_received(data)
            self._watch()

        def handle_events(self) -> None:
            super().handle_events()
            if self.scope is not None:
                self.scope["extensions"] = {HOLD: self._hold}  # type: ignore[dict-item]

        def eof_received(self) -> bool:  # type: ignore[override]
            if self._early:
                return True
            if self._waiting() or self.cycle.more_body:
                return False
            self.cycle.keep_alive = False
            return True

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            self._stop_holding()
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

        def _refuse(self, data: bytes) -> bool:
            """Answer a whole request with 429, now or when it has waited; whether it was one."""
            fresh = self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE
            path = whole_request(data, metrics.routes) if fresh and not self.conn.trailing_data[0] else None
            if path is None or state.stopping:
                return False
            self._unset_keepalive_if_required()
            if not self._postponed and not state.room.tell_at_once(int(self.loop.time())):
                self._postponed, self._early = True, data
                self._hold()
                state.room.wait(self._read_on)
                return True
            self._postponed = False
            self.transport.write(refusal(path.startswith("/v1/"), state.room.taken, state.room.retry_after()))
            metrics.record(path, 429, 0.0)
            self._hold()
            return True

        def _hold(self) -> None:
            """What comes before the caller was told to come again, or there is room, is kept for then.

            The connection is read until something comes, to see that it ends: most who are refused just leave.
            """
            if self.transport.is_closing() or self._held is not None:
                return
            if not self._waiting() or self.conn.trailing_data[0]:
                self.transport.close()  # more requests came behind it: each would be refused by itself
                return
            self._stop()
            self._unset_keepalive_if_required()
            self._held = self.loop.call_later(state.room.stay_away(), self._read_on)

        def _read_on(self) -> None:
            self._stop_holding()
            if not self.transport.is_closing():
                self.flow.resume_reading()
                self._unset_keepalive_if_required()
                self.timeout_keep_alive_task = self.loop.call_later(
                    self.timeout_keep_alive, self.timeout_keep_alive_handler
                )
                early, self._early = self._early, b""
                if early:
                    self.data_received(early)

        def _stop_holding(self) -> None:
            if self._held is not None:
                self._held.cancel()
                self._held = None
                state.room.forget(self._read_on)

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


@lru_cache(maxsize=1024)
def refusal(openai: bool, taken: int, seconds: int) -> bytes:
    """The whole answer 429, to be read again and again."""
    content = body(too_many(taken, seconds), "/v1/" if openai else "")
    head = (
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\nretry-after: {seconds}\r\n\r\n"
    )
    return head.encode() + content
