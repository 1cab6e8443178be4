"""Mail: a file of one message (eml), or of many (mbox).

The plain text of a message is read, its HTML where there is no other; what it quotes, and its signature, are others' or
always the same, and left out. Subject, sender and date become title and metadata. Attachments are counted, not read.
"""

import re
from collections.abc import Iterator
from datetime import UTC
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from sprachbund.corpus.sources.blocks import sections
from sprachbund.corpus.sources.decoding import Decoded, decode
from sprachbund.corpus.sources.documents import Dropped, Note, RawDocument, RawSection, Record, Source, Tally, Whole
from sprachbund.corpus.sources.html import read_page
from sprachbund.corpus.sources.plain import paragraphs
from sprachbund.corpus.sources.streams import Stream

TOO_LONG = "longer than the record limit"
BEGINS = re.compile(rb"From [^\r\n]{1,200} (?:19|20)\d\d\b[^\r\n]*\r?\n", re.S)
"""The line in front of each message of an mbox: who sent it, and when it came."""
HEADERS = re.compile(
    rb"(?:Received|From|To|Return-Path|Delivered-To|Message-ID|MIME-Version|Date|Subject|Reply-To|Sender|"
    rb"DKIM-Signature|Authentication-Results|X-[\w-]+):[ \t]",
    re.I,
)
_KNOWN = re.compile(rb"^(From|Date|Message-ID|Received|Subject|To|MIME-Version):[ \t]", re.I | re.M)
_SIGNATURE = re.compile(r"^-- ?$", re.M)
_QUOTED = re.compile(r"^[ \t]*>")


def is_message(start: bytes) -> bool:
    """Whether a text begins with the headers of a message."""
    head = start.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return bool(HEADERS.match(head)) and len({name.lower() for name in _KNOWN.findall(head)}) > 2


def cut_mbox(source: Source) -> Iterator[Whole | Dropped | Note | Tally]:
    """The messages of an mbox, called by their number in it."""
    stream = Stream(source.path, source.limits, source.moved)
    number, held, too_long = 0, bytearray(), False
    for line in _lines(stream):
        if BEGINS.match(line) and (not held or held.endswith((b"\n\n", b"\n\r\n"))):
            if held or too_long:
                yield _message(source, number, held, too_long)
            number, held, too_long = number + 1, bytearray(), False
            continue
        held += line[1:] if line.startswith(b">From ") else line
        if len(held) > source.limits.record:
            held, too_long = bytearray(b"\n\n"), True
    if held.strip() or too_long:
        yield _message(source, number, held, too_long)
    if stream.broken:
        yield Note(f"{stream.broken}, at byte {stream.produced:,} of the decompressed text", fatal=True)
    if stream.trailing:
        yield Note(f"what follows the {stream.compression} data is none of it, and was not read")


def _message(source: Source, number: int, held: bytearray, too_long: bool) -> Whole | Dropped:
    name = f"{source.plain}:{number}"
    return Dropped(TOO_LONG, f"message {number}") if too_long else Whole(name, bytes(held))


def _lines(stream: Stream) -> Iterator[bytes]:
    rest = b""
    for piece in stream:
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
        if len(rest) > 1 << 20:  # no line of mail: given on as it is
            yield rest
            rest = b""
    if rest:
        yield rest


def parse_mail(record: Record) -> RawDocument | Dropped:
    """The document that a message is."""
    assert isinstance(record, Whole)
    message = message_from_bytes(record.data, policy=policy.default)
    plain, page, attached = _bodies(message)
    notes: list[str] = []
    if plain is not None:
        decoded = _decoded(plain)
        found: tuple[RawSection, ...] = (RawSection("", paragraphs(_own(decoded.text))),)
        notes += decoded.notes
    elif page is not None:
        decoded = _decoded(page)
        found = sections(read_page(decoded.text).blocks)
        notes += decoded.notes
    else:
        return Dropped("empty", f"{record.label}: a message without text")
    if attached:
        notes.append("attachments are not read")
    subject = _header(message, "Subject")
    meta = {"date": _date(message), "author": _sender(message)}
    return RawDocument(
        id=_header(message, "Message-ID").strip("<>"),
        lang=None,
        title=subject or record.called,
        group=None,
        sections=found,
        place=record.id,
        meta={name: said for name, said in meta.items() if said},
        hint=_header(message, "Content-Language").partition(",")[0].strip() or None,
        whole=True,
        notes=tuple(notes),
    )


def _bodies(message: Message) -> tuple[Message | None, Message | None, int]:
    """The first part of plain text, the first of HTML, and how many parts are attachments."""
    plain = page = None
    attached = 0
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
            attached += part.get_content_maintype() != "multipart"
        elif kind == "text/plain":
            plain = plain or part
        else:
            page = page or part
    return plain, page, attached


def _decoded(part: Message) -> Decoded:
    data = part.get_payload(decode=True)
    charset = part.get_content_charset() or ""
    return decode(data if isinstance(data, bytes) else b"", charset if charset != "us-ascii" else "")


def _own(text: str) -> str:
    """What the sender wrote: without the lines that are quoted, and without a signature."""
    text = text.replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if not _QUOTED.match(line)]
    return _SIGNATURE.split("\n".join(lines), maxsplit=1)[0]


def _header(message: Message, name: str) -> str:
    try:
        return " ".join(str(message.get(name) or "").split())
    except Exception:  # the standard library raises whatever a header of spam makes it raise
        return ""


def _sender(message: Message) -> str:
    name, address = next(iter(getaddresses([_header(message, "From")])), ("", ""))
    return name or address


def _date(message: Message) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).astimezone(UTC).date().isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
