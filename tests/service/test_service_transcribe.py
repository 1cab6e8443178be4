"""Sound to text over HTTP: what is heard, what is refused in which words, and that nobody waits for another's sound."""

import asyncio
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from fuzzing import described, fuzz
from made_speech import RATE, noise, say
from schemathesis import GenerationMode
from stand_in import StandIn
from starlette.testclient import TestClient
from talking import PATIENCE, server, stand_in_app, talk

from sprachbund.errors import FolderError, SettingsError
from sprachbund.service import schemas
from sprachbund.service.limits import Limits, SoundLimits
from sprachbund.service.transcribe import open_recognisers
from sprachbund.speech.recogniser.greedy import Word
from sprachbund.speech.recogniser.saved import read_recogniser, write_recogniser
from sprachbund.speech.transcribing import Hearing, written

BYTES = {"content-type": "application/octet-stream"}
SAID = "ebo mab oem"


def sound(samples: Any, rate: int = RATE, kind: str = "WAV", **options: str) -> bytes:
    """The bytes of a file of sound."""
    whole = io.BytesIO()
    soundfile.write(whole, samples, rate, format=kind, **options)
    return whole.getvalue()


def hear(client: TestClient, content: bytes, query: str = "", kind: str = BYTES["content-type"]) -> httpx.Response:
    """An answer to some bytes."""
    return client.post(f"/transcribe{query}", content=content, headers={"content-type": kind})


def told(answer: httpx.Response) -> tuple[int, str]:
    """The status and the message of an error."""
    return answer.status_code, answer.json()["error"]["message"]


@pytest.fixture(scope="module")
def hearing(recogniser: Path) -> Hearing:
    """The recogniser in use."""
    return open_recognisers([recogniser])["pt"]


@pytest.fixture(scope="module")
def caller(hearing: Hearing) -> Iterator[TestClient]:
    """A caller of a service with a recogniser of Portuguese."""
    app = stand_in_app(StandIn(), hearings={"pt": hearing})
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("rate", "channels", "kind", "options"),
    [
        (8_000, 1, "WAV", {"subtype": "PCM_16"}),
        (8_000, 1, "WAV", {"subtype": "PCM_U8"}),
        (48_000, 2, "WAV", {"subtype": "FLOAT"}),
        (22_050, 5, "FLAC", {"subtype": "PCM_24"}),
        (48_000, 1, "OGG", {"subtype": "OPUS"}),
        (44_100, 2, "MP3", {}),
    ],
)
def test_a_sound_is_written_down(
    caller: TestClient, hearing: Hearing, tmp_path: Path, rate: int, channels: int, kind: str, options: dict[str, str]
) -> None:
    """As the same file by `speech transcribe`: its words with times and confidence, and its subtitles."""
    content = sound(np.repeat(say(SAID, rate=rate, seed=4)[:, None], channels, 1), rate, kind, **options)
    answer = hear(caller, content)
    assert answer.status_code == 200, answer.text
    found = schemas.TranscribeAnswer.model_validate(answer.json())
    (tmp_path / "x.txt").write_bytes(content)  # what it is called says nothing
    alone = hearing.transcribe(tmp_path / "x.txt")
    assert answer.json() == {"language": "pt", **alone.to_dict(), "srt": written(alone, "srt")}
    assert found.text.split()[1] == "mab" and len(found.words) == 3


def test_a_transcript_has_other_forms(caller: TestClient, hearing: Hearing) -> None:
    """The text alone, and subtitles as the command writes them."""
    content = sound(say(SAID, seed=4))
    whole = hear(caller, content).json()
    kinds = {form: hear(caller, content, f"?format={form}") for form in ("text", "srt", "vtt")}
    assert kinds["text"].text == f"{whole['text']}\n" and kinds["srt"].text == whole["srt"]
    assert kinds["vtt"].text.startswith("WEBVTT\n\n00:00:0")
    assert [answer.headers["content-type"].partition(";")[0] for answer in kinds.values()] == [
        "text/plain", "text/plain", "text/vtt"
    ]  # fmt: skip


