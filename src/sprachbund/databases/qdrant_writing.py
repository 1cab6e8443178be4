"""Writing passages to Qdrant: a collection anew, then the alias goes over to it; see `qdrant`."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sprachbund.databases.address import Address
from sprachbund.databases.qdrant import SHOWN, collection_of, is_folder, library, point_id, read_about, sparse
from sprachbund.databases.seam import About, Contents, Key, Written, changes, require_same

_POINTS, _PAGE = 256, 1_000
"""Points of a request at most, and of one that reads their payload."""


def write(client: Any, address: Address, contents: Contents) -> Written:
    """Make the table hold what it is to hold: a new collection, if anything changes."""
    there, former = read_about(client, address), collection_of(client, address)
    if there is not None:
        require_same(address, there, contents.about)
    digests = _digests(client, former) if former else {}
    new, gone, kept = changes(digests, contents.documents)
    graph = contents.about.hnsw or bool(there and there.hnsw)
    if there is not None and not (new or gone) and graph == there.hnsw:
        return Written(0, 0, len(kept), sum(there.passages.values()))
    for left in _collections(client, address):
        if left != former:
            client.delete_collection(left)
    name = f"{address.table}-{uuid.uuid4().hex[:12]}"
    about = _load(client, address, name, contents, replace(contents.about, hnsw=graph))
    _, models = library()
    to = models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name=address.table))
    old = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=address.table))
    client.update_collection_aliases([old, to] if former else [to])
    if former:
        client.delete_collection(former)
    return Written(len(new), len(gone), len(kept), sum(about.passages.values()))


def _collections(client: Any, address: Address) -> list[str]:
    """All collections of a table: the one that is searched, and what killed changes left."""
    return [one.name for one in client.get_collections().collections if one.name.startswith(f"{address.table}-")]


def _digests(client: Any, name: str) -> dict[Key, str]:
    """The documents of a collection."""
    found: dict[Key, str] = {}
    offset: Any = None
    while True:
        points, offset = client.scroll(
            name, limit=_PAGE, offset=offset, with_payload=["language", "document", "digest"]
        )
        found |= {(point.payload["language"], point.payload["document"]): point.payload["digest"] for point in points}
        if offset is None:
            return found


def _load(client: Any, address: Address, name: str, contents: Contents, about: About) -> About:
    """Write a collection; what it says of itself."""
    _, models = library()
    lengths, words = Counter[str](), 0
    for one in contents.passages(contents.documents):
        lengths[one.language] += 1
        words += len(one.words)
    about = replace(about, passages=dict(lengths), words=words)
    client.create_collection(
        name,
        vectors_config={
            "dense": models.VectorParams(
                size=about.dim,
                distance=models.Distance.DOT,
                hnsw_config=None if about.hnsw else models.HnswConfigDiff(m=0),
            )
        },
        sparse_vectors_config={"words": models.SparseVectorParams()},
        metadata=about.to_dict(),
    )
    for key in () if is_folder(address) else ("language", "words"):  # in a folder they do nothing
        client.create_payload_index(name, key, models.PayloadSchemaType.KEYWORD)
    mean = words / max(1, sum(lengths.values()))
    batch: list[Any] = []
    for one in contents.passages(contents.documents):
        payload = {name: getattr(one, name) for name in (*SHOWN, "digest")}
        counted = sparse(models, _saturated(one.words, about, mean))
        assert one.vector is not None
        batch.append(
            models.PointStruct(
                id=point_id(one.id),
                vector={"dense": one.vector.tolist(), "words": counted},
                payload={**payload, "meta": dict(one.meta), "words": sorted(set(one.words))},
            )
        )
        if len(batch) == _POINTS:
            client.upsert(name, batch, wait=True)
            batch = []
    if batch:
        client.upsert(name, batch, wait=True)
    return about


def _saturated(words: Sequence[str], about: About, mean: float) -> dict[str, float]:
    """What each word of a passage counts: BM25 without the rareness, which depends on what is searched."""
    k1, b = about.fusion.words.k1, about.fusion.words.b
    most = k1 * (1 - b + b * len(words) / max(mean, 1.0))
    return {word: count / (count + most) for word, count in Counter(words).items()}
