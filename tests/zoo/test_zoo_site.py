"""The site of a zoo: plain pages that ask for nothing, sort and filter, and hold strange names as text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from small_models import make_model

from browsers import chromium
from sprachbund.errors import FolderError
from sprachbund.lab.card import Curve, Score
from sprachbund.report.markup import Markup
from sprachbund.zoo.adding import add_model, remove_model
from sprachbund.zoo.finding import Near, Nearness
from sprachbund.zoo.opening import open_zoo
from sprachbund.zoo.pages.drawing import Node, curve, layers, lineage
from sprachbund.zoo.pages.writing import site_of, write_site
from sprachbund.zoo.wanting import Wanted

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


@pytest.fixture
def site(zoo: Path, key: Path, tmp_path: Path) -> Path:
    """The zoo with a model of nasty words and one in another measure, and its pages."""
    scores = (Score(NASTY, 0.25, on=NASTY),)
    add_model(make_model(tmp_path / "odd", ("ar",), notes=f"{NASTY} `x`", scores=scores), zoo, key=key)
    remove_model("es", zoo, key=key, anyway=True, date="2026-02-01")
    write_site(zoo, [Wanted("it", None, None, None)], "a test")
    return zoo


def test_a_page_a_model_and_one_for_all(site: Path) -> None:
    """Every link of every page leads to a file that is there; all is in the pages themselves."""
    names = {path.name for path in (site / "pages").glob("*.html")}
    assert names == {"en@1.html", "gl@1.html", "gl@2.html", "odd@1.html"}
    for page in (site / "index.html", *(site / "pages").glob("*.html")):
        tree = HTMLParser(page.read_text(encoding="utf-8"))
        links = [node.attributes["href"] or "" for node in tree.css("a[href]")]
        assert len(links) > 5
        assert [link for link in links if not (page.parent / unquote(link)).exists()] == []
        assert not tree.css("link, img, iframe, object, script[src], [style]")
        assert not re.search(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", page.read_text())


def test_what_cards_say_is_text(site: Path) -> None:
    """No element comes of it, in the table, on its page, in the drawing."""
    for page in (site / "index.html", site / "pages" / "odd@1.html"):
        text = page.read_text(encoding="utf-8")
        tree = HTMLParser(text)
        assert len(tree.css("script")) == 1 and not tree.css("img, [onerror]")
        assert NASTY in (tree.body.text() if tree.body else "")
        policy = tree.css_first("meta[http-equiv]").attributes["content"] or ""
        assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy


def test_the_page_says_what_the_zoo_has(site: Path) -> None:
    """Rows of models with what is sorted and filtered by; lineage with the stone; the wanted language."""
    tree = HTMLParser((site / "index.html").read_text(encoding="utf-8"))
    rows = [[cell.text(separator=" ").strip() for cell in row.css("th, td")] for row in tree.css("#models tbody tr")]
    assert [row[0] for row in rows] == ["en@1", "gl@1", "gl@2", "odd@1"]
    assert rows[1][1:4] == ["weather vane", "Galician", "7"] and rows[1][6:] == ["es@1", "-", "2026-01-31"]
    assert rows[2][5] == "0.5 hits, gl 0.4 to 0.6"
    drawn = tree.css_first(".lineage").text(separator="|")
    assert "es@1" in drawn and "removed 2026-02-01" in drawn
    assert [node.text(separator=" ") for node in tree.css(".wanted li")] == ["Italian no model"]


def test_the_page_of_a_model(site: Path) -> None:
    """The command, scores with interval, curve, samples, files with whole hashes, other versions, its lineage."""
    tree = HTMLParser((site / "pages" / "gl@2.html").read_text(encoding="utf-8"))
    text = tree.body.text(separator=" ") if tree.body else ""
    assert "sprachbund zoo get gl@2 --from " in text and "0.4 to 0.6" in text and "west, then north" in text
    hashes = [node.text() for node in tree.css(".files .hash")]
    assert len(hashes) == 3 and all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
    assert tree.css_first(".plot .curve") and tree.css_first(".lineage .removed") and tree.css_first(".lineage .chosen")
    assert [node.text() for node in tree.css("header .question a")] == ["gl@1"]


def test_nobodys_page_is_written_over(zoo: Path, tmp_path: Path) -> None:
    """A page of somebody else's, and files among ours, stay; ours are written anew."""
    (zoo / "index.html").write_text("<p>my page</p>")
    with pytest.raises(FolderError, match=r"index\.html: not written by sprachbund"):
        write_site(zoo)
    (zoo / "index.html").unlink()
    write_site(zoo)
    (zoo / "pages" / "mine.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"mine\.txt: not written by sprachbund"):
        write_site(zoo)
    (zoo / "pages" / "mine.txt").unlink()
    assert write_site(zoo) == zoo / "index.html"
    with pytest.raises(FolderError, match="expected a zoo, but it has no index"):
        write_site(tmp_path)


def test_a_site_without_lists_of_languages(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing lists languages the page is written, and says how to ask."""
    monkeypatch.setattr("sprachbund.zoo.wanting.every_language", lambda sources: [])
    site_of(zoo)
    assert "Nobody asked yet" in (zoo / "index.html").read_text()
    site_of(zoo, languages=["gl", "it"], near=False)
    tree = HTMLParser((zoo / "index.html").read_text())
    assert [node.text() for node in tree.css(".wanted li b")] == ["Italian"]


def test_what_to_start_from_is_one_of_each_kind(zoo: Path) -> None:
    """Of a near language: the model for it alone before one of many, for each kind."""
    models = open_zoo(zoo).index.models
    gl, other = (next(each for each in models if each.called == called) for called in ("gl@2", "es@1"))
    encoder = replace(other, card=replace(other.card, kind="encoder"))
    near = Nearness("pt", (Near("gl", 1.0, (), (gl, encoder, replace(gl, name="many")), ()),), "by words", "")
    write_site(zoo, [Wanted("pt", None, None, near)], "a test")
    tree = HTMLParser((zoo / "index.html").read_text())
    assert sorted(node.text() for node in tree.css(".wanted li a")) == ["es@1", "gl@2"]
    told = tree.css_first("option[data-told]").attributes["data-told"]
    assert told == "Nothing for Portuguese (pt): Galician (gl@2, es@1, many@2) is near, by words."


def test_a_curve_is_drawn_to_scale() -> None:
    """The axes end at round numbers; the first point at its place; a level line is no division by zero."""
    drawn = HTMLParser(curve(Curve("steps", "bits", ((0.0, 1.0), (50_000.0, 3.0), (100_000.0, 2.0)))))
    marks = [node.text() for node in drawn.css("svg > text.soft")]
    assert marks == ["1", "1.5", "2", "2.5", "3", "0", "20k", "40k", "60k", "80k", "100k"]
    assert (drawn.css_first(".curve").attributes["d"] or "") == "M64.0 234.0L337.0 14.0L610.0 124.0"
    assert "M" in curve(Curve("x", "y", ((1.0, 2.0), (1.0, 2.0))))
    assert curve(Curve("x", "y", ((1.0, 2.0),))) == Markup("")


def test_layers_follow_the_longest_chain() -> None:
    """A model stands right of all that it was started from; a ring ends nothing."""
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "c")]
    assert layers(["c", "b", "a", "x"], edges) == {"a": 0, "x": 0, "b": 1, "c": 2}
    assert set(layers(["a", "b"], [("a", "b"), ("b", "a")])) == {"a", "b"}
    drawn = HTMLParser(lineage([Node("a", NASTY, "x"), Node("b", "b", "y", "b.html")], [("a", "b")]))
    assert len(drawn.css("rect")) == 2 and not drawn.css("script, img")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests of this file, or a skip."""
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("how", ["file", "server"])
def test_it_works_in_a_browser(how: str, site: Path, serve: Any, browser: Any) -> None:
    """From a file and a server alike: no error, no request but the page; filters, order, commands, narrow screens."""
    base = site.as_uri() if how == "file" else serve(site)
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{base}/index.html")

    def shown() -> list[str]:
        return page.eval_on_selector_all("#models tbody tr:not([hidden]) th", "all => all.map(one => one.textContent)")

    assert shown() == ["en@1", "gl@1", "gl@2", "odd@1"]
    assert [url for url in asked if not url.endswith("favicon.ico")] == [f"{base}/index.html"]
    address = str(site) if how == "file" else base
    assert page.inner_text(".command") == f"sprachbund zoo get NAME --from {address}"
    page.fill("#text", "gálician")
    assert shown() == ["gl@1", "gl@2"] and page.inner_text("#count") == "2 of 4 models"
    page.check("#newest")
    assert shown() == ["gl@2"]
    page.fill("#text", "nothing like it")
    assert shown() == [] and page.inner_text("#told") == "No model fits."
    page.fill("#text", "")
    page.uncheck("#newest")
    page.select_option("#language", "simple")
    assert shown() == ["en@1"]
    page.select_option("#language", "it")
    assert shown() == [] and page.inner_text("#told") == "Nothing for Italian (it) yet."
    page.select_option("#language", "")
    page.click("#models th button:has-text('size')")
    assert shown()[0] == "en@1" and page.get_attribute("#models th:nth-child(5)", "aria-sort") == "descending"
    page.click("#models th button:has-text('size')")
    assert shown()[-1] == "en@1" and page.url.endswith("#sort=4")
    page.reload()
    assert shown()[-1] == "en@1"
    for name in ("index.html", "pages/odd%401.html", "pages/gl%402.html"):
        page.goto(f"{base}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 27)"
    assert page.inner_text(".command") == f"sprachbund zoo get gl@2 --from {address}"
    assert [each for each in said if "favicon" not in each and "404" not in each] == []
    page.close()


def test_addresses_with_blanks_are_quoted(site: Path, tmp_path: Path, browser: Any) -> None:
    """So that the command can be pasted as it stands."""
    moved = site.rename(tmp_path / "my zoo's")
    page = browser.new_page()
    page.goto((moved / "index.html").as_uri())
    quoted = str(moved).replace("'", "'\\''")
    assert page.inner_text(".command") == f"sprachbund zoo get NAME --from '{quoted}'"
    page.close()
