"""All pairs: values, floors, order and tree by hand; the page in a browser, alone, on a phone and by keyboard."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import chromium
from sprachbund.errors import LanguageError, MissingDataError, SettingsError
from sprachbund.neighbours import floors, pairs
from sprachbund.neighbours.clustering import distances, grown, tree_of
from sprachbund.neighbours.map_page import page_data, render
from sprachbund.neighbours.measures import Measure, Value, lacking
from sprachbund.neighbours.pairs import Matrix, compare_all, to_dict, to_frame, write_pairs
from sprachbund.neighbours.sources import Sources

FAMILY = {"fi": "Uralic", "et": "Uralic", "hu": "Uralic", "tr": "Turkic", "ja": "Japonic", "ko": "Koreanic"}
CODES = ["de", "es", "fi", "hu", "ja", "ko", "pt", "tr"]
PLACES = {code: (10.0 * place - 20, 15.0 * place) for place, code in enumerate(CODES) if code != "ko"}


def apart(one: str, other: str) -> float:
    """How far two codes are: their places in the alphabet, and Spanish beside Portuguese."""
    return 0.5 if {one, other} == {"es", "pt"} else float(abs(CODES.index(one) - CODES.index(other)))


def measure(name: str, compute: Callable[[str, str], Value], **more: Any) -> Measure:
    """One that knows its answers."""
    return Measure(name, name, "", more.pop("direction", "lower"), "vocabulary",
                   lambda sources, one, other: compute(one, other), **{"text": True, **more})  # fmt: skip


def far(one: str, other: str) -> Value:
    """`apart`; of Japanese nothing is known."""
    if "ja" in (one, other):
        return lacking("no list of ja")
    value = apart(one, other)
    return Value(value, value - 0.1, value + 0.1, 0.5, source="table <b>")


FAR = measure("far", far)
DIRECTED = measure("directed", lambda one, other: Value(1 / (1 + apart(one, other)) - (one > other) / 9, coverage=0.9),
                   symmetric=False, direction="higher")  # fmt: skip


def missing(one: str, other: str) -> Value:
    """Its data are not there at all."""
    raise MissingDataError("no folder absent")


@pytest.fixture
def matrix(monkeypatch: pytest.MonkeyPatch) -> Matrix:
    """Eight languages by two measures, families and places without URIEL."""
    monkeypatch.setattr(floors, "family_of", lambda sources, code: FAMILY.get(code, "Indo-European"))
    monkeypatch.setattr(pairs, "family_of", lambda sources, code: FAMILY.get(code, "Indo-European"))
    monkeypatch.setattr(pairs, "place_of", lambda sources, code: PLACES.get(code))
    return compare_all(Sources(), CODES, measures=[FAR, DIRECTED, measure("absent", missing)])


def test_every_pair(matrix: Matrix) -> None:
    """Both ways; what is not known is nothing; the floor is the median of strangers; what has no data is said."""
    table = matrix.table("far")
    assert table[1, 6] == table[6, 1] == 0.5 and np.isnan(table[:, 4]).all() and np.isnan(table.diagonal()).all()
    # Spanish is 1, 2, 4 and 6 from Finnish, Hungarian, Korean, Turkish: four strangers with a value give no floor,
    # by the other measure there are five
    assert matrix.values["far"][1, 6].floor is None
    strangers = [matrix.table("directed")[1, CODES.index(code)] for code in ("fi", "hu", "ja", "ko", "tr")]
    assert matrix.values["directed"][1, 6].floor == pytest.approx(float(np.median(strangers)))
    assert matrix.table("directed")[1, 6] != matrix.table("directed")[6, 1]
    assert "without absent: no folder absent" in matrix.notes


def test_the_scores_are_those_of_each_target(matrix: Matrix) -> None:
    """Portuguese is nearest for Spanish by both measures, Turkish farthest by one and not by the other."""
    assert matrix.scores[1, 6] == 1.0 and np.isnan(matrix.scores.diagonal()).all()
    assert matrix.scores[1].tolist() != matrix.scores[:, 1].tolist()


def test_who_may_be_asked_for() -> None:
    """Three languages or more, each once; unknown ones are named."""
    for asked in (["pt", "es"], ["nb", "no", "pt"]):
        with pytest.raises(SettingsError, match=r"3 to 150 languages, found 2; name them"):
            compare_all(Sources(), asked, measures=[FAR])
    with pytest.raises(LanguageError, match="'xqz'"):
        compare_all(Sources(), ["pt", "es", "xqz"], measures=[FAR])
    with pytest.raises(LanguageError, match="a list of languages"):
        compare_all(Sources(), "pt,es,gl", measures=[FAR])
    with pytest.raises(MissingDataError, match="no folder absent"):
        compare_all(Sources(), ["pt", "es", "de"], measures=[measure("absent", missing)])


def test_what_other_programs_read(matrix: Matrix, tmp_path: Path) -> None:
    """A row a target, candidate and measure, as Parquet; the same in JSON, which has no NaN."""
    write_pairs(matrix, tmp_path / "map.parquet")
    read = pl.read_parquet(tmp_path / "map.parquet")
    assert read.equals(to_frame(matrix)) and read.height == 2 * 8 * 7
    row = read.filter(target="es", candidate="pt", measure="far").row(0, named=True)
    assert (row["value"], row["low"], row["coverage"], row["from"], row["score"]) == (0.5, 0.4, 0.5, "table <b>", 1.0)
    said = json.loads(json.dumps(to_dict(matrix), allow_nan=False))
    pair = next(each for each in said["pairs"] if (each["target"], each["candidate"]) == ("es", "pt"))
    assert pair["measures"]["far"]["value"] == 0.5 and pair["score"] == 1.0
    assert said["languages"][1] == {"language": "es", "name": "Spanish", "family": "Indo-European", "place": [-10, 15]}


def test_a_tree_by_hand() -> None:
    """Two pairs at 1 and 2, joined at the mean of the four distances between them; like beside like."""
    square = np.array([[0, 6, 1, 4], [6, 0, 5, 2], [1, 5, 0, 3], [4, 2, 3, 0]], float)
    tree = grown(square)
    assert [height for *_, height in tree.merges] == [1, 2, pytest.approx(4.5)]
    assert tree.leaves in ((0, 2, 3, 1), (1, 3, 2, 0)) and tree.without == ()
    first = {tree.leaves[side] for side in tree.merges[0][:2]}
    assert first == {0, 2} and set(tree.merges[2][:2]) == {4, 5}


def test_what_is_hardly_known_stands_in_no_tree(matrix: Matrix) -> None:
    """Japanese by a measure that lacks it; a single missing pair is as far as the farthest."""
    tree = tree_of(matrix, FAR)
    assert tree.without == (4,) and sorted((*tree.leaves, 4)) == list(range(8))
    square = distances(matrix, FAR)
    square[0, 7] = square[7, 0] = np.nan
    assert len(grown(square).leaves) == 7
    assert grown(np.full((3, 3), np.nan)).without == (0, 1, 2)
    nearer = distances(matrix, DIRECTED)
    assert nearer[1, 6] < nearer[1, 7] and nearer[1, 6] == nearer[6, 1]


def test_what_the_page_holds(matrix: Matrix) -> None:
    """Numbers of four digits, no NaN, and nothing that strangers wrote as markup."""
    data = page_data(matrix)
    assert [each["name"] for each in data["views"]] == ["fused", "far", "directed"]
    assert data["views"][1]["more"][1][6] == [0.4, 0.6, 0.5, None] and data["views"][1]["values"][1][4] is None
    page = render(matrix)
    assert "<b>" not in page.split('id="data">')[1].split("</script>")[0] and "NaN" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, matrix: Matrix, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page; nothing may stand on its console, and nothing but the file may be asked for."""
    path = tmp_path / "map.html"
    path.write_text(render(matrix), encoding="utf-8")
    told: list[str] = []
    opened = []

    def open_page(place: str = "", **settings: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1100, "height": 900}} | settings))
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda asked: told.append(asked.url) if not asked.url.startswith("file:") else None)
        page.goto(path.as_uri() + place)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert told == []


