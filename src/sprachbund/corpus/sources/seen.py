"""Which documents a corpus has: the same id never twice in a language, the same document never twice.

Where identical files are read each (`twins`), a document whose id is the name of its file is not another file's: of
two that come to one id, as *a* and *a.txt* do, the second is ``a#2`` whatever it says.
"""

from collections.abc import Iterable

from sprachbund.corpus.sources.documents import Dropped
from sprachbund.corpus.sources.prepare import Prepared

DUPLICATE = "duplicate id with the same text"


class Seen:
    """Ids and digests of the documents so far; some 300 bytes a document."""

    def __init__(self, twins: bool = False) -> None:
        self.twins = twins
        self.digests: dict[tuple[str, str], int] = {}
        self.groups: dict[tuple[str, str], str] = {}
        # Of ids that came more than once: the digests of all that have them, and the next number that may be free.
        self.repeated: dict[tuple[str, str], tuple[set[int], int]] = {}
        self.noted: list[tuple[str, str]] = []

    def begin(self) -> None:
        """From here on, until `forget`, what is noted may be forgotten again."""
        self.noted = []

    def forget(self) -> None:
        """Forget what was noted since `begin`: its source gives nothing after all."""
        for key in self.noted:
            del self.digests[key]
            self.groups.pop(key, None)
        self.repeated = {}  # told again by what is left
        self.noted = []

    def join(self, other: "Seen") -> bool:
        """Take over what another one has that began empty; False, and nothing, where what is here bears on it."""
        next_free = ((lang, f"{name}#{number}") for (lang, name), (_, number) in other.repeated.items())
        if any(key in self.digests for key in (*other.digests, *next_free)):
            return False
        self.digests |= other.digests
        self.groups |= other.groups
        self.repeated |= other.repeated
        self.noted += other.digests
        return True

    def load(self, lang: str, rows: Iterable[dict[str, str]]) -> None:
        """Take over the documents of a corpus, in reading order, from the rows of its documents.jsonl."""
        for row in rows:
            self._note((lang, row["document"]), int(row["digest"], 16), row["group"])

    def place(self, prepared: Prepared, prefix: str = "", owned: bool = False) -> tuple[str, str] | Dropped:
        """The id and group under which a document goes into the corpus.

        Args:
            prefix: before the id, where it is not the document's own. owned: where it is, too.

        An id that its language has already becomes ``id#2``, ``id#3``..., in the group of the first, so that
        no split parts them; where a document of this id has the same text too, it is dropped.
        """
        wanted = f"{prefix}{prepared.id}" if prepared.filed or owned else prepared.id
        key = (prepared.lang, wanted)
        if key not in self.digests:
            group = prepared.group or wanted
            self._note(key, prepared.digest, group)
            return wanted, group
        digests, number = self.repeated.get(key, ({self.digests[key]}, 2))
        while (known := self.digests.get((prepared.lang, f"{wanted}#{number}"))) is not None:
            digests.add(known)
            number += 1
        self.repeated[key] = digests, number
        if prepared.digest in digests and not (self.twins and prepared.filed):
            return Dropped(DUPLICATE, wanted)
        name = f"{wanted}#{number}"
        group = self.groups.get(key, wanted)
        self._note((prepared.lang, name), prepared.digest, group)
        return name, group

    def _note(self, key: tuple[str, str], digest: int, group: str) -> None:
        self.digests[key] = digest
        self.noted.append(key)
        if group != key[1]:
            self.groups[key] = group
