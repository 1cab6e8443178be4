"""Writing an index to a database, in one step: whoever searches sees the table as it was or as it is to be."""

from pathlib import Path

from sprachbund.databases.address import Address, read_address
from sprachbund.databases.contents import contents_of
from sprachbund.databases.seam import Written
from sprachbund.databases.stores import opened, write
from sprachbund.search.index import Index

__all__ = ["require_ready", "write_index"]


def write_index(index: Index | Path | str, url: str, *, hnsw: bool = False) -> Written:
    """Make a table of a database hold what an index holds.

    Documents that the table has as they are stay, others are written, those that the index has not are taken out.

    Args:
        index: opened, or its folder. url: of the database, see `address`.
        hnsw: also make a graph, by which the nearest of many passages are found faster, and not all; a table keeps it.

    Raises:
        SettingsError: the URL says no database. MissingExtraError: its client is not installed. CapacityError: it is
            full. DatabaseError: it does not answer, or has something else under that name: no table of ours, one of
            another version, another model's vectors. The table is as it was then.
    """
    address = read_address(url)
    contents = contents_of(index if isinstance(index, Index) else Index.open(index), hnsw=hnsw)
    with opened(address) as (_, client):
        return write(client, address, contents)


def require_ready(url: str) -> Address:
    """See, before long work, that a database answers and that its table, if there is one, is ours.

    Raises:
        As `write_index`.
    """
    address = read_address(url)
    with opened(address) as (store, client):
        store.read_about(client, address)
    return address
