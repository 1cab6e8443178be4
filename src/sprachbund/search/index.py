"""An index, opened: search it, ask why, look at its map.

    INDEX/index.json        the manifest: generation, fusion, segments with what is deleted in them, counts
          model-<hash>/     the encoder
          segments/<name>/  documents of one language, see `segment`
          roman/<name>/     the same romanised, where there are several languages, see `roman`
          cognates/<pair>/  what two of its languages have in common, see `kindred`
          atlas-<name>/     n-grams to look around from, and the map, see `atlas`

Everything but the manifest is written once. A change writes what is new beside what is there, then the manifest over
the old one: a reader has the old index or the new one, and goes on with the files that it has open.
"""

import json
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.arguments import several, text, whole
from sprachbund.arrays import Float32
from sprachbund.claims import shown_files
from sprachbund.cognates.lexicon import Cognates
from sprachbund.errors import FolderError, SettingsError, one_line
from sprachbund.files import read_manifest
from sprachbund.languages import among
from sprachbund.notebook import html_table
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.softmax import normalise
from sprachbund.retrieval.encoder.texts import Texts
from sprachbund.search.across import speakers
from sprachbund.search.asking import MOST, Answer, Reach, Request, answer
from sprachbund.search.atlas import Atlas, Map, Neighbour
from sprachbund.search.document import Document, read_document
from sprachbund.search.fits import LOOKED_AT, Fit, fit
from sprachbund.search.fusion import Fusion
from sprachbund.search.hits import Hit
from sprachbund.search.kin import LEXICON, Kin
from sprachbund.search.manifest import FIELDS, MANIFEST, require_sound
from sprachbund.search.opening import manifests, open_parts
from sprachbund.search.restoring import understand
from sprachbund.search.searching import MODES, Found, Hurry, Mode, Question, Scope, at_leisure, find
from sprachbund.search.segment import Segment
from sprachbund.search.why import Reading, Why, explain, read
from sprachbund.search.why_across import Across, explain_across, read_across, read_words

if TYPE_CHECKING:
    from sprachbund.progress import Progress
    from sprachbund.retrieval.ranking.trec import Qrels, Queries
    from sprachbund.search.judging import EngineScores

__all__ = ["FORMAT", "KIND", "MANIFEST", "Index", "locate", "manifests"]

KIND, FORMAT = "index", 5
_TRIES = 5


