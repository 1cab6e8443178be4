"""The page in a real browser: what a person sees and does with it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from talking import server

from browsers import chromium
from sprachbund.corpus.ingest import ingest
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.index import Index

expect.set_options(timeout=60_000)  # milliseconds; of a machine that does much else

QUESTION = "Marie Curie won the Nobel Prize in physics"
PIXELS = """() => {
  const canvas = document.getElementById("map");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Map();
  for (let n = 0; n < data.length; n += 4) {
    if (data[n + 3] < 200) continue;
    const colour = (data[n] << 16) | (data[n + 1] << 8) | data[n + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return Object.fromEntries(seen);
}"""
IMAGE = "document.getElementById('map').toDataURL()"
FONTS = """(colour) => {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data];
}"""

BROKEN = """() => {
  const found = [];
  for (const holder of document.querySelectorAll(".hit, .modes, .chips, #narrow, #pages")) {
    const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (const word of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
      }
    }
  }
  return found;
}"""
"""Words that stand on two lines."""

CONTRAST = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const pixel = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const over = (top, alpha, below) => top.map((c, n) => c * alpha + below[n] * (1 - alpha));
  const root = getComputedStyle(document.documentElement);
  const css = (name) => root.getPropertyValue(name).trim();
  const colour = (name) => pixel(css(name));
  const numbers = (name) => css(name).split(" ").map(Number);
  const [text, soft, raised, ground] = ["--text", "--soft", "--raised", "--ground"].map(colour);
  const dense = over(numbers("--dense"), Number(css("--most")), raised);
  const mark = colour("--mark");
  return { text: ratio(text, ground), soft: ratio(soft, ground), raised: ratio(soft, raised), dense: ratio(text, dense),
    mark: ratio(text, mark), softest: ratio(soft, colour("--band")),
    title: ratio(colour("--title"), dense), link: ratio(colour("--link"), raised), bad: ratio(colour("--bad"), ground),
    chip: ratio(colour("--on-accent"), colour("--accent")), dark: luminance(ground) };
}"""

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens the page; at the end nothing may stand on its console, and no other host may have been asked."""
    contexts, told, asked = [], [], []

    def open_page(path: str = "/", base: str = address, allowed: str = "", **settings: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1100, "height": 900}} | settings))
        contexts.append(context)
        page = context.new_page()
        # reading a canvas often, as the tests do, is remarked upon
        fine = [text for text in (allowed, "willReadFrequently") if text]
        page.on("console", lambda message: any(t in message.text for t in fine) or told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: asked.append((base, request.url)))
        page.goto(base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []
    assert [url for base, url in asked if not url.startswith(base)] == []


def search(page: Page, text: str) -> None:
    """Type a query and wait for what it finds."""
    page.fill("#query", text)
    expect(page.locator("#status")).to_contain_text("passage")
    page.wait_for_function("text => new URLSearchParams(location.search).get('q') === text", arg=text)
    page.wait_for_function("() => !document.body.classList.contains('busy')")


def keys(page: Page) -> list[str]:
    """The passages that are shown."""
    return page.eval_on_selector_all(".hit", "hits => hits.map(hit => hit.dataset.key)")  # type: ignore[no-any-return]


def test_a_query_finds_passages(visit: Opened) -> None:
    """Typed into the box that has the focus; each with title, section, language, score and its parts."""
    page = visit()
    assert page.evaluate("document.activeElement.id") == "query"
    expect(page.locator("#empty h2")).to_be_visible()
    expect(page.locator("#holds")).to_contain_text("6 languages · 216 documents")
    page.keyboard.type(QUESTION)
    expect(page.locator(".hit")).to_have_count(10)
    first = page.locator(".hit").first
    expect(first.locator("h2")).to_contain_text("Marie Curie")
    expect(first.locator(".tag")).to_have_text(re.compile("English|Spanish|Galician|Italian|Portuguese|Turkish"))
    expect(first.locator(".score")).to_have_text(re.compile(r"\d\.\d+.*words \d"))
    assert first.locator(".text").get_attribute("lang") in {"en", "es", "gl", "it", "pt", "tr"}
    expect(page.locator("#status")).to_have_text(
        re.compile(r"The best 10 passages in \d languages?, asked in English, \d+\.\d ms")
    )
    assert page.locator("#status").get_attribute("aria-live") == "polite"
    assert "q=Marie+Curie" in page.url


def test_what_is_not_found_is_said(visit: Opened) -> None:
    """No result: a sentence that helps; a filter can be taken off from there."""
    page = visit("/?q=zzzqqq&mode=bm25&lang=tr")
    expect(page.locator("#empty h2")).to_have_text("No passage matches")
    expect(page.locator("#empty")).to_contain_text("By words (BM25) only the very words are found")
    page.click("#empty button")
    page.wait_for_url("**/?q=zzzqqq&mode=bm25")


def test_languages_narrow_the_search(visit: Opened) -> None:
    """Chips with counts; two may be on; the address has them; back undoes."""
    page = visit()
    search(page, QUESTION)
    before = keys(page)
    page.click(".chip[data-code=gl]")
    expect(page.locator(".hit").first.locator(".tag")).to_have_text("Galician")
    page.click(".chip[data-code=pt]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.hit')].some(hit => hit.dataset.key.startsWith('pt:'))"
    )
    assert {key.partition(":")[0] for key in keys(page)} == {"gl", "pt"}
    assert page.locator(".chip[aria-pressed=true]").all_inner_texts()[0].startswith("Galician")
    assert "lang=gl%2Cpt" in page.url
    page.go_back()
    page.go_back()
    page.wait_for_function("keys => document.querySelector('.hit').dataset.key === keys[0]", arg=before)
    assert keys(page) == before


def test_modes_give_other_scores(visit: Opened, address: str) -> None:
    """Each as the service answers it; the address opens the same again."""
    page = visit("/?q=" + QUESTION.replace(" ", "+"))
    expect(page.locator(".hit")).to_have_count(10)
    for mode in ("dense", "bm25", "rrf"):
        page.check(f"input[value={mode}]", force=True)
        page.wait_for_url(f"**mode={mode}")
        page.wait_for_function("() => !document.body.classList.contains('busy')")
        answer = page.request.post(f"{address}/search", data={"query": QUESTION, "mode": mode}).json()
        assert keys(page) == [hit["key"] for hit in answer["hits"]]
    again = visit("/?q=physics&mode=dense&lang=en,es")
    expect(again.locator(".hit")).to_have_count(10)
    assert again.is_checked("input[value=dense]")
    assert {key.partition(":")[0] for key in keys(again)} <= {"en", "es"}


def test_words_are_coloured_by_what_they_add(visit: Opened, address: str) -> None:
    """The word with the largest exact part is the strongest of its hue; a word without any part has no colour."""
    page = visit()
    search(page, QUESTION)
    answer = page.request.post(f"{address}/search", data={"query": QUESTION, "why": True}).json()
    why = answer["hits"][0]["why"]
    words = page.locator(".hit").first.locator(".text .w")
    assert words.all_text_contents() == [why["text"][a:b] for a, b in why["text_words"]]
    shown = words.evaluate_all("all => all.map(one => Number(one.style.getPropertyValue('--e')))")
    exact = [total[1] for total in why["text_totals"]]
    assert max(shown) == 1 or max(total[0] for total in why["text_totals"]) > max(exact)
    assert exact[shown.index(max(shown))] == max(exact)
    assert all(value == 0 for value, total in zip(shown, exact, strict=True) if total == 0)
    strongest = words.nth(shown.index(max(shown)))
    # a line under the letters, which are not crossed by anything: what lies behind them is one plain colour
    look = strongest.evaluate("one => [getComputedStyle(one).borderBottomWidth, getComputedStyle(one).backgroundImage]")
    assert float(look[0].removesuffix("px")) >= 2 and look[1] == "none"
    assert strongest.evaluate("one => getComputedStyle(one).textDecorationLine") == "none"
    assert page.locator(".hit").first.locator(".text").inner_text() == why["text"]


def test_a_title_is_coloured_where_it_was_searched(visit: Opened) -> None:
    """In the heading of a document's first passage, and not once more in the text."""
    page = visit("/?q=Mendeleev+periodic+table&lang=en")
    first = page.locator(".hit[data-key$='#0']").first
    expect(first.locator("h2 .w").first).to_have_text("Periodic")
    expect(first.locator("h2")).to_contain_text("Periodic table")
    assert not (first.locator(".text").text_content() or "").startswith("Periodic")
    other = page.locator(".hit[data-key*='periodic']:not([data-key$='#0'])").first
    expect(other.locator("h2")).to_contain_text("Periodic table")
    expect(other.locator("h2 .w")).to_have_count(0)


