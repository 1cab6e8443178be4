"""Sound to text over HTTP: the recognisers of a service, and the route by which callers use them.

A minute of sound costs a thousand times what a search does. So threads of their own hear, which no search waits for;
they take a piece of at most 20 seconds at a time, in turn among callers, so that nobody waits for all of another's
sound. It is decoded from memory: nothing of it is written to a disk, kept, or logged.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI, Request, Response

from sprachbund import languages
from sprachbund.errors import SettingsError, SourceError
from sprachbund.service import schemas
from sprachbund.service.description import documented
from sprachbund.service.limits import CHANNELS, RATE, SoundLimits
from sprachbund.service.parsing import JSON, check_sound_kind, read_query
from sprachbund.service.problems import Problem
from sprachbund.service.room import caller_of
from sprachbund.service.workers import Hurry, Workers, while_there

if TYPE_CHECKING:
    from sprachbund.arrays import Float32
    from sprachbund.speech.recogniser.greedy import Word
    from sprachbund.speech.transcribing import Hearing, Transcript

PATH = "/transcribe"
DECODING = 2.0
"""What it costs to decode a recording, beside a second of it to hear, which costs 1."""
KINDS = {"json": JSON, "text": "text/plain; charset=utf-8", "srt": "text/plain; charset=utf-8", "vtt": "text/vtt"}
Turn = Callable[[Callable[[Hurry], Any], float], Awaitable[Any]]
"""Runs a piece of work that costs so much when it is the caller's turn."""


def open_recognisers(folders: Sequence[Path]) -> "dict[str, Hearing]":
    """Recognisers by the languages that they hear, each used once: what is compiled at first use no caller pays.

    Raises:
        FolderError: a folder holds none. SettingsError: two are of one language. MissingExtraError: what they need
            is not installed.
    """
    import numpy as np

    from sprachbund.speech import extra
    from sprachbund.speech.transcribing import Hearing, opened, usual_beam

    found: dict[str, Hearing] = {}
    named: dict[str, Path] = {}
    for folder in folders:
        recogniser, graph = opened(folder)
        hearing = Hearing(recogniser, usual_beam(recogniser), graph=graph)
        for code in recogniser.languages:
            if code in found:
                raise SettingsError(f"{named[code]} and {folder} are both recognisers of {code}; give one of them")
            found[code], named[code] = hearing, folder
        for needed in (extra.soundfile, extra.soxr):
            needed()
        rate = recogniser.settings.features.sampling_rate
        hearing.words(np.random.default_rng(0).uniform(-0.5, 0.5, rate).astype(np.float32))
    return dict(sorted(found.items()))


def add_transcribe(app: FastAPI, hearings: "Mapping[str, Hearing]", listeners: Workers, limits: SoundLimits) -> None:
    """The route that hears."""

    @app.post(PATH, **documented(schemas.TranscribeAnswer, query=schemas.TranscribeRequest, sound=True))
    async def transcribe(request: Request) -> Response:
        """What is said in a file of sound (wav, flac, ogg, opus, mp3), whose bytes are the body."""
        check_sound_kind(request.headers)
        asked = read_query(request.query_params.multi_items(), schemas.TranscribeRequest)
        language = chosen(asked.language, tuple(hearings))
        by = time.monotonic() + limits.seconds

        async def turn(task: Callable[[Hurry], Any], cost: float) -> Any:
            return await listeners.run(task, by, cost, *caller_of(request.scope))

        sound = await request.body()
        found = await while_there(request, transcript_of(hearings[language], sound, limits.longest, turn))
        app.state.metrics.heard.inc(found.seconds)
        return Response(answer(found, language, asked.format), media_type=KINDS[asked.format])


def chosen(asked: str, have: tuple[str, ...]) -> str:
    """The language of a recording, by code or name.

    Raises:
        Problem: there is no recogniser of it, or nobody says which of several.
    """
    if not asked and len(have) == 1:
        return have[0]
    found = languages.one_of(asked, have) if asked else None
    if found is None:
        raise Problem(422, f"language: expected one of {', '.join(have)}, found {asked or 'none'}", "language")
    return found


async def transcript_of(hearing: "Hearing", sound: bytes, longest: float, turn: Turn) -> "Transcript":
    """What is said in a file, a piece in each turn.

    Raises:
        Problem: it is no sound that can be read, or is too long.
    """
    from sprachbund.speech.transcribing import Transcript

    rate = hearing.recogniser.settings.features.sampling_rate
    words: list[Word] = []
    seconds = 0.0
    for offset, samples in await turn(partial(pieces, sound, rate, longest), DECODING):
        words += await turn(partial(_hear, hearing, samples, offset), len(samples) / rate)
        seconds = offset + len(samples) / rate
    return Transcript(tuple(words), round(seconds, 3))


def pieces(sound: bytes, rate: int, longest: float, hurry: Hurry) -> "list[tuple[float, Float32]]":
    """The pieces of a file, all decoded.

    Raises:
        Problem: it is no sound that can be read, or is too long; says what to do.
    """
    from sprachbund.speech.pauses import pieces_in
    from sprachbund.speech.sound import name_of, opened

    if not sound:
        raise Problem(422, "expected the bytes of a file of sound, found an empty body")
    found: list[tuple[float, Float32]] = []
    status = 415  # of another kind; where it can be opened it is damaged
    try:
        with opened(sound) as handle:
            status = 422
            if handle.channels > CHANNELS or handle.samplerate > RATE:
                have = f"{handle.channels} channels of {handle.samplerate:,} samples a second"
                raise Problem(422, f"expected at most {CHANNELS} channels of {RATE:,} samples a second, found {have}")
            for offset, samples in pieces_in(handle, name_of(sound), rate):
                hurry()
                # a tenth of a second is what resampling may add
                if offset + len(samples) / rate > longest + 0.1:
                    raise Problem(
                        422, f"the sound is longer than {longest:g} s; send a part of it, or write it down with "
                        "sprachbund speech transcribe, which takes any length",
                    )  # fmt: skip
                found.append((offset, samples))
    except SourceError as error:  # about the bytes alone: it knows nothing of this machine
        raise Problem(status, str(error)) from None
    if not found:
        raise Problem(422, "the sound has no samples; was anything recorded?")
    return found


def _hear(hearing: "Hearing", samples: "Float32", offset: float, _: Hurry) -> "list[Word]":
    return hearing.words(samples, offset)


def answer(found: "Transcript", language: str, form: str) -> bytes:
    """What was heard, in a form."""
    from sprachbund.speech.transcribing import written

    if form != "json":
        return written(found, form).encode()
    return orjson.dumps({"language": language, **found.to_dict(), "srt": written(found, "srt")})
