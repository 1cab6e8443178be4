"""What a worker does: records of a source to documents of sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from sprachbund.corpus import segment
from sprachbund.corpus.sources.deciding import Decided, decide
from sprachbund.corpus.sources.documents import Dropped, RawDocument, RawSection, Record
from sprachbund.corpus.sources.formats import FORMATS

FAILED = "could not be prepared"
NAMELESS = "?"
META_NAMES, META_NAME, META_VALUE = 64, 100, 2_000
"""Names at most, and the characters of a name and of a value; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one source for one worker; ``lang`` is the forced language or None."""

    format: str
    lang: str | None
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it goes into the corpus.

    Attributes:
        claimed: the language that the source claims where another was forced, else None.
        headings: the title of each section.
        sections, paragraphs: of each sentence, from 0 in the document.
        wordless: sentences left out because they have neither letter nor digit.
        digest: of the language and the sentences, 64 bits.
        placed: the source gives no id, so that the id is its place.
        filed: its id is the name of its file, or its place in one: another file's document is another document.
        meta: what else is known of it, by name.
        notes: what a person should know of how it was read.
        replaced: sequences of bytes in it that were no characters.
        detected: how probable ``lang`` is where the text alone said it, else None.
        parted: the same document in other languages, where the text alone said that it is in several.
    """

    id: str
    lang: str
    claimed: str | None
    title: str
    group: str | None
    headings: list[str]
    sections: list[int]
    paragraphs: list[int]
    texts: list[str]
    wordless: int
    digest: int
    placed: bool = False
    filed: bool = False
    meta: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    replaced: int = 0
    detected: float | None = None
    parted: tuple["Prepared", ...] = ()


def allowed(seconds: float, record: Record) -> float:
    """The seconds that a record may take: so many, and as many again for each MiB that it has; 0: no limit."""
    return seconds * (1 + record.size / (1 << 20))


def prepare_record(batch: Batch, record: Record, passed: type[BaseException] = KeyboardInterrupt) -> Prepared | Dropped:
    """Parse, clean and segment a record of a batch; whatever it raises, a library's panic too, costs this record alone.

    Args:
        passed: what is raised all the same, besides what ends a process.
    """
    try:
        raw = FORMATS[batch.format].parse(record)
        return raw if isinstance(raw, Dropped) else _document(raw, batch.lang)
    except (KeyboardInterrupt, SystemExit, GeneratorExit, passed):
        raise
    except BaseException as error:
        text = " ".join(str(error).split())[:200]
        return Dropped(FAILED, f"{record.label}: {type(error).__name__}{': ' if text else ''}{text}")


def _document(raw: RawDocument, forced: str | None) -> Prepared | Dropped:
    decided = decide(raw, forced)
    if isinstance(decided, Dropped):
        return decided
    found = [_in_language(raw, one) for one in decided]
    kept = [each for each in found if isinstance(each, Prepared)]
    return replace(kept[0], parted=tuple(kept[1:])) if kept else found[0]


def _in_language(raw: RawDocument, decided: Decided) -> Prepared | Dropped:
    lang = decided.lang
    headings: list[str] = []
    sections: list[int] = []
    paragraphs: list[int] = []
    texts: list[str] = []
    paragraph, wordless, blank = 0, 0, True
    for section in decided.sections:
        before = len(texts)
        for sentences in _paragraphs(section, lang):
            kept = [sentence for sentence in sentences if any(map(str.isalnum, sentence))]
            wordless += len(sentences) - len(kept)
            blank = blank and not sentences
            if kept:
                texts += kept
                sections += [len(headings)] * len(kept)
                paragraphs += [paragraph] * len(kept)
                paragraph += 1
        if len(texts) > before:
            headings.append(segment.normalise(section.title))
    if not texts:
        return Dropped("empty" if blank else "no sentences", raw.id or raw.place)
    name = segment.normalise(raw.id)
    return Prepared(
        id=name or segment.normalise(raw.place) or NAMELESS,
        lang=lang,
        claimed=decided.claimed,
        title=segment.normalise(raw.title),
        group=segment.normalise(raw.group or "") or None,
        headings=headings,
        sections=sections,
        paragraphs=paragraphs,
        texts=texts,
        wordless=wordless,
        digest=int.from_bytes(blake2b("\n".join((lang, *texts)).encode(), digest_size=8).digest()),
        placed=not name and not raw.whole,
        notes=raw.notes,
        replaced=raw.replaced,
        filed=not name or (raw.whole and raw.place.startswith(raw.id)),
        meta=metadata(raw.meta),
        detected=decided.confidence,
    )


def metadata(said: Mapping[str, object]) -> dict[str, str]:
    """What a source says of a document besides its text, in NFC and within `META_NAMES`, `META_NAME`, `META_VALUE`.

    Blank values are left out, and what is neither text nor a number: lists and objects are no text.
    """
    found: dict[str, str] = {}
    for name, value in said.items():
        if len(found) == META_NAMES:
            break
        named = segment.normalise(str(name)[:META_NAME])
        text = segment.normalise(str(value)[:META_VALUE]) if isinstance(value, str | int | float) else ""
        if named and text:
            found.setdefault(named, text)
    return found


def _paragraphs(section: RawSection, lang: str) -> list[list[str]]:
    """The sentences of each paragraph: the gold ones where there are some."""
    if section.sentences is not None:
        found = [[segment.normalise(sentence) for sentence in sentences] for sentences in section.sentences]
        return [[sentence for sentence in sentences if sentence] for sentences in found]
    normal = (segment.normalise(paragraph) for paragraph in section.paragraphs)
    return [segment.sentences(paragraph, lang) for paragraph in normal if paragraph]