def test_the_keyboard_is_enough(visit: Opened) -> None:
    """/ to the box, arrows and j k through results, Enter opens the why, Escape closes and goes back, m to the map."""
    page = visit()
    search(page, QUESTION)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.rank") == "2"
    page.keyboard.press("Enter")
    second = page.locator(".hit").nth(1)
    expect(second.locator(".why")).to_be_visible()
    expect(second.locator(".why-button")).to_have_attribute("aria-expanded", "true")
    assert second.locator(".why .asked .w").all_text_contents() == QUESTION.split()
    rows = second.locator(".pairs tbody tr")
    assert 8 <= rows.count() <= 9
    cells = rows.evaluate_all("all => all.map(row => [...row.querySelectorAll('bdi')].map(word => word.innerText))")
    assert len({tuple(word.lower() for word in row) for row in cells}) == len(cells)  # each pair once
    page.keyboard.press("Tab")  # its title first
    assert page.evaluate("document.activeElement.className") == "open"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className.startsWith('w')")
    expect(page.locator("#tip")).to_be_visible()
    assert second.locator(".w.on").count() == 1
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(second.locator(".why")).to_have_count(0)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(page.locator("#map")).to_be_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "query"


def test_pages_are_turned(visit: Opened) -> None:
    """The next ten begin where the first ended, with the focus on the first of them; back goes back."""
    page = visit()
    search(page, QUESTION)
    first = keys(page)
    expect(page.locator("#page-before")).to_be_hidden()
    page.click("#page-next")
    expect(page.locator("#status")).to_contain_text("Page 2: the next 10 passages")
    second = keys(page)
    assert len({*first, *second}) == 20
    assert page.locator(".hit").first.get_attribute("data-rank") == "11"
    assert page.evaluate("[document.activeElement.dataset.rank, scrollY]") == ["11", 0]
    assert "page=2" in page.url
    page.go_back()
    page.wait_for_function("keys => document.querySelector('.hit').dataset.key === keys[0]", arg=first)
    page.click("#page-next")
    expect(page.locator("#page-now")).to_have_text("Page 2")
    search(page, "river")
    assert "page" not in page.url
    assert page.evaluate("document.activeElement.id") == "query"  # who types is not taken away