def drawn(page: Page) -> Mapping[str, int]:
    """How much of each part stands on the page."""
    return {
        "cells": page.locator("#heat rect:not(.frame):not(.row)").count(),
        "leaves": page.locator("#tree .pick").count(),
        "points": page.locator("#map circle").count(),
        "rows": page.locator("#list tbody tr").count(),
    }


def test_the_page_in_a_browser(visit: Callable[..., Page]) -> None:
    """Every cell, leaf, place and row; another measure and language draw it anew and are in its address."""
    page = visit("#fused/es")
    page.locator("#near").uncheck()
    assert drawn(page) == {"cells": 64, "leaves": 8, "points": 7, "rows": 7}
    expect(page.locator("#list tbody tr").first).to_contain_text("Portuguese")
    page.locator("#measure").select_option(label="far")
    assert drawn(page) == {"cells": 64, "leaves": 7, "points": 7, "rows": 6}
    expect(page.locator("#about")).to_contain_text("lower is nearer; the same both ways; from table <b>")
    page.locator("#tree .pick", has_text="Finnish").click()
    assert page.url.endswith("#far/fi") and page.locator("#language").input_value() == "2"
    expect(page.locator("#list tbody tr").first).to_contain_text("0.900 to 1.10")


def test_the_page_by_keyboard(visit: Callable[..., Page]) -> None:
    """Arrows move through the cells and say what they hold; Enter chooses the row's language."""
    page = visit("#far/es")
    page.locator("#heat svg").focus()
    page.keyboard.press("ArrowRight")
    before = page.locator("#readout").inner_text()
    assert before.startswith("Spanish – ") or before == "Spanish itself"
    page.keyboard.press("ArrowDown")
    expect(page.locator("#readout")).not_to_have_text(before)
    name = page.locator("#readout").inner_text().split(" – ")[0].removesuffix(" itself")
    page.keyboard.press("Enter")
    expect(page.locator("#list-title")).to_have_text(f"Nearest to {name}")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#readout")).to_contain_text(name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_on_a_phone(visit: Callable[..., Page], scheme: str) -> None:
    """Of 390 pixels nothing hangs over; text stands out from the ground in either scheme."""
    page = visit("#far/pt", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    ground, text = (
        page.evaluate(f"getComputedStyle(document.querySelector('{which}')).{what}")
        for which, what in (("body", "backgroundColor"), ("#tree text", "fill"))
    )
    light = [sum(map(int, each.removeprefix("rgb(").removesuffix(")").split(","))) for each in (ground, text)]
    assert (light[0] > 600 > 300 > light[1]) if scheme == "light" else (light[0] < 150 < 500 < light[1])
