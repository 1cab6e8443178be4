"""URLs of databases: what is read from them, what is refused, and that no password is shown."""

import pytest

from sprachbund.databases.address import read_address
from sprachbund.errors import SettingsError


def test_the_parts_of_a_url() -> None:
    """The table is ours, the other parameters are the client's; without a table it is `passages`."""
    found = read_address("postgresql://ana:s%40cret@db.example:5433/texts?table=rivers&sslmode=require")
    assert (found.kind, found.table) == ("postgresql", "rivers")
    assert found.shown == "postgresql://ana@db.example:5433/texts, table rivers"
    assert found.url == "postgresql://ana:s%40cret@db.example:5433/texts?sslmode=require"
    options = read_address("postgresql://h/db?options=-c%20a%3Db+c&table=x")
    assert options.url == "postgresql://h/db?options=-c%20a%3Db%2Bc" and options.parameters == {"options": "-c a=b+c"}
    assert read_address("postgres://h1:1,h2:2/db").kind == "postgresql"
    folder = read_address("qdrant:///a/folder")
    assert (folder.kind, folder.table, folder.shown) == ("qdrant", "passages", "qdrant:///a/folder, table passages")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s%40cret@h/db",
        "postgresql://ana:s@cret@h/db",
        "postgresql://h/db?user=ana&password=s%40cret",
        "qdrant://:s%40cret@h",
    ],
)
def test_passwords_are_shown_nowhere(url: str) -> None:
    """Neither as they are written nor as they are meant, whatever a library says."""
    found = read_address(url)
    said = found.said(f'connection to "{url}" failed: s%40cret s@cret\nsecond line')
    assert "cret" not in said + found.shown + repr(found) and "\n" not in said and "second line" in said


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://ana:s3cret@h/db", "found mysql://"),
        ("host=h password=s3cret", "found no URL"),
        ("", "found no URL"),
        ("postgresql://ana:s3cret/@h/db", "are written %2F"),
        ("postgresql://ana:s3cret#@h/db", "are written %2F"),
        ("postgresql://ana:s3cret?@h/db", "are written %2F"),
        ("postgresql://ana:s3cret@[h/db", "cannot be read"),
        ("postgresql://ana:s3cret@h/db?table=Rivers", "found 'Rivers'"),
        ("postgresql://ana:s3cret@h/db?table=a;drop", "found 'a;drop'"),
        ("postgresql://ana:s3cret@h/db?table=", "found ''"),
    ],
)
def test_what_is_no_address(url: str, expected: str) -> None:
    """One line that says what was expected, with nothing of the URL but its scheme or table."""
    with pytest.raises(SettingsError) as caught:
        read_address(url)
    message = str(caught.value)
    assert expected in message and "s3cret" not in message and "\n" not in message
