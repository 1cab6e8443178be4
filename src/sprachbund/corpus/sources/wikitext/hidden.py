"""Comments and elements whose content is not wikitext: cut out before anything else is looked for, as MediaWiki does.

One search from left to right. A comment that is never closed hides the rest of the page, as does an <includeonly>;
another element that is never closed is text. That an element has no end is remembered by its name, so that ten
thousand of them cost one search.
"""

import re

from sprachbund.corpus.sources.wikitext.marks import NOTHING, masked

_DROPPED = """
    ref references gallery math chem ce pre source syntaxhighlight timeline imagemap score hiero templatedata
    templatestyles mapframe maplink graph poem style script section categorytree inputbox indicator includeonly
"""
_NAMES = (*_DROPPED.split(), "nowiki")
_START = re.compile(rf"<!--|<({'|'.join(_NAMES)})(?=[\s/>])([^<>]*)>", re.I)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.I) for name in _NAMES}
# A reference that another begins in was not closed: its end tag was forgotten, or the slash of <ref name=a />.
_ENDS["ref"] = re.compile(r"</ref\s*>|(?P<another><ref(?=[\s>])[^<>]*(?<!/)>)", re.I)
_REST_OF_LINE = re.compile(r"[ \t]*\n")


def without_hidden(text: str) -> str:
    """The text without comments, formulas, references, galleries, code and the like; <nowiki> is masked."""
    pieces: list[str] = []
    endless: set[str] = set()
    place, line_begins = 0, True
    while found := _START.search(text, place):
        before = text[place : found.start()]
        end: re.Match[str] | None = None
        name = (found[1] or "").lower()
        if not name:
            comment_end = text.find("-->", found.end())
            pieces.append(before)
            if comment_end < 0:
                return "".join(pieces)
            place = comment_end + 3
            # A line that holds only a comment is no empty line, which would end a paragraph.
            alone = before.rstrip(" \t")
            rest = _REST_OF_LINE.match(text, place) if alone[-1:] == "\n" or (line_begins and not alone) else None
            line_begins = rest is not None
            if rest:
                pieces[-1], place = alone, rest.end()
            continue
        line_begins = False
        if not found[2].endswith("/") and name not in endless:
            end = _ENDS[name].search(text, found.end())
            if end is None:
                endless.add(name)
            elif name == "ref" and end["another"]:
                end = None
        pieces.append(before)
        place = end.end() if end else found.end()
        if end and name == "nowiki":
            pieces.append(masked(text[found.end() : end.start()]))
        elif name == "nowiki":
            pieces.append(NOTHING)
        elif end is None and not found[2].endswith("/"):
            if name == "includeonly":
                return "".join(pieces)
            pieces.append(found[0])
        elif before.endswith("'"):  # quotes on both sides must not become four
            pieces.append(NOTHING)
    pieces.append(text[place:])
    return "".join(pieces)
