"""Names of sources on the network become files with address, size and published checksum, or an error that helps."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from mirror import DAY, PAGE, Fault, Mirror, mirror
from sprachbund.corpus.remote import settings as remote_settings
from sprachbund.corpus.remote import web
from sprachbund.corpus.remote.names import resolve
from sprachbund.corpus.remote.settings import Remote, from_environment
from sprachbund.errors import LanguageError, SettingsError, SourceError

DATA = b"BZh91AY&SY" + bytes(50)


@pytest.fixture
def site() -> Iterator[Mirror]:
    """An empty server."""
    with mirror() as made:
        yield made


def at(site: Mirror, **more: object) -> Remote:
    return Remote(wikipedia_base=site.base, hf_base=f"{site.base}/", timeout=10, pause=0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "wiki", "code"),
    [
        ("bn", "bn", "bn"),
        ("simple", "simple", "simple"),
        ("zh-min-nan", "zh-min-nan", "zh-min-nan"),
        ("ZH_MIN_NAN", "zh-min-nan", "zh-min-nan"),
        ("be-tarask", "be-x-old", "be-tarask"),
        ("ukr", "uk", "uk"),
    ],
)
def test_the_newest_dump_of_a_wikipedia(site: Mirror, name: str, wiki: str, code: str) -> None:
    """The checksums of `latest` name the dated file: its address, size, SHA-1 and language."""
    path = site.publish_dump(wiki, DATA)
    (file,) = resolve(f"wikipedia:{name}", at(site))
    assert path == f"/{wiki.replace('-', '_')}wiki/{DAY}/{wiki.replace('-', '_')}wiki-{DAY}-pages-articles.xml.bz2"
    assert file.url == site.base + path
    assert file.name == f"wikipedia:{code}/{DAY}/{path.rpartition('/')[2]}"
    assert file.place == f"wikipedia/{path.rpartition('/')[2]}"
    assert (file.size, file.lang) == (len(DATA), code)
    assert file.checksum == f"sha1:{hashlib.sha1(DATA).hexdigest()}"
    assert {method for method, asked, _ in site.requests if asked == path} == {"HEAD"}, "nothing is fetched yet"


def test_a_date_and_an_older_checksum(site: Mirror) -> None:
    """A dated dump is asked for under its date alone; MD5 serves where there is no SHA-1."""
    site.publish_dump("bn", DATA, "20240101", "md5")
    site.publish_dump("bn", DATA + b"x", "20240201")
    (file,) = resolve("wikipedia:bn/20240101", at(site))
    assert file.checksum == f"md5:{hashlib.md5(DATA).hexdigest()}"
    assert not any("latest" in asked for _, asked, _ in site.requests)
    assert resolve("wikipedia:bn/latest", at(site))[0].name.startswith("wikipedia:bn/20240201/")


def test_while_a_dump_is_written_the_one_before_is_taken(site: Mirror) -> None:
    """`latest` lacks the articles, or is not there: the newest listed date that has them."""
    site.publish_dump("bn", DATA, "20240401")
    site.publish_dump("bn", DATA, "20240420")
    site.files["/bnwiki/20240501/bnwiki-20240501-sha1sums.txt"] = b"%040d  bnwiki-20240501-page.sql.gz\n" % 7
    site.files["/bnwiki/latest/bnwiki-latest-sha1sums.txt"] = b"%040d  bnwiki-20240501-page.sql.gz\n" % 7
    dates = ("20240401", "20240420", "20240501", "latest")
    site.files["/bnwiki/"] = "".join(f'<a href="{date}/">{date}/</a>\n' for date in dates).encode()
    site.types["/bnwiki/"] = "text/html"
    assert resolve("wikipedia:bn", at(site))[0].url.endswith("/20240420/bnwiki-20240420-pages-articles.xml.bz2")
    del site.files["/bnwiki/latest/bnwiki-latest-sha1sums.txt"]
    assert resolve("wikipedia:bn", at(site))[0].url.endswith("/20240420/bnwiki-20240420-pages-articles.xml.bz2")
    del site.files["/bnwiki/"]
    with pytest.raises(SourceError, match="no dump of bnwiki of the date latest"):
        resolve("wikipedia:bn", at(site))
    with pytest.raises(SourceError, match=r"lists no checksum of bnwiki-20240501-pages-articles.*name another date"):
        resolve("wikipedia:bn/20240501", at(site))


def test_the_multistream_dump_serves_where_there_is_no_other(site: Mirror) -> None:
    """The same pages; and other files of the same beginning are not taken for it."""
    name = f"enwiki-{DAY}-pages-articles-multistream.xml.bz2"
    digest = "12" * 20
    lines = [
        f"{digest}  {name}",
        f"{'34' * 20}  enwiki-{DAY}-pages-articles-multistream-index.txt.bz2",
        f"{'56' * 20}  enwiki-{DAY}-pages-articles1.xml-p1p41242.bz2",
        f"{'78' * 20}  enwikinews-{DAY}-pages-articles.xml.bz2",
    ]
    site.files[f"/enwiki/{DAY}/enwiki-{DAY}-sha1sums.txt"] = "\n".join(lines).encode()
    site.files[f"/enwiki/{DAY}/{name}"] = DATA
    (file,) = resolve(f"wikipedia:en/{DAY}", at(site))
    assert (file.url, file.digest) == (f"{site.base}/enwiki/{DAY}/{name}", digest)


def test_a_server_without_head_says_no_size(site: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """405: the size is found out with the file."""
    path = site.publish_dump("bn", DATA)
    real = web._ask_once

    def no_head(url: str, settings: Remote, method: str, headers: dict[str, str]) -> object:
        if method == "HEAD":
            site.faults[path] = [Fault(405)]
        return real(url, settings, "GET", headers)

    monkeypatch.setattr(web, "_ask_once", no_head)
    assert resolve("wikipedia:bn", at(site))[0].size is None


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("wikipedia:", "expected wikipedia:LANG or wikipedia:LANG/YYYYMMDD"),
        ("wikipedia:bn/", "expected wikipedia:LANG"),
        ("wikipedia:bn/2024-05-01", "expected wikipedia:LANG"),
        ("wikipedia:bn/20240501/x", "expected wikipedia:LANG"),
        ("wikipedia:tlh", r"no dump of tlhwiki of the date latest at http.*bn, simple, zh-min-nan.*/tlhwiki/ lists"),
        ("wikipedia:bn/20010101", "no dump of bnwiki of the date 20010101"),
        ("hf:", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wikimedia/wikipedia", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wikimedia/wikipedia/", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wikimedia/wikipedia/../x", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wiki media/wikipedia/x", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wikimedia/wikipedia/x@", "expected hf:OWNER/NAME/FOLDER"),
        ("hf:wikimedia/wikipedia/20231101.bn", "no such data set, folder or revision at http"),
    ],
)
def test_names_that_name_nothing(site: Mirror, name: str, match: str) -> None:
    """One line that says how a name looks."""
    with pytest.raises(SourceError, match=match) as caught:
        resolve(name, at(site))
    assert str(caught.value).startswith(f"{name}: ") and "\n" not in str(caught.value)


def test_a_language_that_nobody_knows_is_an_error_without_a_request(site: Mirror) -> None:
    """The nearest codes are said."""
    with pytest.raises(LanguageError, match=r"'bengalli' is no language code .* the nearest are"):
        resolve("wikipedia:bengalli", at(site))
    with pytest.raises(LanguageError):
        resolve("wikipedia:..", at(site))
    assert site.requests == []


def test_a_page_in_place_of_the_listing(site: Mirror) -> None:
    """A network that wants a sign-in answers 200 to everything."""
    for path in ("/bnwiki/latest/bnwiki-latest-sha1sums.txt", "/api/datasets/a/b/tree/main/c?recursive=true"):
        site.files[path] = PAGE
    for name in ("wikipedia:bn", "hf:a/b/c"):
        with pytest.raises(SourceError, match="expected a list of files, found an HTML page"):
            resolve(name, at(site))


def test_the_files_of_a_data_set(site: Mirror) -> None:
    """Parquet and JSON Lines of the folder, by path; SHA-256 of what is in LFS, git's hash of what is not."""
    files = {name: name.encode() for name in ("train-00001.parquet", "train-00000.parquet", "a.jsonl", "b.jsonl.gz")}
    site.publish_set("wikimedia/wikipedia/20231101.bn", files | {"README.md": b"no"}, small=("a.jsonl",))
    found = resolve("hf:wikimedia/wikipedia/20231101.bn", at(site))
    assert [file.name.rpartition("/")[2] for file in found] == sorted(files)
    first, last = found[0], found[-1]
    assert first.checksum == f"git:{hashlib.sha1(b'blob 7' + bytes(1) + b'a.jsonl').hexdigest()}"
    assert last.name == "hf:wikimedia/wikipedia/20231101.bn/train-00001.parquet"
    assert last.url == f"{site.base}/datasets/wikimedia/wikipedia/resolve/main/20231101.bn/train-00001.parquet"
    assert last.place == "hf/wikimedia/wikipedia/main/20231101.bn/train-00001.parquet"
    assert last.checksum == f"sha256:{hashlib.sha256(b'train-00001.parquet').hexdigest()}"
    assert {(file.size, file.lang) for file in found if file.place.endswith(".parquet")} == {(19, "bn")}


