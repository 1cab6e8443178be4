"""A database that an index was written to, searched with the encoder that made its vectors.

    dense     the inner product of the query's vector and a passage's: exact, as the index's own flat vectors
    bm25      words alone: the share of the query's words, by their rareness, that a passage has
    hybrid    bm25 + dense * weight, of the passages that are among the best by one of the two

The words are those of the database: no runs of characters, nothing of what surrounds a passage, no accents restored,
no neighbours. That is what an `Index` has beyond it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sprachbund.arguments import several, text, whole
from sprachbund.databases.address import Address, read_address
from sprachbund.databases.contents import encoder_folder, model_identity, words_of
from sprachbund.databases.seam import About, Scores, Store, Within
from sprachbund.databases.stores import store_of
from sprachbund.errors import DatabaseError, SettingsError
from sprachbund.languages import among
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.ranking.bm25 import inverse_document_frequency
from sprachbund.search.asking import MOST
from sprachbund.search.hits import Hit
from sprachbund.search.searching import DEPTH, Mode

DatabaseMode = Literal["hybrid", "dense", "bm25"]
MODES: tuple[DatabaseMode, ...] = ("hybrid", "dense", "bm25")
MOST_WORDS = 64
"""Distinct words of a query that BM25 looks for; the encoder reads all."""


@dataclass(frozen=True)
class Database:
    """A table of a database, opened by `open`; close it when done, or use it in a ``with``.

    Attributes:
        address: of the table. encoder: that reads queries. model: its identity, and the same for people.
    """

    address: Address
    encoder: Encoder
    model: tuple[str, str]
    _store: Store = field(repr=False)
    _client: Any = field(repr=False)

    @staticmethod
    def open(url: str, model: Path | str) -> "Database":
        """Open a table to search in.

        Args:
            url: see `address`. model: the folder of the encoder that made the vectors, or of the index.

        Raises:
            SettingsError: the URL says no database. MissingExtraError: its client is not installed. FolderError: there
                is no encoder. DatabaseError: the database does not answer, there is no such table, it is not ours, of
                another version, or has the vectors of another model.
        """
        address = read_address(url)
        folder = encoder_folder(Path(model))
        encoder = Encoder.load(folder, mapped=True)
        store = store_of(address)
        with store.faults(address):
            client = store.connect(address)
            database = Database(address, encoder, model_identity(folder, encoder), store, client)
            try:
                database._about()
            except BaseException:
                client.close()
                raise
        return database

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the database."""
        self._client.close()

    @property
    def passages(self) -> dict[str, int]:
        """Passages by language, as the table has them now."""
        with self._store.faults(self.address):
            return dict(self._about().passages)

    def search(
        self, query: str, k: int = 10, languages: Sequence[str] = (), mode: DatabaseMode = "hybrid"
    ) -> list[Hit]:
        """The best passages for a query, the best first; none for a query without words.

        Args:
            query: words, without operators. k: 1 to 1,000. languages: to search in, by codes or names; all if empty.

        Raises:
            SettingsError: ``k`` or ``mode`` cannot be. LanguageError: the table lacks a language. DatabaseError: the
                database does not answer any more, or the table is another now.
        """
        query, k = text(query, "query"), whole(k, "k")
        if not 1 <= k <= MOST:
            raise SettingsError(f"k must be from 1 to {MOST:,}, found {k}")
        if mode not in MODES:
            raise SettingsError(f"modes of a database are {', '.join(MODES)}; found {mode!r}")
        asked = several(languages or (), "languages", str)
        with self._store.faults(self.address), self._store.snapshot(self._client):
            about = self._about()
            have = tuple(sorted(about.passages))
            chosen = tuple(sorted(among(asked, have, f"{self.address.shown}:"))) or have
            parts = self._scores(about, query, k, chosen, mode)
            sums = {
                name: sum(part.get(name, 0.0) for part in parts.values()) for part in parts.values() for name in part
            }
            best = sorted(sums, key=lambda name: (-sums[name], _place(name)))[:k]
            rows = {row.id: row for row in self._store.passages(self._client, self.address, best)}
        given: Mode = mode
        return [
            Hit(
                rank,
                sums[name],
                {part: scores.get(name, 0.0) for part, scores in parts.items()},
                row.language,
                row.document,
                row.title,
                row.section,
                row.text,
                row.number,
                name,
                chosen,
                given,
                row.meta,
            )
            # without snapshots a change may have taken one out meanwhile
            for rank, (name, row) in enumerate(((name, rows[name]) for name in best if name in rows), 1)
        ]

    def _about(self) -> About:
        about = self._store.read_about(self._client, self.address)
        if about is None:
            raise DatabaseError(
                f"{self.address.shown}: has no such table; write one: sprachbund index --out INDEX --to URL"
            )
        if about.model != self.model[0]:
            raise DatabaseError(
                f"{self.address.shown}: has vectors of the model {about.called}, the query would be read by "
                f"{self.model[1]}; name the folder of the table's own"
            )
        return about

    def _scores(self, about: About, query: str, k: int, languages: tuple[str, ...], mode: str) -> dict[str, Scores]:
        """What each part of a mode gives to the passages that it is given for."""
        language = languages[0] if len(languages) == 1 else ""
        vector = self.encoder.encode([query], language)[0]
        weights = self._weights(about, query, languages) if mode != "dense" else {}
        client, address, within = self._client, self.address, Within(languages)

        def dense(count: int, where: Within) -> Scores:
            found = self._store.nearest(client, address, vector, count, about, where) if vector.any() else {}
            return {name: score for name, score in found.items() if score}  # without words, without a vector

        def bm25(count: int, where: Within) -> Scores:
            return self._store.matching(client, address, weights, count, about, where) if weights else {}

        if mode == "dense":
            return {"dense": dense(k, within)}
        if mode == "bm25":
            return {"bm25": bm25(k, within)}
        depth = max(DEPTH, 2 * k)
        weight = about.fusion.dense
        ids = tuple({**bm25(depth, within), **(dense(depth, within) if weight else {})})
        both = Within(languages, ids)
        return {
            "bm25": bm25(len(ids), both) if ids else {},
            "dense": {name: weight * score for name, score in dense(len(ids), both).items()} if ids and weight else {},
        }

    def _weights(self, about: About, query: str, languages: tuple[str, ...]) -> dict[str, float]:
        """How much each word of a query that stands somewhere can give; together 1."""
        counts = Counter(words_of(query, languages[0] if len(languages) == 1 else "", about.folds))
        words = list(counts)[:MOST_WORDS]
        having = self._store.frequencies(self._client, self.address, words, languages) if words else {}
        held = [word for word in words if having.get(word)]
        passages = sum(about.passages[code] for code in languages)
        frequency = np.array([having[word] for word in held], np.int64)
        rarity = inverse_document_frequency(frequency, max(1, passages), about.fusion.words).astype(np.float64)
        rarity *= [counts[word] for word in held]
        total = float(rarity.sum())
        return {word: float(each) / total for word, each in zip(held, rarity, strict=True)} if total else {}


def _place(name: str) -> tuple[str, str, int]:
    """Of a passage by its id: what decides between equal scores."""
    language, _, rest = name.partition(":")
    document, _, number = rest.rpartition("#")
    return language, document, int(number)
