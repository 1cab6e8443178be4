"""Chromium without a window, where it is installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserType, sync_playwright


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser, given some arguments, or a skip."""
    with sync_playwright() as playwright:
        opened = launch(playwright.chromium, *arguments)
        yield opened
        opened.close()


def launch(kind: BrowserType, *arguments: str) -> Browser:
    """The same as one of several; who asks for it closes it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on the path: the page is not tested")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return kind.launch(executable_path=found, headless=True, args=[*as_root, *arguments])
