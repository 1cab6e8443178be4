"""Subtitles, SubRip's and WebVTT: what is said, without its times, its marks and its numbers.

A cue is a few words that fit a screen. Those that follow each other closely are running text, which is cut into
sentences like any other; a pause parts paragraphs. Lines that change speaker begin with a dash, which goes.
"""

import re
from collections.abc import Iterator

from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import RawDocument, RawSection, Record, Whole

PAUSE = 4.0
"""Seconds of silence that part paragraphs."""
_TIMES = re.compile(r"[ \t]*((?:\d+:)?\d+:\d+[,.]\d+)[ \t]*-->[ \t]*((?:\d+:)?\d+:\d+[,.]\d+)")
_MARKS = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "\u200e", "&rlm;": "\u200f"}
_DASH = re.compile(r"^[ \t]*[-–—‐][ \t]*(?=\S)")
_LANGUAGE = re.compile(r"WEBVTT[^\n]*\n(?:[^\n]+\n)*?Language:[ \t]*([\w-]+)", re.I)


def parse_subtitles(record: Record) -> RawDocument:
    """The document that a file of subtitles is."""
    assert isinstance(record, Whole)
    decoded = decode(record.data)
    text = decoded.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip()
    lang = _LANGUAGE.match(text)
    return RawDocument(
        id="",
        lang=lang[1] if lang else None,
        title=record.called,
        group=None,
        sections=(RawSection("", tuple(_paragraphs(text))),),
        place=record.id,
        whole=True,
        notes=decoded.notes,
        replaced=decoded.replaced,
    )


def _paragraphs(text: str) -> Iterator[str]:
    said: list[str] = []
    last, before = 0.0, ""
    for start, end, cue in _cues(text):
        if said and start - last > PAUSE:
            yield " ".join(said)
            said = []
        if cue and cue != before:  # what stays on the screen while more comes is written again
            said.append(cue)
        last, before = end, cue or before
    if said:
        yield " ".join(said)


def _cues(text: str) -> Iterator[tuple[float, float, str]]:
    """The cues: begin and end in seconds, and what is said."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.split("\n")
        place = next((number for number, line in enumerate(lines[:3]) if _TIMES.match(line)), None)
        if place is None:
            continue
        times = _TIMES.match(lines[place])
        assert times
        yield _seconds(times[1]), _seconds(times[2]), " ".join(filter(None, map(_said, lines[place + 1 :])))


def _said(line: str) -> str:
    line = _MARKS.sub("", line)
    for entity, character in _ENTITIES.items():
        line = line.replace(entity, character)
    return _DASH.sub("", line).strip()


def _seconds(time: str) -> float:
    seconds = 0.0
    for part in time.replace(",", ".").split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
