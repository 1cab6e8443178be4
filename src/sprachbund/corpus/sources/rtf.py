"""Rich Text (rtf), by striprtf: paragraphs, without formatting; the rest of the format knows no sections."""

import locale
import re

from sprachbund.corpus.sources.documents import RawDocument, RawSection, Record, Whole

_TITLE = re.compile(r"\{\\title ([^{}\\]{1,300})\}")
_LANGUAGE = re.compile(r"\\deflang(\d{3,5})")


def parse_rtf(record: Record) -> RawDocument:
    """The document that a file of Rich Text is."""
    from striprtf.striprtf import rtf_to_text

    assert isinstance(record, Whole)
    raw = record.data.decode("latin-1")
    text = rtf_to_text(raw, errors="replace")
    title, lang = _TITLE.search(raw), _LANGUAGE.search(raw)
    return RawDocument(
        id="",
        lang=None,
        title=" ".join(title[1].split()) if title else record.called,
        group=None,
        sections=(RawSection("", tuple(line for line in text.split("\n") if line.strip())),),
        place=record.id,
        hint=locale.windows_locale.get(int(lang[1]), "").replace("_", "-") or None if lang else None,
        whole=True,
    )
