"""Fetching goes on where it was cut, believes only the published checksum, and takes no page for a file."""

import errno
import hashlib
import json
import random
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror import PAGE, Fault, Mirror, mirror
from sprachbund.corpus.remote import fetch as fetching
from sprachbund.corpus.remote import web
from sprachbund.corpus.remote.fetch import fetch, require_space
from sprachbund.corpus.remote.names import RemoteFile
from sprachbund.corpus.remote.part import Part, opened
from sprachbund.corpus.remote.settings import Remote
from sprachbund.errors import CapacityError, FolderError, SourceError

DATA = b"BZh9" + random.Random(3).randbytes(300_000)
PATH = "/bnwiki/20240501/file.xml.bz2"


@pytest.fixture
def site() -> Iterator[Mirror]:
    """A server with one file."""
    with mirror() as made:
        made.files[PATH] = DATA
        yield made


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited between tries."""
    waited: list[float] = []
    monkeypatch.setattr(web.time, "sleep", waited.append)
    return waited


def described(site: Mirror, size: int | None = len(DATA), digest: str = "", path: str = PATH) -> RemoteFile:
    digest = digest or hashlib.sha1(DATA).hexdigest()
    return RemoteFile("wikipedia:bn/file", site.base + path, "wikipedia/file.xml.bz2", size, "sha1", digest, "bn")


def state_of(file: RemoteFile, checksum: str = "") -> str:
    """What stands beside a part."""
    return json.dumps({"url": file.url, "checksum": checksum or file.checksum})


def got(file: RemoteFile, folder: Path, seen: list[int] | None = None, timeout: float = 10) -> bytes:
    """Fetch, and see that nothing but the file is left."""
    target = folder / file.place
    fetch(file, target, Remote(timeout=timeout), (seen if seen is not None else []).append)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    return target.read_bytes()


def refused(file: RemoteFile, folder: Path, match: str) -> None:
    """Fetch in vain: the error says so, and nothing stands under the name of the file."""
    with pytest.raises(SourceError, match=match) as caught:
        fetch(file, folder / file.place, Remote(timeout=10), lambda position: None)
    assert "\n" not in str(caught.value) and file.url in str(caught.value)
    assert not (folder / file.place).exists()


def test_a_file_comes_whole_and_only_once(site: Mirror, tmp_path: Path) -> None:
    """Its bytes, told as they come; a second fetch asks the server nothing; a damaged file is fetched again."""
    seen: list[int] = []
    file = described(site)
    assert got(file, tmp_path, seen) == DATA
    assert seen == sorted(seen) and seen[-1] == len(DATA)
    assert got(file, tmp_path) == DATA
    assert len(site.gets(PATH)) == 1
    assert site.gets(PATH)[0]["user-agent"].startswith("sprachbund/")
    (tmp_path / file.place).write_bytes(DATA[:-1] + b"!")
    assert got(file, tmp_path) == DATA
    assert len(site.gets(PATH)) == 2


def test_a_cut_connection_goes_on_by_range(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """Three cuts and a stop: each request asks for what is missing, of the same state of the file."""
    site.faults[PATH] = [Fault(cut=1_000), Fault(cut=50_000), Fault(cut=100_000), Fault(cut=0)]
    assert got(described(site), tmp_path) == DATA
    etag = f'"{hashlib.md5(DATA).hexdigest()}"'
    assert site.ranges(PATH) == [None, "bytes=1000-", "bytes=51000-", "bytes=151000-", "bytes=151000-"]
    assert [headers.get("if-range") for headers in site.gets(PATH)] == [None, etag, etag, etag, etag]
    assert pauses == [1, 1, 1, 2]


def test_more_cuts_than_tries_are_no_end_while_bytes_come(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """Nine cuts after some bytes each: progress starts the count anew."""
    site.faults[PATH] = [Fault(cut=10_000) for _ in range(9)]
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH)[-1] == "bytes=90000-" and len(pauses) == 9


def test_three_tries_without_a_byte_are_the_end_and_the_part_stays(
    site: Mirror, tmp_path: Path, pauses: list[float]
) -> None:
    """The error says where the part lies; the next call goes on from it, after hashing what is there."""
    site.faults[PATH] = [Fault(cut=70_000), Fault(cut=0), Fault(cut=0)]
    file = described(site)
    refused(file, tmp_path, r"230,004 bytes before the end, 3 times in a row; .* what has come lies in .*bz2\.part")
    assert (tmp_path / f"{file.place}.part").read_bytes() == DATA[:70_000]
    seen: list[int] = []
    assert got(file, tmp_path, seen) == DATA
    assert site.ranges(PATH) == [None, "bytes=70000-", "bytes=70000-", "bytes=70000-"]
    assert seen[0] == 70_000


def test_a_stall_is_given_up_and_goes_on(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """Nothing comes for the time limit (half a second here): the next request asks for the rest."""
    site.faults[PATH] = [Fault(stall=40_000)]
    started = time.monotonic()
    assert got(described(site), tmp_path, timeout=0.5) == DATA
    assert time.monotonic() - started < 50, "the server is silent for a minute"
    assert site.ranges(PATH) == [None, "bytes=40000-"]


def test_the_time_limit_is_15_seconds_and_the_tries_are_three() -> None:
    """What a person gets who sets nothing."""
    assert (Remote().timeout, Remote().tries, Remote().pause) == (15, 3, 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_passes_is_waited_for(site: Mirror, tmp_path: Path, pauses: list[float], status: int) -> None:
    """Twice, as long as the server asks, at most a minute."""
    site.faults[PATH] = [Fault(status, {"Retry-After": "7"}), Fault(status, {"Retry-After": "86400"})]
    assert got(described(site), tmp_path) == DATA
    assert pauses == [7, 60]
    site.faults[PATH] = [Fault(status)] * 3
    (tmp_path / described(site).place).unlink()
    refused(described(site), tmp_path, f"the server answers {status}, 3 times in a row")


def test_retry_after_may_be_a_date() -> None:
    """A date that is over is no wait; what is neither number nor date is not heeded."""
    assert web._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert web._retry_after("Wed, 21 Oct 2195 07:28:00 GMT") > 1e9  # type: ignore[operator]
    assert (web._retry_after("12"), web._retry_after("soon"), web._retry_after("")) == (12, None, None)


def test_nobody_listens(tmp_path: Path, pauses: list[float]) -> None:
    """A server that is gone: three tries, and the reason."""
    with mirror() as gone:
        file = described(gone)
    refused(file, tmp_path, "connection refused, 3 times in a row")
    assert pauses == [1, 2]


def test_a_server_that_ignores_range_sends_it_from_the_start(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """200 where 206 was asked for: what is there is dropped, not doubled."""
    site.faults[PATH] = [Fault(cut=90_000), Fault(whole=True, cut=20_000), Fault(whole=True)]
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH) == [None, "bytes=90000-", "bytes=20000-"]
    assert pauses == [1, 2], "20,000 bytes are less than there were before"


def test_a_server_that_always_starts_anew_and_never_ends_is_left(
    site: Mirror, tmp_path: Path, pauses: list[float]
) -> None:
    """Bytes that were there before are no progress."""
    site.faults[PATH] = [Fault(whole=True, cut=20_000) for _ in range(40)]
    refused(described(site), tmp_path, "3 times in a row")
    assert len(site.gets(PATH)) == 3


def test_a_file_that_changed_between_two_tries(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """Another ETag: with If-Range the server sends all of it; one that heeds only Range is found out by its ETag."""
    site.etags[PATH] = '"old"'
    site.faults[PATH] = [Fault(cut=90_000), Fault(cut=0)]
    file = described(site)
    wrong = b"BZh9" + bytes(len(DATA) - 4)
    site.files[PATH] = wrong
    refused_once(site, file, tmp_path)
    site.files[PATH], site.etags[PATH] = DATA, '"new"'
    assert got(file, tmp_path) == DATA
    assert site.ranges(PATH)[-1] == "bytes=90000-" and site.gets(PATH)[-1]["if-range"] == '"old"'

    (tmp_path / file.place).unlink()
    site.files[PATH], site.etags[PATH] = wrong, 'W/"old"'
    refused_once(site, file, tmp_path)
    site.files[PATH], site.etags[PATH] = DATA, 'W/"new"'
    before = len(site.gets(PATH))
    pauses.clear()
    assert got(file, tmp_path) == DATA
    assert pauses == [1], "found out by the headers, not by the checksum at the end"
    assert site.ranges(PATH)[before:] == ["bytes=90000-", None]
    assert "if-range" not in site.gets(PATH)[before]


@pytest.mark.parametrize("span", ["bytes 4000-300003/300004", "bytes 5000-300003/400000", "nonsense"])
def test_a_range_that_was_not_asked_for(site: Mirror, tmp_path: Path, pauses: list[float], span: str) -> None:
    """A part from elsewhere, or of a file of another length: from the start again, at once."""
    site.faults[PATH] = [Fault(cut=5_000), Fault(headers={"Content-Range": span})]
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH) == [None, "bytes=5000-", None]
    assert pauses == [1, 2]


def refused_once(site: Mirror, file: RemoteFile, folder: Path) -> None:
    """Leave a part of 90,000 bytes."""
    site.faults[PATH] = [Fault(cut=90_000), Fault(503), Fault(503)]
    refused(file, folder, "3 times in a row")
    assert (folder / f"{file.place}.part").stat().st_size == 90_000


def test_without_an_etag_the_date_of_the_file_is_what_must_be_the_same(
    site: Mirror, tmp_path: Path, pauses: list[float]
) -> None:
    """Last-Modified in If-Range; with neither, the range is asked for all the same: the checksum decides."""
    site.etags[PATH] = None
    site.dates[PATH] = "Wed, 01 May 2024 00:00:00 GMT"
    site.faults[PATH] = [Fault(cut=5_000)]
    assert got(described(site), tmp_path) == DATA
    assert site.gets(PATH)[-1]["if-range"] == site.dates.pop(PATH)
    (tmp_path / described(site).place).unlink()
    site.faults[PATH] = [Fault(cut=5_000)]
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH)[-1] == "bytes=5000-" and "if-range" not in site.gets(PATH)[-1]


def test_a_part_of_something_else_is_dropped(site: Mirror, tmp_path: Path) -> None:
    """A part without its state, of another checksum, or longer than the file: the fetch begins at the start."""
    file = described(site)
    part = tmp_path / f"{file.place}.part"
    part.parent.mkdir()
    for text in (None, "{", "[]", '{"url": "u", "checksum": "c"}', state_of(file, "sha1:0")):
        part.write_bytes(DATA[:5_000])
        if text is not None:
            part.with_name(f"{part.name}.json").write_text(text)
        assert got(file, tmp_path) == DATA
        (tmp_path / file.place).unlink()
    part.write_bytes(DATA + b"more")
    part.with_name(f"{part.name}.json").write_text(state_of(file))
    assert got(file, tmp_path) == DATA
    assert set(site.ranges(PATH)) == {None} and len(site.gets(PATH)) == 6
    (tmp_path / file.place).unlink()
    part.write_bytes(DATA)
    part.with_name(f"{part.name}.json").write_text(state_of(file))
    assert got(file, tmp_path) == DATA
    assert len(site.gets(PATH)) == 6, "a whole part needs no request"


def test_a_range_that_the_server_does_not_have(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """416: the file of unknown length was whole already, or the part is of another one and is dropped."""
    file = described(site, size=None)
    site.faults[PATH] = [Fault(cut=len(DATA), extra=b"")]  # no length announced: the end is the end of the connection
    assert got(file, tmp_path) == DATA
    part = tmp_path / f"{file.place}.part"
    (tmp_path / file.place).rename(part)
    part.with_name(f"{part.name}.json").write_text(state_of(file))
    assert got(file, tmp_path) == DATA
    assert site.ranges(PATH) == [None, f"bytes={len(DATA)}-"]
    site.faults[PATH] = [Fault(cut=100), Fault(416)]
    (tmp_path / file.place).unlink()
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH)[2:] == [None, "bytes=100-", None]


def test_a_wrong_checksum_is_tried_once_more_then_told(site: Mirror, tmp_path: Path) -> None:
    """Bytes that went wrong once are made good; bytes that stay wrong are named and not kept."""
    part = tmp_path / f"{described(site).place}.part"
    part.parent.mkdir()
    part.write_bytes(b"BZh9" + bytes(996))
    part.with_name(f"{part.name}.json").write_text(state_of(described(site)))
    assert got(described(site), tmp_path) == DATA
    assert site.ranges(PATH) == ["bytes=1000-", None]
    (tmp_path / described(site).place).unlink()
    found = hashlib.sha1(DATA).hexdigest()
    refused(described(site, digest="ab" * 20), tmp_path, f"expected the sha1 checksum {'ab' * 20}, found {found}")
    assert site.ranges(PATH)[2:] == [None, None]
    assert list(part.parent.iterdir()) == []


def test_a_page_in_place_of_the_file_is_refused_at_once(site: Mirror, tmp_path: Path) -> None:
    """By its Content-Type, or by its first bytes; after a cut too, when the part is kept."""
    message = "expected bzip2, found an HTML page"
    file = described(site)
    site.faults[PATH] = [Fault(200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)]
    refused(file, tmp_path, message)
    site.faults[PATH] = [Fault(200, {"Content-Type": "application/octet-stream"}, b"\n " + PAGE)]
    refused(file, tmp_path, message)
    assert len(site.gets(PATH)) == 2
    site.faults[PATH] = [Fault(cut=90_000), Fault(200, {"Content-Type": "text/html"}, PAGE)]
    refused(file, tmp_path, message)
    assert got(file, tmp_path) == DATA
    assert site.ranges(PATH)[-1] == "bytes=90000-"


def test_bytes_of_another_kind_are_refused_before_all_have_come(site: Mirror, tmp_path: Path) -> None:
    """What is called bz2 begins as bzip2 does."""
    site.files[PATH] = b"PK\x03\x04" + DATA[4:]
    refused(described(site), tmp_path, r"expected bzip2, found a file that begins with b'PK")


def test_more_than_announced_is_refused(site: Mirror, tmp_path: Path) -> None:
    """A body without a length that does not end, or a length that is not that of the listing."""
    site.faults[PATH] = [Fault(extra=b"x" * 10)]
    refused(described(site), tmp_path, "expected 300,004 bytes, found more")
    site.files[PATH] = DATA + b"x"
    refused(described(site), tmp_path, "expected 300,004 bytes, the server announces 300,005")
    assert len(site.gets(PATH)) == 2
    assert (tmp_path / f"{described(site).place}.part").stat().st_size == 0


def test_less_than_expected_is_no_file(site: Mirror, tmp_path: Path, pauses: list[float]) -> None:
    """A file that is shorter on the server than in the listing never becomes whole."""
    site.files[PATH] = DATA[:-5]
    refused(described(site), tmp_path, "3 times in a row")


@pytest.mark.parametrize(
    ("status", "match"),
    [(404, r"nothing there \(404\)"), (403, r"refuses it \(403\)"), (418, "expected the answer 200, found 418")],
)
def test_other_answers_are_the_end_at_once(site: Mirror, tmp_path: Path, status: int, match: str) -> None:
    """No second try changes them."""
    site.faults[PATH] = [Fault(status)]
    refused(described(site), tmp_path, match)
    assert len(site.gets(PATH)) == 1


def test_redirects_are_followed_five_times(site: Mirror, tmp_path: Path) -> None:
    """Relative and absolute ones, with the range; a sixth is too many."""
    for number in range(6):
        there = f"/hop{number + 1}" if number % 2 else f"{site.base}/hop{number + 1}"
        site.faults[f"/hop{number}"] = [Fault(302 if number % 2 else 307, {"Location": there})] * 2
    site.files["/hop5"] = site.files["/hop6"] = DATA
    site.faults["/hop5"] = [Fault(cut=1_000)]
    assert got(described(site, path="/hop0"), tmp_path) == DATA
    assert site.ranges("/hop5") == [None, "bytes=1000-"]
    for number in range(6):
        site.faults[f"/hop{number}"] = [Fault(301, {"Location": f"/hop{number + 1}"})]
    (tmp_path / described(site).place).unlink()
    refused(described(site, path="/hop0"), tmp_path, "redirected more than 5 times")
    site.faults[PATH] = [Fault(302, {"Location": PATH})] * 9
    refused(described(site), tmp_path, "redirected more than 5 times")


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "", "http://me:secret@127.0.0.1/x"]
)
def test_redirects_that_are_not_followed(site: Mirror, tmp_path: Path, place: str) -> None:
    """Other schemes, nowhere, and addresses with a password, which the message does not hold."""
    site.faults[PATH] = [Fault(302, {"Location": place})]
    with pytest.raises(SourceError, match="which is not followed") as caught:
        fetch(described(site), tmp_path / "x", Remote(), lambda position: None)
    assert "secret" not in str(caught.value)


def test_https_never_leads_to_http() -> None:
    """The other way it may."""
    with pytest.raises(SourceError, match="from https to http"):
        web._redirected("https://a.org/x", "https://a.org/x", "http://a.org/y")
    assert web._redirected("http://a.org/x", "http://a.org/x", "https://b.org/y z") == "https://b.org/y%20z"


def test_a_token_goes_to_its_origin_alone(site: Mirror, tmp_path: Path) -> None:
    """Not to another port, and not along a redirect; and it stands in no text of the settings."""
    with mirror() as other:
        other.files["/elsewhere"] = DATA
        settings = Remote(hf_base=site.base, token="hf_secret")
        site.faults[PATH] = [Fault(302, {"Location": f"{other.base}/elsewhere"})]
        fetch(described(site), tmp_path / "x", settings, lambda position: None)
        assert site.gets(PATH)[0]["authorization"] == "Bearer hf_secret"
        assert "authorization" not in other.gets("/elsewhere")[0]
        fetch(described(other, path="/elsewhere"), tmp_path / "y", settings, lambda position: None)
        assert "authorization" not in other.gets("/elsewhere")[1]
    assert "secret" not in repr(settings)
    assert not web._may_have_token("http://hub.example.org/x", Remote(hf_base="http://hub.example.org"))
    assert web._may_have_token("https://hub.example.org:443/x", Remote(hf_base="https://hub.example.org"))
    assert not web._may_have_token("https://hub.example.org.evil.org/x", Remote(hf_base="https://hub.example.org"))
    assert not web._may_have_token("https://hub.example.org/x", Remote(hf_base="https://hub.example.org:port"))


def test_disk_space_is_checked_first(site: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files together with what stays free; what is there, whole or in part, is not counted."""
    usage = namedtuple("usage", "total used free")
    one, other = described(site), described(site)
    targets = [(one, tmp_path / "a" / "one"), (other, tmp_path / "b" / "other")]
    margin = fetching.LEAST_FREE
    free = margin + 2 * len(DATA)
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda path: usage(1 << 40, 0, free))
    require_space(targets)
    free -= 1
    with pytest.raises(
        CapacityError, match=f"{margin + 600_008:,} bytes are needed .*{free:,} are free; .*--downloads"
    ):
        require_space(targets)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.part").write_bytes(DATA[:1])
    require_space(targets)
    free = margin + len(DATA)
    (tmp_path / "a" / "one").write_bytes(DATA)
    require_space(targets)
    free = 0
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "other").write_bytes(DATA)
    require_space(targets)