def test_a_long_sound_is_heard_in_pieces_with_its_own_times(caller: TestClient) -> None:
    """Three quarters of a minute: the last word has the time at which it was said; silence has no words."""
    samples = say(" ".join([SAID] * 32))
    found = hear(caller, sound(samples)).json()
    assert 40 < len(samples) / RATE < 60 and found["seconds"] == pytest.approx(len(samples) / RATE, abs=0.01)
    starts = [word["start"] for word in found["words"]]
    assert starts == sorted(starts) and starts[0] < 0.3 and starts[-1] == pytest.approx(found["seconds"] - 0.5, abs=0.2)
    assert found["text"].count("mab") >= 28
    silent = hear(caller, sound(np.zeros(290 * RATE, np.int16), kind="FLAC")).json()
    assert (silent["text"], silent["words"], silent["seconds"], silent["srt"]) == ("", [], 290.0, "")


FILM = b"\0\0\0\x18ftypmp42" + bytes(100)
LARGE = sound(noise(1.0))
WRONG = {
    "nothing": (b"", 422, "found an empty body"),
    "a text": (b"no sound at all, whatever it is called", 415, "no sound that can be read"),
    "a film": (FILM, 415, "a film or a container that is not read (mp4, m4a, webm); convert it"),
    "webm": (b"\x1aE\xdf\xa3" + bytes(100), 415, "a film or a container"),
    "an archive": (b"PK\x03\x04" + bytes(100), 415, "an archive; unpack it first"),
    "no samples": (sound(np.zeros(0)), 422, "the sound has no samples"),
    "a head alone": (sound(noise(1.0), kind="FLAC")[:40], 415, "no sound that can be read"),
    "half of it": (sound(noise(1.0), kind="FLAC")[:8_000], 422, "the sound: damaged, it cannot be read on"),
    "no numbers": (sound(np.full(800, np.nan, np.float32), subtype="FLOAT"), 422, "samples that are no numbers"),
    "nine channels": (
        sound(np.zeros((80, 9))),
        422,
        "at most 8 channels of 192,000 samples a second, found 9 channels",
    ),
    "too fast": (sound(np.zeros(80), 384_000), 422, "found 1 channels of 384,000"),
    "an hour of silence": (sound(np.zeros(3600 * RATE, np.int16), kind="FLAC"), 422, "longer than 300 s; send a part"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_heard_is_told(caller: TestClient, kind: str) -> None:
    """With what it is and what to do; the next is heard."""
    content, status, message = WRONG[kind]
    found = told(hear(caller, content))
    assert found[0] == status and message in found[1], found
    assert "/" not in found[1] and "0x" not in found[1]
    assert hear(caller, sound(say("mab"))).json()["text"] == "mab"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("audio/wav", 200), ("Audio/X-Any; a=b", 200), ("text/plain", 415), ("multipart/form-data", 415), ("", 415),
     ("application/json", 415)],
)  # fmt: skip
def test_a_form_of_another_site_cannot_send_sound(caller: TestClient, kind: str, status: int) -> None:
    """Only kinds for which a browser asks first."""
    answer = hear(caller, sound(say("mab")), kind=kind)
    assert answer.status_code == status
    if status != 200:
        assert told(answer)[1].startswith("expected the content type application/octet-stream or one of audio")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?language=xx", "language: expected one of pt, found xx"),
        ("?language=es", "language: expected one of pt, found es"),
        (f"?language={'x' * 36}", "language: String should have at most 35 characters"),
        ("?format=pdf", "format: Input should be 'json', 'text', 'srt' or 'vtt'"),
        ("?format=srt&format=vtt", "format: expected one value, found several"),
        ("?lang=pt", "lang: Extra inputs"),
    ],
)
def test_parameters_that_are_wrong(caller: TestClient, query: str, message: str) -> None:
    """Before anything is heard."""
    status, found = told(hear(caller, sound(say("mab")), query))
    assert status == 422 and found.startswith(message)