def test_one_result_for_each_document(visit: Opened) -> None:
    """With its next best passages, which lead to themselves."""
    page = visit("/?q=the+river&lang=en")
    expect(page.locator(".hit")).to_have_count(10)
    page.check("#group")
    expect(page.locator("#status")).to_contain_text("documents")
    documents = [key.partition("#")[0] for key in keys(page)]
    assert len(set(documents)) == len(documents)
    other = page.locator(".more-of a").first
    words = other.inner_text()
    other.click()
    expect(page.locator("#found")).to_have_text(words)


def test_a_document_is_read_at_the_passage(visit: Opened, index: Index) -> None:
    """The whole text with its headings, the passage that was found marked and in sight; back to the results."""
    page = visit("/?q=rainforest+of+the+Amazon+basin&lang=en&group=1")
    first = page.locator(".hit").first
    expect(first.locator("h2")).to_contain_text("Amazon River")
    text = first.locator(".text").inner_text()
    first.locator("h2 a").click()
    expect(page.locator("#document-title")).to_have_text("Amazon River")
    assert page.evaluate("document.activeElement.id") == "document-title"
    expect(page.locator("#found")).to_have_text(text)
    expect(page.locator("#found")).to_be_in_viewport()
    whole = index.document("en:en-amazon-river")
    assert page.locator("#text p").all_inner_texts() == [passage.text for passage in whole.passages]
    assert page.locator("#text h3").all_inner_texts() == ["Course", "Nature and people"]
    page.keyboard.press("Escape")
    expect(page.locator(".hit").first).to_be_visible()
    assert "group=1" in page.url and "key" not in page.url
    page.keyboard.press("ArrowDown")  # from where one was, to the next
    second = page.locator(".hit").nth(1).locator("h2 a").inner_text()
    page.keyboard.press("o")
    expect(page.locator("#document-title")).to_have_text(second)
    page.click("#document-back")
    expect(page.locator(".hit").first).to_be_visible()
    gone = visit("/?view=document&key=en:nothing", allowed="404")
    expect(gone.locator("#document-status")).to_have_text("this index has no such document; its key is in every hit")