@dataclass(frozen=True)
class Index:
    """An index; made by `open`, safe in many threads."""

    path: Path
    manifest: dict[str, Any]
    encoder: Encoder
    fusion: Fusion
    segments: tuple[Segment, ...]
    atlas: Atlas | None
    kin: Mapping[tuple[str, str], Kin] = field(default_factory=dict, repr=False)

    @staticmethod
    def open(path: Path | str, *, check: bool = False) -> "Index":
        """Open the index in a folder; its arrays stay on disk.

        Args:
            check: compare the SHA-256 of every file with the manifests (about a second a gigabyte); otherwise only
                their sizes.

        Raises:
            FolderError: the folder is no index, is of another format version, or a file in it is damaged.
        """
        folder = Path(path)
        for attempt in range(_TRIES):
            manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, fields=FIELDS)
            try:
                require_sound(folder, manifest)
                parts = open_parts(folder, manifest, check)
                return Index(folder, manifest, parts.encoder, parts.fusion, parts.segments, parts.atlas, parts.kin)
            except (FolderError, OSError) as error:
                # a change may have removed what this manifest named: then there is a newer one
                if attempt + 1 == _TRIES or read_manifest(folder, MANIFEST, KIND, FORMAT) == manifest:
                    if isinstance(error, FileNotFoundError):
                        raise FolderError(f"{error.filename}: missing, the index names it; build it anew") from None
                    raise
        raise AssertionError("unreachable")

    @property
    def generation(self) -> int:
        """Rises with every change."""
        return int(self.manifest["generation"])

    @property
    def languages(self) -> tuple[str, ...]:
        """Sorted codes."""
        return tuple(sorted(self.counts))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each language its documents and passages."""
        return dict(self.manifest["counts"])

    @property
    def folds(self) -> tuple[str, ...]:
        """What is found without, see `IndexSettings`."""
        return tuple(self.manifest["settings"]["folds"])

    def changed(self) -> bool:
        """Whether the folder holds another manifest than the one that is open.

        Raises:
            FolderError: it holds none that can be read. What is open stays good.
        """
        path = self.path / MANIFEST
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
                raise FolderError(f"{path}: expected a file")
            return bool(json.loads(path.read_bytes()) != self.manifest)
        except (OSError, ValueError, RecursionError) as error:
            raise FolderError(
                f"{path}: expected the manifest of an index, it cannot be read ({one_line(error)})"
            ) from None

    def __repr__(self) -> str:
        documents, passages = (sum(count[what] for count in self.counts.values()) for what in ("documents", "passages"))
        held = f"{documents:,} documents, {passages:,} passages, generation {self.generation}"
        return f"Index({str(self.path)!r}: {', '.join(self.languages) or 'empty'}; {held})"

    def _repr_html_(self) -> str:
        rows = [(code, count["documents"], count["passages"]) for code, count in self.counts.items()]
        return html_table(repr(self), ("language", "documents", "passages"), rows)

    def sizes(self) -> dict[str, int]:
        """Bytes on disk: of the segments, the model, the romanised text, the cognates, the map, in all; and of all what
        is hard links to files elsewhere.

        What a change has left behind, or removed from under this index, is not in them.
        """
        parts = {
            "segments": [segment.path for segment in self.segments],
            "model": [self.path / self.manifest["model"]],
            "romanised": [segment.roman.path for segment in self.segments if segment.roman is not None],
            "cognates": [self.path / "cognates" / entry["name"] for entry in self.manifest["cognates"]],
            "map": [self.path / name for name in (self.manifest["atlas"],) if name],
        }
        files = {name: [file for path in paths for file in shown_files(path)] for name, paths in parts.items()}
        found = {name: sum(file.stat().st_size for file in own) for name, own in files.items()}
        found["total"] = sum(found.values()) + (self.path / MANIFEST).stat().st_size
        every = [file.stat() for own in files.values() for file in own]
        return {**found, "linked": sum(about.st_size for about in every if about.st_nlink > 1)}

    def evaluate(
        self,
        queries: "Queries",
        qrels: "Qrels",
        *,
        language: str = "",
        modes: Sequence[Mode] = MODES,
        trec: Path | None = None,
        progress: "Progress | None" = None,
    ) -> "EngineScores":
        """Score the index as a search engine on queries and judgements of your own, see `judging.evaluate_index`."""
        from sprachbund.search.judging import evaluate_index

        return evaluate_index(self, queries, qrels, language=language, modes=modes, trec=trec, progress=progress)

    def close(self) -> None:
        """Nothing to do: files are unmapped with the last reference to them."""

    def search(
        self,
        query: str,
        k: int = 10,
        languages: Sequence[str] = (),
        mode: Mode = "hybrid",
        hurry: Hurry = at_leisure,
        *,
        offset: int = 0,
        where: Mapping[str, str] | None = None,
        since: str = "",
        until: str = "",
        group: bool = False,
        context: int = 0,
        correct: bool = True,
        operators: bool = True,
        reach: Reach = "all",
        query_language: str = "",
    ) -> list[Hit]:
        """The best passages for a query, the best first; none for a query without words.

        Args:
            query: in the language of `query`. k: 1 to 1,000. languages: to search in, by codes or names; all if empty.
            hurry: called between steps, may raise. The others: see `asking.Request`.

        Raises:
            SettingsError: ``k``, ``mode`` or another cannot be. LanguageError: the index lacks a language.
        """
        request = Request(
            query, k, offset, languages, mode, where or {}, since, until, group, context, correct, operators,
            reach, query_language,
        )  # fmt: skip
        return self.answer(request, hurry).hits

    def answer(self, request: Request, hurry: Hurry = at_leisure) -> Answer:
        """`search`, with what is to be said of it: what was searched instead, what could be meant, what was not had."""
        return answer(self, request, hurry)

    def document(self, key: str) -> Document:
        """The text of a document, with what is known of it.

        Args:
            key: of the document, ``language:id``, or of a passage of it, as `Hit.key`.

        Raises:
            SettingsError: the index has no such document.
        """
        return read_document(self, key)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the metadata that documents have, which are fields in a query."""
        return tuple(dict.fromkeys(name for segment in self.segments for name in segment.manifest["columns"]))

    def cognates(self, left: str, right: str) -> Cognates:
        """The words that two languages of the index have in common, as they were learned from its text.

        Args:
            left, right: codes or names.

        Raises:
            LanguageError: the index lacks one. SettingsError: the two were not learned, see `kindred`. FolderError: the
                files are damaged, or a change has removed them.
        """
        (one,), (other,) = self.scope((left,)), self.scope((right,))
        for entry in self.manifest["cognates"]:
            if {entry["left"], entry["right"]} == {one, other} and one != other:
                found = Cognates.open(self.path / "cognates" / entry["name"] / LEXICON)
                return found if found.languages == (one, other) else found.reversed()
        known = ", ".join(f"{entry['left']}-{entry['right']}" for entry in self.manifest["cognates"]) or "none"
        raise SettingsError(f"{self.path}: has no cognates of {one} and {other}; there are: {known}")

    def kindred(self, language: str) -> tuple[str, ...]:
        """The languages of the index that a query in one finds by its letters, sorted."""
        return tuple(sorted(other for (one, other), kin in self.kin.items() if one == language and kin.near))

    def fit(self, query: str, hits: Sequence[Hit], languages: Sequence[str] = (), mode: Mode = "hybrid") -> Fit:
        """Whether the hits of a query fit it well; where none does, `fits.NEAREST` of them are more than enough.

        Args:
            hits: the best first. languages, mode: that were searched.

        Raises:
            LanguageError: the index lacks a language.
        """
        wanted = self.scope(languages)
        scope, question = self._scopes(wanted), self._question(query, wanted)
        numbers = {segment.name: number for number, segment in enumerate(scope.segments)}
        places = [self._locate(hit) for hit in hits[:LOOKED_AT]]
        found = [(numbers[segment.name], passage) for segment, passage in places if segment.name in numbers]
        return fit(self.encoder, self.fusion, scope, question, found, mode)

    def scope(self, languages: Sequence[str]) -> tuple[str, ...]:
        """The languages asked for, by codes or names, as the index has them, sorted; or all.

        Raises:
            LanguageError: the index lacks one.
        """
        return (
            tuple(sorted(among(several(languages or (), "languages", str), self.languages, f"{self.path}:")))
            or self.languages
        )

    def find(self, query: str, languages: tuple[str, ...], mode: Mode, k: int, hurry: Hurry = at_leisure) -> Found:
        """`search` without what a passage is shown with."""
        return find(self._scopes(languages), self._question(query, languages), self.fusion, mode, k, hurry)

    def _question(self, text: str, languages: tuple[str, ...]) -> Question:
        language = languages[0] if len(languages) == 1 else ""
        return understand(self._scopes(languages), self.encoder, text, language, self.folds)

    def _scopes(self, languages: tuple[str, ...]) -> Scope:
        return Scope.of([s for s in self.segments if s.language in languages and s.alive], self.fusion)

    def neighbours(self, ngram: str, k: int = 10, languages: Sequence[str] = ()) -> list[Neighbour]:
        """The words nearest to a word, or to any text, across languages.

        Raises:
            SettingsError: ``k`` cannot be. LanguageError: the index lacks a language.
        """
        k = _results(k)
        chosen = self.scope(languages) if languages else ()
        vector = self.encoder.encode([text(ngram, "ngram")])[0]
        if self.atlas is None or not vector.any():
            return []
        return self.atlas.neighbours(vector, k, chosen)

    def map(self) -> Map | None:
        """The map of words and passages, None where the index was made without one."""
        return self.atlas.map if self.atlas is not None else None

    def places(self, hits: Sequence[Hit]) -> Float32:
        """Where hits lie on the map: float32 [hits, 2]."""
        if self.map() is None or self.atlas is None or not hits:
            return np.zeros((len(hits), 2), np.float32)
        vectors = []
        for hit in hits:
            segment, passage = self._locate(hit)
            vectors.append(segment.dense.vectors(np.array([passage]))[0])
        return self.atlas.place(normalise(np.array(vectors, np.float32))[0])

    def why(self, query: str, hit: Hit) -> Why:
        """Which pairs of words made a hit's score, see `why`."""
        return self.whys(query, [hit])[0]

    def whys(self, query: str, hits: Sequence[Hit], hurry: Hurry = at_leisure) -> list[Why]:
        """`why` of some hits of one query, which is read once.

        Args:
            hurry: called between hits, may raise.
        """
        readings: dict[tuple[tuple[str, ...], Mode, str], Reading] = {}
        across: dict[tuple[str, str, str], Across] = {}
        asked: dict[tuple[str, str], Texts] = {}
        found = []
        text(query, "query")
        for hit in several(hits, "hits", Hit):
            hurry()
            given, words = hit._asked
            words = words if query == given and words else query
            if hit.across:
                pair = words, hit.across, hit.language
                if pair not in across:
                    if pair[:2] not in asked:
                        asked[pair[:2]] = read_words(*pair[:2])
                    across[pair] = self._read_across(asked[pair[:2]], *pair)
                found.append(explain_across(across[pair], *self._locate(hit), hit.score))
                continue
            how = hit.scope, hit.mode, words
            if how not in readings:
                language = hit.scope[0] if len(hit.scope) == 1 else ""
                scope = self._scopes(hit.scope)
                readings[how] = read(self.encoder, self.fusion, scope, how[2], language, hit.mode, self.folds)
            found.append(explain(self.encoder, self.fusion, readings[how], *self._locate(hit)))
        return found

    def _read_across(self, asked: Texts, query: str, language: str, neighbour: str) -> Across:
        kin = self.kin.get((language, neighbour))
        segments = [one for one in self.segments if one.language == neighbour and one.alive]
        if kin is None or any(one.roman is None for one in segments):
            raise SettingsError(f"{self.path}: knows nothing that {language} and {neighbour} have in common now")
        return read_across(
            query, asked, kin, self._lexicon(language, neighbour), segments, speakers(self.segments, language)
        )

    def _lexicon(self, left: str, right: str) -> frozenset[tuple[str, str]]:
        """The pairs of words of two languages; none where a change has removed the file."""
        if (left, right) not in self._lexicons:
            try:
                pairs = self.cognates(left, right).pairs
            except FolderError:
                return frozenset()
            self._lexicons[left, right] = frozenset(zip(pairs["left"], pairs["right"], strict=True))
        return self._lexicons[left, right]

    @cached_property
    def _lexicons(self) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
        return {}

    def _locate(self, hit: Hit) -> tuple[Segment, int]:
        """The segment and the passage of a hit; of one of another generation by its key."""
        name, passage = hit._place
        own = [segment for segment in self.segments if segment.name == name]
        return (own[0], passage) if own and not own[0].collection.dead[passage] else locate(self, hit.key)

    def embed(self, texts: Sequence[str], language: str = "") -> Float32:
        """The vectors of texts: float32 [texts, dim]."""
        return self.encoder.encode(texts, language)


def _results(k: int) -> int:
    k = whole(k, "k")
    if not 1 <= k <= MOST:
        raise SettingsError(f"k must be from 1 to {MOST:,}, found {k}")
    return k


def locate(index: Index, key: str) -> tuple[Segment, int]:
    """The segment and the passage of a key ``language:document#number``.

    Raises:
        SettingsError: the index has no such passage.
    """
    language, _, rest = key.partition(":")
    name, _, number = rest.rpartition("#")
    for segment in index.segments:
        if segment.language == language and number.isdecimal():
            document = segment.records.document(name)
            if document is not None and document.number not in segment.deleted:
                passage = document.first + int(number)
                if passage < document.last:
                    return segment, passage
    raise SettingsError(f"{index.path}: has no passage {key!r}; keys look like en:document#0")