def test_a_disk_that_fills_up(site: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came stays; the message has how far it came."""
    file = described(site)
    part = tmp_path / "x.part"

    class Full:
        def __init__(self, handle: object) -> None:
            self.handle = handle

        def __getattr__(self, name: str) -> object:
            return getattr(self.handle, name)

        def write(self, piece: memoryview) -> int:
            room = 100_000 - self.handle.tell()  # type: ignore[attr-defined]
            if not room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.handle.write(piece[:room])  # type: ignore[attr-defined, no-any-return]

    init = Part.__init__

    def small(self: Part, file: RemoteFile, handle: object, *more: object) -> None:
        init(self, file, Full(handle), *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Part, "__init__", small)
    with pytest.raises(CapacityError, match=r"x\.part: the disk is full after [\d,]+ bytes of 300,004"):
        fetch(file, tmp_path / "x", Remote(), lambda position: None)
    monkeypatch.undo()
    assert part.read_bytes() == DATA[:100_000]
    fetch(file, tmp_path / "x", Remote(), lambda position: None)
    assert (tmp_path / "x").read_bytes() == DATA
    assert site.ranges(PATH) == [None, "bytes=100000-"]


def test_two_processes_do_not_write_one_part(site: Mirror, tmp_path: Path) -> None:
    """The second is told, and changes nothing."""
    with opened(tmp_path / "x.part") as handle:
        handle.write(b"mine")
        with pytest.raises(FolderError, match="another process is fetching this file"):
            fetch(described(site), tmp_path / "x", Remote(), lambda position: None)
    assert (tmp_path / "x.part").read_bytes() == b"mine" and site.requests == []