def test_a_passage_is_shown_in_its_surroundings(visit: Opened, address: str) -> None:
    """Before and after it, when asked; once more takes them away."""
    page = visit("/?q=rainforest+of+the+Amazon+basin&lang=en")
    first = page.locator(".hit").first
    first.locator(".around-button").click()
    body = {"query": "rainforest of the Amazon basin", "languages": ["en"], "context": 1, "k": 1}
    (hit,) = page.request.post(f"{address}/search", data=body).json()["hits"]
    assert first.locator(".around").all_inner_texts() == [hit["before"], hit["after"]]
    expect(first.locator(".around-button")).to_have_attribute("aria-expanded", "true")
    first.locator(".around-button").click()
    expect(first.locator(".around")).to_have_count(0)


def test_typing_errors_are_told(visit: Opened) -> None:
    """What was searched instead, with a way to what was typed; what could be meant; what could not be had."""
    page = visit()
    search(page, "rivver")
    said = page.locator("#said")
    expect(said).to_contain_text(
        "Nothing here has rivver. These are results for river; or search for rivver as it stands."
    )
    assert said.get_attribute("aria-live") == "polite"
    said.locator("a").last.click()
    expect(said.locator("p")).to_have_text(
        ["Did you mean river?", "Nothing fits well: no passage has a word of the query, or most of one."]
    )
    assert "exactly=1" in page.url
    said.locator("a").click()
    expect(said).to_be_empty()
    assert page.input_value("#query") == "river" and "exactly" not in page.url
    page.fill("#query", '"river the the"')
    expect(said).to_contain_text(
        "No passage that fits has “river the the” as it stands; these are the best without that."
    )


def test_what_is_typed_before_the_page_is_ready_stays(visit: Opened, address: str) -> None:
    """The service says late what it holds; what was typed meanwhile is searched for and not lost."""
    page = visit("/docs")
    held: list[Any] = []
    page.route("**/info", lambda route: held.append(route))
    page.goto(address + "/")
    page.keyboard.type(QUESTION)
    page.wait_for_function("() => true")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(page.locator(".hit")).to_have_count(10)
    assert page.input_value("#query") == QUESTION


def test_help_says_how_to_ask(visit: Opened) -> None:
    """Plain words beside the field's terms; each operator with an example."""
    page = visit()
    assert [text.replace("\n", " ") for text in page.locator("#modes label").all_inner_texts()] == [
        "Both hybrid", "By meaning dense", "By words BM25", "By rank RRF"
    ]  # fmt: skip
    page.click("#help summary")
    assert page.locator("#help code").all_inner_texts() == [
        "bread salt", '"bread and salt"', "-sugar", "govern*", "title:river", "date:2020..2021", "language:pt"
    ]  # fmt: skip
    expect(page.locator("#filters")).to_be_hidden()  # this index has no metadata


