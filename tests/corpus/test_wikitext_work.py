"""The work that a page costs grows with its length, whatever is in it ten thousand times."""

import sys
from collections.abc import Callable

import pytest

from sprachbund.corpus.sources.documents import Dropped
from sprachbund.corpus.sources.prepare import Prepared
from sprachbund.corpus.sources.seen import Seen
from sprachbund.corpus.sources.siteinfo import SiteInfo
from sprachbund.corpus.sources.wikitext import page_sections, tidy

WIKI = SiteInfo(namespaces={14: "Category"}).link_prefixes()
SENTENCE = "\n\nA sentence stands here.\n\n"
MARKS = (
    "a <!-- x --> b ",
    "a <math>x^2</math> b ",
    "a <math>x^2 b ",
    "a<ref>x</ref> b ",
    "a<ref name=x/> b ",
    "a<ref>x b ",
    "a <nowiki>x</nowiki> b ",
    "a <nowiki>x b ",
    "<gallery>a ",
    "a [http://x.org b] c ",
    "a [http://x.org b c ",
    "[http://x ",
    "http://x.org/ ",
    "a [[b|c]] d ",
    "[[a ",
    "[[a|b ",
    "]] a ",
    "[[File:a.jpg|thumb|b [[c]] d]]",
    "[[File:a.jpg|thumb|b ",
    "[[Re:Zero]] ",
    "[[a:b]]\n",
    "{{b|c}} ",
    "{{nowrap|c}} ",
    "{{a ",
    "{{a|b=c ",
    "}} a ",
    "{{[[",
    "{{{a|",
    "{|\n| a\n|}\n",
    "{|\n| a\n",
    "|}\n",
    "'''b''' c ",
    "'''b\n",
    "''a '''b ",
    "'",
    "\n* a",
    "*",
    ";a:b",
    "\n== a ==\n",
    "\n== a",
    "=",
    "<b>c</b> d ",
    "<b>a ",
    "</b>a ",
    "<div>a ",
    "<td>a ",
    "<li>a ",
    "</ul>",
    "<foo>a ",
    "<span style='display:none'>a</span> b ",
    "<span style='display:none'>a ",
    "<a ",
    "<",
    "<a b='",
    "&amp; &#65; ",
    "&",
    ",",
    ", ",
    "、",
    "(",
    "(,",
    "( ",
    ")",
    " ",
    "\n",
    "__a",
    "_",
    "-{zh-cn:a;zh-tw:b}-",
    "-{",
    "-{a|",
    "}-",
    "|",
    ":",
    "!",
    "[1]",
    "[",
    "{",
    "}",
    "]",
    ".jpg|",
)
NESTED = (
    ("<ref>", "</ref>"),
    ("[[a|", "]]"),
    ("[[File:a|", "]]"),
    ("{{a|", "}}"),
    ("{{nowrap|", "}}"),
    ("{{{a|", "}}}"),
    ("{", "}"),
    ("[", "]"),
    ("-{", "}-"),
    ("\n{|\n| a\n", "\n|}"),
    ("<b>", "</b>"),
    ("<foo>", "</foo>"),
    ("<td>", "</td>"),
    ("<ul><li>", "</li></ul>"),
    ("<div style='display:none'>", "</div>"),
    ("{{a|[[b|", "}}]]"),
    ("{{nowrap|-{[[b|", "]]}-}}"),
)
PAGES: dict[str, Callable[[int], str]] = {
    **{repr(mark): lambda n, mark=mark: mark * n for mark in MARKS},
    **{f"{begin!r} nested": lambda n, begin=begin, end=end: begin * n + "a" + end * n for begin, end in NESTED},
    "spellings of a variant": lambda n: "-{" + "zh-cn:a;" * n + "}-",
    "bars in a link": lambda n: "[[" + "|" * n + "]]",
    "colons in a link": lambda n: "[[" + ":" * n + "]]",
    "arguments": lambda n: "{{nowrap" + "|" * n + "}}",
    "named arguments": lambda n: "{{nowrap" + "|a=b" * n + "}}",
    "equals in an argument": lambda n: "{{nowrap|" + "=" * n + "}}",
    "ends of a range": lambda n: "{{convert" + "|5|to" * n + "|10|km}}",
    "attributes": lambda n: "<a " + "b='c' " * n + ">",
    "blanks in an external link": lambda n: "[http://x" + " " * n + "[",
    "steps of lists": lambda n: "\n".join("*" * (number % 300) + " a" for number in range(n)),
}


@pytest.mark.parametrize("name", PAGES)
def test_ten_thousand_of_anything_leave_the_sentences_beside_them(name: str) -> None:
    """Whatever is repeated, closed or not, nested or not: the text before it is kept, and nothing raises.

    Where the work grew with the square of the page this test would not end: 8,000 external links that are not closed
    took minutes.
    """
    found = page_sections(SENTENCE + PAGES[name](10_000) + SENTENCE, WIKI)
    assert found[0].paragraphs[0] == "A sentence stands here."


def steps(make: Callable[[int], str], count: int) -> int:
    """How many calls, of Python's functions and of C's, a page takes."""
    text = SENTENCE + make(count)
    called = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        page_sections(text, WIKI)
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.parametrize("name", PAGES)
def test_the_steps_grow_no_faster_than_the_page(name: str) -> None:
    """Four times the page takes at most some four times the calls (16 times, if each mark looked at all others)."""
    assert steps(PAGES[name], 2_000) <= 5 * steps(PAGES[name], 500)


def test_a_line_of_commas_is_tidied_in_one_pass() -> None:
    """The result of 60,000 marks, of each kind and with blanks between them, before a word and before a bracket."""
    assert tidy("a" + "," * 60_000 + " b") == "a, b"
    assert tidy("a" + ", " * 60_000 + "b") == "a, b"
    assert tidy("a" + "、" * 60_000 + "b") == "a" + "、" * 60_000 + "b"
    assert tidy("(a" + ", " * 60_000 + ")") == "(a)"
    assert tidy("(" + "、" * 60_000 + ")a") == "a"


def test_ten_thousand_documents_of_one_id_are_placed_one_after_another() -> None:
    """Each gets its number, and a text that was there is dropped, without a look at all numbers before it."""

    class Counted(dict[tuple[str, str], int]):
        looked = 0

        def get(self, key: tuple[str, str], default: int | None = None) -> int | None:  # type: ignore[override]
            Counted.looked += 1
            return super().get(key, default)

    def document(digest: int) -> Prepared:
        return Prepared("0", "en", None, "", None, [], [], [], [], 0, digest)

    seen = Seen()
    seen.digests = Counted()
    names = [seen.place(document(digest)) for digest in range(10_000)]
    assert names[0] == ("0", "0")
    assert names[1:] == [(f"0#{number}", "0") for number in range(2, 10_001)]
    assert all(isinstance(seen.place(document(digest)), Dropped) for digest in (0, 1, 9_999))
    assert Counted.looked < 3 * 10_000
