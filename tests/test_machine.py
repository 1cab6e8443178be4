"""What the process may use, and sizes as people write them."""

import os

import pytest

from sprachbund import machine
from sprachbund.errors import SprachbundError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2G", 2 * 1024**3),
        ("500MB", 500 * 1024**2),
        ("1.5 GiB", 3 * 1024**3 // 2),
        ("8k", 8192),
        ("1T", 1024**4),
        (" 12 ", 12),
        ("7b", 7),
        ("0", 0),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """Powers of 1024, whatever the spelling of the unit."""
    assert machine.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "two", "2X", "1.5", "-1", "-2G", "infG", "nanG", "1e3"])
def test_what_is_no_size(text: str) -> None:
    """An error of ours that quotes the text and shows how to write one."""
    with pytest.raises(SprachbundError, match=r"is not a size; write for example 2G, 500M"):
        machine.parse_size(text)


def test_the_machine() -> None:
    """What the process may use is no more than what there is."""
    assert 0 < machine.memory_limit() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 1 <= machine.cpu_count() <= (os.cpu_count() or 1)