def test_of_several_languages_one_must_be_named(hearing: Hearing) -> None:
    """By code or name; /info has them."""
    app = stand_in_app(StandIn(), hearings={"es": hearing, "pt": hearing})
    with TestClient(app, base_url="http://localhost") as client:
        assert told(hear(client, LARGE)) == (422, "language: expected one of es, pt, found none")
        named = {
            query: hear(client, LARGE, f"?language={query}").json()["language"] for query in ("es", "PT", "Spanish")
        }
        info = client.get("/info").json()
    assert named == {"es": "es", "PT": "pt", "Spanish": "es"}
    assert [language["name"] for language in info["recognisers"]] == ["Spanish", "Portuguese"]
    assert (info["limits"]["sound_body"], info["limits"]["sound_longest"]) == (32_000_000, 300)


def test_without_a_recogniser_nothing_listens(caller: TestClient) -> None:
    """No route, and no site may have the microphone, this one neither; with one it may, and play what was said."""
    with TestClient(stand_in_app(StandIn()), base_url="http://localhost") as deaf:
        assert hear(deaf, LARGE).status_code == 404
        assert deaf.get("/info").json()["recognisers"] == []
        without, paths = deaf.get("/").headers, deaf.get("/openapi.json").json()["paths"]
    heard = caller.get("/").headers
    assert "microphone=()" in without["permissions-policy"] and "microphone=(self)" in heard["permissions-policy"]
    assert "blob:" not in without["content-security-policy"]
    assert heard["content-security-policy"] == without["content-security-policy"] + "; media-src 'self' blob:"
    assert "/transcribe" not in paths and "/transcribe" in caller.get("/openapi.json").json()["paths"]


def test_sound_has_limits_of_its_own(hearing: Hearing) -> None:
    """413 by its own size, which is not that of other bodies; 422 by its own length."""
    limits = Limits(body=2_000, workers=2, sound=SoundLimits(body=20_000, longest=1.0))
    with TestClient(stand_in_app(StandIn(), limits, hearings={"pt": hearing}), base_url="http://localhost") as client:
        assert told(hear(client, LARGE + bytes(10_000))) == (413, "a body may have 20,000 bytes, found 26,044")
        assert hear(client, LARGE).status_code == 200
        assert "longer than 1 s" in told(hear(client, sound(noise(1.2))))[1]
        assert client.post("/search", json={"query": "x" * 2_000}).status_code == 413