def test_a_revision_and_a_listing_of_several_pages(site: Mirror) -> None:
    """A revision is one part of the address; Link leads on, at our base whatever host it names."""
    tree = "/api/datasets/o/n/tree/refs%2Fconvert%2Fparquet/all?recursive=true"
    entry = {"type": "file", "oid": "ab" * 20, "size": 5}
    for number in range(3):
        page = tree + (f"&cursor=c{number}" if number else "")
        site.files[page] = json.dumps([{**entry, "path": f"all/{number}.jsonl"}]).encode()
        link = f"<https://hub.example.org{tree}&cursor=c{number + 1}>"
        site.links[page] = f'{link}; rel="{"next" if number < 2 else "prev"}"'
    found = resolve("hf:o/n/all@refs/convert/parquet", at(site))
    assert [file.name for file in found] == [f"hf:o/n/all/{i}.jsonl@refs/convert/parquet" for i in range(3)]
    assert found[2].url == f"{site.base}/datasets/o/n/resolve/refs%2Fconvert%2Fparquet/all/2.jsonl"
    assert {file.lang for file in found} == {None}


@pytest.mark.parametrize(
    ("entries", "match"),
    [
        ([], "found no such file"),
        ([{"type": "file", "path": "c/readme.md", "oid": "ab" * 20, "size": 5}], "found no such file"),
        ({"error": "x"}, "expected a JSON list of files, found dict"),
        ([{"type": "file", "path": "c/../../../x.jsonl", "oid": "ab" * 20, "size": 5}], "not below c; not fetched"),
        ([{"type": "file", "path": "/c/x.jsonl", "oid": "ab" * 20, "size": 5}], "not below c; not fetched"),
        ([{"type": "file", "path": "d/x.jsonl", "oid": "ab" * 20, "size": 5}], "not below c; not fetched"),
        ([{"type": "file", "path": "c/x.jsonl", "oid": "zz", "size": 5}], "cannot be verified"),
        ([{"type": "file", "path": "c/x.jsonl", "oid": "ab" * 20}], "cannot be verified"),
        (
            [{"type": "file", "path": "c/x.jsonl", "oid": "ab" * 20, "size": 5, "lfs": {"size": 5}}],
            "cannot be verified",
        ),
    ],
)
def test_listings_that_are_not_believed(site: Mirror, entries: object, match: str) -> None:
    """No files, files outside of the folder, files that could not be verified."""
    site.files["/api/datasets/a/b/tree/main/c?recursive=true"] = json.dumps(entries).encode()
    with pytest.raises(SourceError, match=match):
        resolve("hf:a/b/c", at(site))


