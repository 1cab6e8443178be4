"""Which modules answer for a database, and a client of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sprachbund.databases import postgresql, postgresql_writing, qdrant, qdrant_writing
from sprachbund.databases.address import Address
from sprachbund.databases.seam import Contents, Store, Written


def store_of(address: Address) -> Store:
    """The module for an address."""
    return qdrant if address.kind == "qdrant" else postgresql


def write(client: Any, address: Address, contents: Contents) -> Written:
    """Make a table hold what it is to hold: afterwards it does, or holds what it held before."""
    if address.kind == "qdrant":
        return qdrant_writing.write(client, address, contents)
    return postgresql_writing.write(client, address, contents)


@contextmanager
def opened(address: Address) -> Iterator[tuple[Store, Any]]:
    """A client, closed at the end; inside, what its library raises comes out as an error of ours."""
    store = store_of(address)
    with store.faults(address):
        client = store.connect(address)
        try:
            yield store, client
        finally:
            client.close()
