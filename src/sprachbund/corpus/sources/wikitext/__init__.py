"""Wikitext to the prose of an article: see `page.py`."""

from sprachbund.corpus.sources.wikitext.inline import tidy
from sprachbund.corpus.sources.wikitext.page import page_sections

__all__ = ["page_sections", "tidy"]
