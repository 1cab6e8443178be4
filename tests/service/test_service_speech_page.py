"""The page's microphone and its upload in a real browser: what is said and what a file holds stands there as text."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_speech import say, write
from playwright.sync_api import Browser, Page, expect
from talking import server

from browsers import chromium, launch

PATIENCE = 120_000
"""Milliseconds, of a machine that does much else."""
expect.set_options(timeout=PATIENCE)

SAID = "ebo mab oem"
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def address(recogniser: Path) -> Iterator[str]:
    """The address of a server with a recogniser, over a stand-in for an index."""
    with server("stand-in:0", 60.0, 512, recogniser) as (_, found):
        yield found


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three words, as a microphone would give them again and again."""
    return write(tmp_path_factory.mktemp("spoken") / "said.wav", say(SAID, rate=48_000, seed=4), 48_000)


@pytest.fixture(scope="module")
def browser(spoken: Path) -> Iterator[Browser]:
    """Chromium with a microphone into which three words are said."""
    fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={spoken}")
    with chromium(*fake) as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens the page; at the end nothing may stand on its console, and no other host may have been asked."""
    contexts, told, asked = [], [], []

    def open_page(script: str = "", allowed: str = "", **settings: Any) -> Page:
        context = browser.new_context(**({"permissions": ["microphone"]} | settings))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(script)
        page.on("console", lambda message: (allowed and allowed in message.text) or told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        expect(page.locator("#microphone")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []
    assert [url for url in asked if not url.startswith((address, f"blob:{address}"))] == []


def lasting(seconds: int) -> re.Pattern[str]:
    """What stands there when so many seconds have been recorded, or more."""
    return re.compile(rf"0:(0[{seconds}-9]|[1-5]\d) of 5:00")


def record(page: Page, seconds: int = 3) -> None:
    """Speak for so many seconds and stop."""
    page.click("#microphone")
    expect(page.locator("#speech-seconds")).to_have_text(lasting(seconds))
    expect(page.locator("#speech-status")).to_have_text("Recording. Speak, then press Stop.")
    assert page.evaluate("() => document.activeElement.id") == "speech-stop"
    page.keyboard.press("Enter")


def test_what_is_said_is_written_down_and_searched_for(visit: Opened) -> None:
    """By the keyboard alone: words with times and how sure they are, a sound that plays, and a search for them."""
    page = visit()
    record(page)
    expect(page.locator("#speech-status")).to_contain_text("s of sound, Portuguese.")
    assert page.locator("#speech-status").get_attribute("aria-live") == "polite"
    words = page.locator("#speech-words .word")
    text = page.locator("#speech-words").inner_text()
    assert "mab" in text.split() and words.count() >= 3
    assert page.locator("#speech-words").get_attribute("lang") == "pt"
    assert page.evaluate("() => document.activeElement.id") == "speech-search"
    title = words.nth(1).get_attribute("title") or ""
    assert title.endswith("% sure") and " s, " in title
    page.wait_for_function("() => document.getElementById('speech-sound').duration >= 3")
    # from word to word by arrows; pressed, it plays from there
    words.first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.textContent") == words.nth(1).inner_text()
    page.keyboard.press("Enter")
    start = float(words.nth(1).get_attribute("data-start") or "nan")
    page.wait_for_function("start => document.getElementById('speech-sound').currentTime >= start", arg=start)
    page.click("#speech-search")
    # still to be read under the pointer
    look = page.locator("#speech-search").evaluate(
        "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    )
    assert look == ["rgb(251, 250, 248)", "rgb(23, 79, 145)"]
    assert page.input_value("#query") == text
    page.wait_for_url("**/?q=*")
    expect(page.locator("#status")).to_have_text("Nothing found.")
    page.locator("#speech-search").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#speech")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.id") == "microphone"


def test_a_file_is_written_down_and_kept(visit: Opened, spoken: Path, tmp_path: Path) -> None:
    """By its bytes, whatever it is called; as text and as subtitles, under its name."""
    named = tmp_path / "interview.txt"
    named.write_bytes(spoken.read_bytes())
    page = visit()
    page.set_input_files("#sound-file", named)
    expect(page.locator("#speech-status")).to_contain_text("3 words in")
    text = page.locator("#speech-words").inner_text()
    kept = {}
    for part in ("#speech-text", "#speech-srt"):
        with page.expect_download() as download:
            page.click(part)
        kept[download.value.suggested_filename] = Path(download.value.path()).read_text(encoding="utf-8")
    assert kept["interview.txt"] == f"{text}\n"
    assert kept["interview.srt"].startswith("1\n00:00:0") and kept["interview.srt"].endswith(f"\n{text}\n")


def test_what_only_the_browser_reads_is_written_down_too(visit: Opened) -> None:
    """WebM, which the service refuses, is sent again as WAV."""
    page = visit(allowed="415")
    page.evaluate(
        """async () => {
          const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
          const recorder = new MediaRecorder(stream, { mimeType: "audio/webm" });
          const parts = [];
          recorder.ondataavailable = (event) => parts.push(event.data);
          const stopped = new Promise((done) => (recorder.onstop = done));
          recorder.start();
          await new Promise((done) => setTimeout(done, 3000));
          recorder.stop();
          await stopped;
          const files = new DataTransfer();
          files.items.add(new File(parts, "said.webm"));
          const input = document.getElementById("sound-file");
          input.files = files.files;
          input.dispatchEvent(new Event("change"));
        }"""
    )
    expect(page.locator("#speech-status")).to_contain_text("s of sound, Portuguese.")
    assert "mab" in page.locator("#speech-words").inner_text()


def test_wrong_files_are_told(visit: Opened, tmp_path: Path) -> None:
    """A text, silence, and what is too large; each in a sentence, and the page goes on."""
    page = visit(allowed="415")
    status = page.locator("#speech-status")
    (tmp_path / "text.wav").write_text("no sound at all")
    page.set_input_files("#sound-file", tmp_path / "text.wav")
    expect(status.locator(".error")).to_contain_text("The sound: no sound that can be read")
    page.set_input_files("#sound-file", write(tmp_path / "quiet.wav", np.zeros(16_000)))
    expect(status).to_have_text("No words were heard in 2.0 s of sound.")
    expect(page.locator("#speech-search")).to_be_hidden()
    (tmp_path / "large.wav").write_bytes(bytes(33_000_000))
    page.set_input_files("#sound-file", tmp_path / "large.wav")
    expect(status.locator(".error")).to_contain_text("The file has 33.0 MB; 32.0 MB may be sent.")


def test_a_microphone_that_gives_silence_is_told(visit: Opened) -> None:
    """It is there and muted."""
    muted = """
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        stream.getTracks()[0].enabled = false;
        return stream;
      };"""
    page = visit(muted)
    record(page, 1)
    expect(page.locator("#speech-status")).to_contain_text("The microphone gave silence")


def test_a_microphone_that_is_refused_or_may_not_be_used(visit: Opened) -> None:
    """Why, and what to do, each in a sentence: the person said no; the page is not at localhost or over https."""
    refused = visit(permissions=[])
    refused.click("#microphone")
    expect(refused.locator("#speech-status .error")).to_contain_text(
        "The microphone was refused. Allow it for this page"
    )
    unsafe = visit("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    unsafe.click("#microphone")
    expect(unsafe.locator("#speech-status .error")).to_contain_text(
        "only to a page that is opened at localhost or over"
    )


def test_a_microphone_that_is_not_there_is_told(browser: Browser, address: str) -> None:
    """A machine without one."""
    other = launch(browser.browser_type)
    page = other.new_context(permissions=["microphone"]).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.click("#microphone")
    expect(page.locator("#speech-status .error")).to_have_text(
        "No microphone was found. Connect one and try again, or choose a file instead."
    )
    other.close()


def test_nobody_is_recorded_out_of_sight(visit: Opened) -> None:
    """Another view, Escape and Cancel end a recording, and nothing of it is sent."""
    page = visit()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "transcribe" in request.url else None)
    for leave in ("nav a[data-view=neighbours]", "#speech-cancel", ""):
        page.click("nav a[data-view=search]")
        page.click("#microphone")
        expect(page.locator("#speech-seconds")).to_have_text(lasting(1))
        if leave:
            page.click(leave)
        else:
            page.keyboard.press("Escape")
        expect(page.locator("#speech")).to_be_hidden()
        expect(page.locator("#microphone")).to_have_attribute("aria-pressed", "false")
    assert sent == []


def test_a_phone_has_no_sideways_scroll(visit: Opened) -> None:
    """360 pixels wide, while it records and with what was said."""
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    wide = "() => document.documentElement.scrollWidth"
    page.tap("#microphone")
    expect(page.locator("#speech-seconds")).to_have_text(lasting(2))
    assert page.evaluate(wide) == 360
    page.tap("#speech-stop")
    expect(page.locator("#speech-found")).to_be_visible()
    assert page.evaluate(wide) == 360


def test_the_api_page_has_the_route(visit: Opened) -> None:
    """With its parameters and what its body is."""
    page = visit()
    page.goto(page.url + "docs")
    heading = page.locator("h2", has_text="/transcribe")
    expect(heading).to_be_visible()
    expect(page.locator("main")).to_contain_text("The body: application/octet-stream")