def test_a_data_set_that_wants_a_token(site: Mirror) -> None:
    """401 says how to give one; the token that is given goes along, and is not in the message."""
    path = "/api/datasets/a/b/tree/main/c?recursive=true"
    site.faults[path] = [Fault(401), Fault(401)]
    with pytest.raises(SourceError, match=r"refuses it \(401\); not there, or it wants a token: set HF_TOKEN"):
        resolve("hf:a/b/c", at(site))
    with pytest.raises(SourceError) as caught:
        resolve("hf:a/b/c", at(site, token="hf_secret"))
    assert "hf_secret" not in str(caught.value)
    assert [headers.get("authorization") for headers in site.gets(path)] == [None, "Bearer hf_secret"]
    with pytest.raises(SettingsError, match="HF_TOKEN: expected printable") as wrong:
        resolve("hf:a/b/c", at(site, token="hf_a\nb"))
    assert "hf_a" not in str(wrong.value)


def test_base_addresses_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given, then our variables, then the hub's own, then the public sites."""
    for name in ("SPRACHBUND_WIKIPEDIA_BASE", "SPRACHBUND_HF_BASE", "HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    found = from_environment()
    assert (found.wikipedia_base, found.hf_base) == ("https://dumps.wikimedia.org", "https://huggingface.co")
    assert found.token is None
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    monkeypatch.setenv("HF_TOKEN", " hf_x ")
    monkeypatch.setenv("SPRACHBUND_WIKIPEDIA_BASE", "https://dumps.example.org/mirror/")
    found = from_environment()
    assert (found.wikipedia_base, found.hf_base) == ("https://dumps.example.org/mirror/", "https://hub.example.org")
    assert found.token == "hf_x"
    monkeypatch.setenv("SPRACHBUND_HF_BASE", "https://ours.example.org")
    assert from_environment().hf_base == "https://ours.example.org"
    assert from_environment(hf_base="http://here").hf_base == "http://here"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "dumps.example.org",
        "file:///srv",
        "ftp://a.org",
        "https://",
        "https://a.org/?x=1",
        "http://a:b",
        "http://a b",
    ],
)
def test_a_base_address_that_is_none(base: str) -> None:
    """Only http and https."""
    with pytest.raises(SettingsError, match="--wikipedia-base: expected an address like"):
        resolve("wikipedia:bn", Remote(wikipedia_base=base))
    assert remote_settings.checked_base("https://a.org:8/x/", "") == "https://a.org:8/x"


def test_a_password_in_a_base_address_is_not_repeated() -> None:
    """It would stand in the manifest."""
    with pytest.raises(SettingsError, match="leave them out") as caught:
        resolve("hf:a/b/c", Remote(hf_base="https://me:secret@hub.example.org"))
    assert "secret" not in str(caught.value)