def test_what_was_heard_is_counted_and_not_logged(caller: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Seconds of sound in the metrics, beside the requests of the route; no word of it in the log."""
    before = caller.get("/metrics").text
    caplog.set_level("DEBUG", "sprachbund")
    seconds = hear(caller, sound(say(SAID, seed=4))).json()["seconds"]
    after = caller.get("/metrics").text

    def value(text: str) -> float:
        return next(
            float(row.split()[1]) for row in text.splitlines() if row.startswith("sprachbund_heard_seconds_total")
        )

    assert value(after) - value(before) == pytest.approx(seconds)
    assert 'sprachbund_requests_total{route="/transcribe",status="200"}' in after
    assert caplog.text == ""


def test_recognisers_that_cannot_be_served(recogniser: Path, tmp_path: Path) -> None:
    """Two of one language, a folder that is none."""
    write_recogniser(read_recogniser(recogniser), tmp_path / "again")
    with pytest.raises(SettingsError, match="are both recognisers of pt; give one of them"):
        open_recognisers([recogniser, tmp_path / "again"])
    with pytest.raises(FolderError):
        open_recognisers([tmp_path / "none"])
    write_recogniser(replace(read_recogniser(recogniser), languages=("es", "gl")), tmp_path / "both")
    assert list(open_recognisers([recogniser, tmp_path / "both"])) == ["es", "gl", "pt"]


@pytest.mark.parametrize("sound_limits", [{"body": 10}, {"concurrent": 0}, {"seconds": 0}, {"longest": 4_000}])
def test_limits_of_sound_that_cannot_work(sound_limits: dict[str, Any]) -> None:
    """With the name and the bound."""
    with pytest.raises(SettingsError, match=f"sound.{next(iter(sound_limits))} must be "):
        Limits(sound=SoundLimits(**sound_limits)).check()


@dataclass
class Slow:
    """A hearing that waits at each piece until a test lets it go on.

    Attributes:
        heard: the level of each piece, by which a test knows whose it is.
    """

    free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    heard: list[float] = field(default_factory=list)
    recogniser: Any = field(
        default_factory=lambda: SimpleNamespace(settings=SimpleNamespace(features=SimpleNamespace(sampling_rate=RATE)))
    )

    def words(self, samples: Any, offset: float) -> list[Word]:
        """One word a piece."""
        self.heard.append(round(float(np.abs(samples).max()), 1))
        assert self.free.acquire(timeout=PATIENCE)
        return [Word("mab", offset, offset + 1, 1.0)]


def minute(level: float) -> bytes:
    """A minute of one level: at least three pieces."""
    return sound(np.full(60 * RATE, level, np.float32), subtype="FLOAT")


def test_nobody_waits_for_all_of_anothers_sound() -> None:
    """One caller sends a minute, another comes while its first piece is heard: they take turns; searches go on."""
    slow = Slow()
    app = stand_in_app(StandIn(), Limits(workers=2, seconds=PATIENCE), hearings={"pt": slow})

    async def whole() -> list[Any]:
        def client(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
            return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=BYTES)

        async with app.router.lifespan_context(app), client("192.0.2.1") as first, client("192.0.2.2") as second:
            long = asyncio.create_task(first.post("/transcribe", content=minute(0.1)))
            while not slow.heard:
                await asyncio.sleep(0.001)
            other = asyncio.create_task(second.post("/transcribe", content=minute(0.2)))
            while app.state.gate.own["/transcribe"].room.taken < 2:
                await asyncio.sleep(0.001)
            searched = await first.post("/search", json={"query": "x"}, headers={"content-type": "application/json"})
            for _ in range(20):
                slow.free.release()
            return [searched, await long, await other]

    searched, *heard = asyncio.run(whole())
    assert [answer.status_code for answer in (searched, *heard)] == [200, 200, 200]
    own = slow.heard.count(0.1)
    assert own == slow.heard.count(0.2) >= 3
    assert 0.2 in slow.heard[1:4], slow.heard  # before the first caller has had all
    assert all(answer.json()["text"].split() == ["mab"] * own for answer in heard)


def test_more_recordings_than_may_be_are_told_to_come_again() -> None:
    """429 for the one too many, which is not read; a search is answered meanwhile, and all is well after."""
    slow = Slow()
    limits = Limits(workers=2, sound=SoundLimits(concurrent=1))

    async def conversation(client: httpx.AsyncClient) -> list[int]:
        first = asyncio.create_task(client.post("/transcribe", content=LARGE, headers=BYTES))
        while not slow.heard:
            await asyncio.sleep(0.001)
        found = [
            (await client.post("/transcribe", content=LARGE, headers=BYTES)).status_code,
            (await client.post("/search", json={"query": "x"})).status_code,
        ]
        slow.free.release(2)
        after = await first, await client.post("/transcribe", content=LARGE, headers=BYTES)
        return found + [answer.status_code for answer in after]

    assert talk(stand_in_app(StandIn(), limits, hearings={"pt": slow}), conversation) == [429, 200, 200, 200]


def test_a_recording_that_takes_too_long_is_given_up() -> None:
    """503 when its time is up, and no further piece of it is heard; the time of other requests is their own."""
    slow = Slow()
    limits = Limits(workers=2, sound=SoundLimits(seconds=0.5))

    async def conversation(client: httpx.AsyncClient) -> httpx.Response:
        late = await client.post("/transcribe", content=minute(0.1), headers=BYTES)
        slow.free.release(20)
        assert (await client.post("/search", json={"query": "x"})).status_code == 200
        return late

    answer = talk(stand_in_app(StandIn(), limits, hearings={"pt": slow}), conversation)
    assert told(answer) == (503, "the request took longer than 0.5 s, waiting included")
    assert len(slow.heard) <= 1


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_makes_the_route_fail(recogniser: Path, mode: GenerationMode) -> None:
    """Through a server process: statuses and shapes that the description has, and nothing outside it accepted."""
    with server("stand-in:0", 10.0, 512, recogniser) as (_, address):
        assert fuzz(described(address), "POST", "/transcribe", mode, 30) > 0
        answer = httpx.post(f"{address}/transcribe", content=sound(say(SAID, seed=4)), headers=BYTES, timeout=PATIENCE)
        assert answer.json()["text"].split()[1] == "mab"