@pytest.fixture(scope="module")
def described(corpus_and_model: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over documents with metadata, some of them hostile."""
    folder = tmp_path_factory.mktemp("described")
    rows = [
        {"author": "Jane Doe", "date": "2020-05-17", "url": "https://example.org/a", "path": "letters/a.txt"},
        {
            "author": "<img src=x onerror=alert(1)>",
            "date": "2019",
            "url": "javascript:alert(1)",
            "path": "/secret/b",
        },
        {"author": "João Silva", "date": "2021", "url": "data:text/html,<script>alert(1)</script>", "path": "../c"},
        {"author": "x" * 300, "date": "2022", "url": "HTTPS://example.org/" + "y" * 300},
    ]
    text = "The river runs to the sea. Boats go up the river to the old town."
    lines = [
        {
            "id": f"d{n}",
            "lang": "en",
            "title": f"Letter {n}",
            "meta": meta,
            "sections": [{"paragraphs": [text]}],
        }
        for n, meta in enumerate(rows)
    ]
    source = folder / "letters.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ingest([str(source)], folder / "corpus")
    create(folder / "index", corpus_and_model[1], IndexSettings(map_points=0))
    add_corpus(folder / "index", folder / "corpus")
    with server(folder / "index") as (_, address):
        yield address


def test_where_a_document_is_and_who_wrote_it(visit: Opened, described: str) -> None:
    """Only an address of the web is a link, and it tells nobody where it was followed; the rest is text."""
    page = visit("/?q=river", base=described)
    expect(page.locator(".hit")).to_have_count(4)
    about = {hit.get_attribute("data-key"): hit.locator(".about") for hit in page.locator(".hit").all()}
    link = about["en:d0#0"].locator("a")
    assert [link.get_attribute(name) for name in ("href", "rel")] == ["https://example.org/a", "noopener noreferrer"]
    expect(about["en:d0#0"]).to_contain_text("letters/a.txt")
    for key in ("en:d1#0", "en:d2#0"):
        expect(about[key].locator("a")).to_have_count(0)
    expect(about["en:d1#0"]).to_contain_text("<img src=x onerror=alert(1)>")
    expect(about["en:d1#0"]).to_contain_text("javascript:alert(1)")
    assert "secret/b" not in page.content() and "../c" not in page.content()
    assert page.locator(".hit img, .hit script").count() == 0
    assert (about["en:d3#0"].locator("a").get_attribute("href") or "").startswith("https://example.org/y")


def test_filters_narrow_the_results(visit: Opened, described: str) -> None:
    """Dates and the columns that the index has; the address keeps them; one button takes them off."""
    page = visit("/?q=river", base=described, allowed="422")
    expect(page.locator(".hit")).to_have_count(4)
    page.click("#filters summary")
    assert page.locator("#filter-fields label").all_inner_texts() == ["From", "To", "author"]
    page.fill("#since", "2020")
    page.fill("#in-author", "silva")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(1)
    assert keys(page) == ["en:d2#0"]
    assert "since=2020" in page.url and "in.author=silva" in page.url
    again = visit("/" + page.url.partition("/?")[2].join(["?", ""]), base=described)
    expect(again.locator(".hit")).to_have_count(1)
    assert again.input_value("#in-author") == "silva"
    page.fill("#since", "May")
    page.keyboard.press("Enter")
    expect(page.locator("#status .error")).to_contain_text("since: expected a date as 2020")
    page.click("#filters-clear")
    expect(page.locator(".hit")).to_have_count(4)
    assert "since" not in page.url


def test_the_table_of_pairs_adds_up(visit: Opened) -> None:
    """Pairs, others and surroundings sum to the score that stands above."""
    page = visit()
    search(page, QUESTION)
    first = page.locator(".hit").first
    first.locator(".why-button").click()
    totals = first.locator(".pairs tr td:last-child b").all_text_contents()
    values = [float(text.replace("−", "-")) for text in totals]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=1e-3)
    assert values[-1] == pytest.approx(float(first.locator(".score b").inner_text()), abs=2e-3)
    assert values[0] == max(values[:8])


def test_a_word_shows_its_partners(visit: Opened) -> None:
    """Under the pointer: its pairs with numbers, the partners marked in the query; a row of the table marks both."""
    page = visit()
    search(page, QUESTION)
    first = page.locator(".hit").first
    first.locator(".why-button").click()
    word = first.locator(".text .w", has_text="Physics").first
    word.hover()
    expect(page.locator("#tip")).to_be_visible()
    expect(page.locator("#tip tr").nth(1)).to_contain_text("physics")
    assert first.locator(".asked .w.partner").all_text_contents() == ["physics"]
    page.mouse.move(2, 2)
    expect(page.locator("#tip")).to_be_hidden()
    first.locator(".pairs tbody tr").first.hover()
    assert first.locator(".w.partner").count() == 2


def test_the_map_is_drawn_and_shows_results(visit: Opened) -> None:
    """Points of several colours; a search puts numbered marks on it; chips, zoom and drag change it."""
    page = visit("/?view=map")
    page.wait_for_function(f"() => Object.keys(({PIXELS})()).length > 50")
    plain = page.evaluate(PIXELS)
    assert sum(plain.values()) > 2000
    search_status = page.locator("#map-status")
    page.fill("#query", QUESTION)
    expect(search_status).to_contain_text("The best 10 passages")
    page.wait_for_timeout(100)
    marked = page.evaluate(PIXELS)
    text = page.evaluate("getComputedStyle(document.body).color")
    dark = (lambda r, g, b, _: (r << 16) | (g << 8) | b)(*page.evaluate(FONTS, text))
    assert marked.get(str(dark), 0) > plain.get(str(dark), 0) + 20  # labels

    def changed(act: Callable[[], object]) -> bool:
        before = page.evaluate(IMAGE)
        act()
        for _ in range(50):
            if page.evaluate(IMAGE) != before:
                return True
            page.wait_for_timeout(100)
        return False

    page.focus("#map")
    assert changed(lambda: page.keyboard.press("+"))
    assert changed(lambda: page.keyboard.press("ArrowLeft"))
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    assert changed(lambda: page.mouse.wheel(0, -400))
    page.mouse.down()
    assert changed(lambda: page.mouse.move(box["x"] + 360, box["y"] + 260, steps=4))
    page.mouse.up()
    assert changed(lambda: page.click("#map-all"))
    assert changed(lambda: page.click(".chip[data-code=tr]"))
    assert changed(lambda: page.uncheck("#map-words"))


def test_a_point_of_the_map_leads_on(visit: Opened, address: str) -> None:
    """Under the pointer it has a label; a click on a passage searches for it."""
    page = visit("/?view=map")
    page.wait_for_function(f"() => Object.keys(({PIXELS})()).length > 50")
    page.uncheck("#map-words")
    points = page.request.get(f"{address}/map").json()
    own = [n for n, kind in enumerate(points["kind"]) if kind == 0]
    lone = max(own, key=lambda n: points["x"][n])
    x, y = points["x"][lone], points["y"][lone]
    at = page.evaluate(
        "([x, y]) => { const c = document.getElementById('map'); const box = c.getBoundingClientRect();"
        " const unit = Math.min(c.clientWidth, c.clientHeight) / 2.12;"
        " return [box.left + c.clientWidth / 2 + x * unit, box.top + c.clientHeight / 2 - y * unit]; }",
        [x, y],
    )
    page.mouse.move(*at)
    expect(page.locator("#map-label")).to_contain_text(points["label"][lone][:20])
    page.mouse.click(*at)
    expect(page.locator("#view-search")).to_be_visible()
    expect(page.locator(".hit").first).to_be_visible()
    assert page.input_value("#query").startswith(points["label"][lone][:20].strip())


def test_neighbours_lead_from_one_to_the_next(visit: Opened, address: str) -> None:
    """The words of the service, with language and count; a click goes on, the trail and the back button lead back."""
    page = visit("/?view=neighbours")
    page.fill("#ngram", "physics")
    expect(page.locator(".near").first).to_be_visible()
    expected = page.request.get(f"{address}/neighbours?ngram=physics&k=30").json()["neighbours"]
    assert page.locator(".near .word").all_text_contents() == [one["text"] for one in expected]
    other = next(n for n, one in enumerate(expected) if one["text"] != "physics")
    page.locator(".near").nth(other).click()
    page.wait_for_url(f"**n={expected[other]['text']}")
    expect(page.locator("#trail button")).to_have_count(2)
    page.go_back()
    page.wait_for_url("**n=physics")
    page.click(".chip[data-code=it]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.near .tag')].every(one => one.textContent === 'Italian')"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_both_schemes(visit: Opened, scheme: str) -> None:
    """Text on the ground and on the strongest colours has a contrast of 4.5 and more (WCAG AA)."""
    page = visit(color_scheme=scheme)
    search(page, QUESTION)
    ratios = page.evaluate(CONTRAST)
    darkness = ratios.pop("dark")
    assert (darkness < 0.1) is (scheme == "dark")
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}


def test_a_phone_has_no_sideways_scroll(visit: Opened) -> None:
    """360 pixels wide, with a why open, on the map and among neighbours."""
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    wide = "document.documentElement.scrollWidth"
    search(page, QUESTION)
    assert page.evaluate(wide) == 360
    page.tap(".why-button")
    expect(page.locator(".why")).to_be_visible()
    page.locator(".hit").first.locator(".text .w", has_text="Physics").first.tap()
    expect(page.locator("#tip")).to_be_visible()
    box = page.locator("#tip").bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert page.evaluate(wide) == 360
    # no word is broken: what is wider than its line is only what a line cannot hold
    assert (
        page.locator(".hit .text, .hit h2").first.evaluate("one => getComputedStyle(one).overflowWrap") == "break-word"
    )
    assert page.evaluate(BROKEN) == []
    page.tap(".hit h2 a")
    expect(page.locator("#found")).to_be_visible()
    assert page.evaluate(wide) == 360
    page.tap("#document-back")
    for path in ("map", "neighbours"):
        page.tap(f"nav a[data-view={path}]")
        expect(page.locator(f"#view-{path}")).to_be_visible()
        assert page.evaluate(wide) == 360


def test_right_to_left_text_has_its_direction(
    visit: Opened, corpus_and_model: tuple[Path, Path], tmp_path: Path
) -> None:
    """Arabic runs from the right inside a page that runs from the left; markup in it is only text."""
    source = tmp_path / "ar.jsonl"
    text = "ولدت ماري كوري في وارسو. درست الفيزياء في باريس. <img src=x onerror=alert(1)> <b>فازت بجائزة نوبل</b>."
    section = {"title": "حياة", "paragraphs": [text]}
    document = {"id": "1", "lang": "ar", "title": "ماري كوري", "sections": [section]}
    source.write_text(json.dumps(document) + "\n", encoding="utf-8")
    ingest([str(source)], tmp_path / "corpus")
    create(tmp_path / "index", corpus_and_model[1], IndexSettings(map_points=0))
    add_corpus(tmp_path / "index", tmp_path / "corpus")
    with server(tmp_path / "index") as (_, address):
        page = visit("/?q=ماري كوري باريس", base=address, allowed="404")
        shown = page.locator(".hit .text").first
        expect(shown).to_contain_text("وارسو")
        assert shown.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert shown.get_attribute("lang") == "ar"
        assert page.locator("#query").evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
        assert page.locator(".hit img, .hit b b, .text b").count() == 0
        page.click("nav a[data-view=map]")
        expect(page.locator("#map-status")).to_have_text("This index was built without a map.")


def test_a_key_is_asked_for_and_kept_for_the_tab(visit: Opened, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks once; after a reload it still has the key; another tab does not."""
    monkeypatch.setenv("SPRACHBUND_API_KEY", "s3cret")
    with server(folder) as (_, address):
        page = visit("/?q=river", base=address, allowed="401")
        expect(page.locator("#key-dialog")).to_be_visible()
        page.fill("#key", "wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("expected the API key")
        expect(page.locator("#key-dialog")).to_be_visible()
        page.fill("#key", "s3cret")
        page.keyboard.press("Enter")
        expect(page.locator(".hit").first).to_be_visible()
        page.reload()
        expect(page.locator(".hit").first).to_be_visible()
        assert page.evaluate("localStorage.length") == 0
        other = visit("/", base=address, allowed="401")
        expect(other.locator("#key-dialog")).to_be_visible()


def test_a_service_that_has_gone_is_told(visit: Opened) -> None:
    """An error in words, not a page that hangs; when it is back the next query works."""
    page = visit(allowed="net::ERR")
    expect(page.locator(".chip").first).to_be_visible()
    page.route("**/search", lambda route: route.abort())
    page.fill("#query", "river")
    expect(page.locator("#status .error")).to_have_text("The service does not answer. Is it still running?")
    page.unroute("**/search")
    search(page, "river bank")
    expect(page.locator(".hit").first).to_be_visible()


def test_the_api_page_lists_the_routes(visit: Opened) -> None:
    """/docs is written by our own script from openapi.json."""
    page = visit("/docs")
    expect(page.locator("h2", has_text="/search")).to_be_visible()
    assert page.locator("h2").count() == 11
    expect(page.locator("main")).to_contain_text("maximum 1000")


def test_a_galician_query_finds_its_neighbours_with_the_letters_shown(visit: Opened) -> None:
    """The topic comes first in Portuguese and Spanish, by *ciclo* among the first two of Italian; letters that are the
    same and letters that stand for them differ."""
    page = visit("/?q=a+choiva+e+o+ciclo+da+auga&lang=pt,es,it")
    expect(page.locator(".hit")).not_to_have_count(0)
    found: dict[str, list[str]] = {"pt": [], "es": [], "it": []}
    for hit in page.locator(".hit").all():
        code, _, document = hit.get_attribute("data-key").split("#")[0].partition(":")
        found[code] += [document] if document not in found[code] else []
    assert [found[code][0] for code in ("pt", "es")] == ["pt-water-cycle", "es-water-cycle"]
    assert "it-water-cycle" in found["it"][:2]
    expect(page.locator("#spoken option").first).to_have_text("Galician, by its words")
    expect(page.locator("#legend-letters")).to_be_visible()
    portuguese = page.locator(".hit[data-key^='pt:pt-water-cycle']").first
    portuguese.locator(".why-button").click()
    row = portuguese.locator("tr", has=page.locator("bdi", has_text=re.compile("^choiva$"))).first
    assert row.locator("bdi").all_text_contents() == ["choiva", "chuva"]
    assert row.locator("bdi").nth(0).locator(".learned").all_text_contents() == ["oi"]
    assert row.locator("bdi").nth(1).locator(".learned").all_text_contents() == ["u"]
    assert row.locator("bdi").nth(1).locator(".same").all_text_contents() == ["ch", "va"]


def test_how_far_to_look_is_chosen_and_stands_in_the_address(visit: Opened) -> None:
    """My language alone has no other; what was chosen is there again when the address is opened."""
    page = visit("/?q=a+choiva+e+o+ciclo+da+auga")
    expect(page.locator(".hit")).not_to_have_count(0)
    page.locator("label", has_text="My language").click()
    expect(page.locator("#status")).to_contain_text("in 1 language, asked in Galician")
    assert page.locator(".hit .tag").all_text_contents() == ["Galician"] * page.locator(".hit").count()
    assert "reach=own" in page.url
    page.locator("#spoken").select_option("it")
    expect(page.locator("#status")).to_contain_text("asked in Italian")
    again = visit(page.url.removeprefix(page.url.split("/?")[0]))
    expect(again.locator("#status")).to_contain_text("in 1 language, asked in Italian")
    assert again.locator("input[name=reach]:checked").get_attribute("value") == "own"
