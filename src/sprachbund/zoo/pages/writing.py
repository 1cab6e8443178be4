"""Writing the site of a zoo: ``index.html`` and a page a model, with all that they need in themselves.

No page asks for anything over a network, and each forbids itself to: its content policy names the hashes of its own
script and style. What cards say is text and stays text. The pages lie in the zoo, so links to files work wherever it
is put.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from sprachbund.claims import writing
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, write_manifest, write_text
from sprachbund.progress import Progress, Silent
from sprachbund.report.markup import Markup, join
from sprachbund.report.shell import style
from sprachbund.zoo.getting import read_whole_card
from sprachbund.zoo.index import INDEX
from sprachbund.zoo.opening import Opened, open_zoo
from sprachbund.zoo.pages.family import page_of
from sprachbund.zoo.pages.front import front_page
from sprachbund.zoo.pages.model_page import model_page
from sprachbund.zoo.wanting import NothingListedError, Wanted, wanted_languages

__all__ = ["site_of", "write_site"]

PAGES, MANIFEST, KIND, FORMAT = "pages", "pages.json", "pages of a zoo", 1
FRONT = "index.html"
_LISTS = "the languages that lists of words and treebanks have"
_OURS = '<meta name="generator" content="sprachbund zoo">'


def write_site(
    zoo: Path | str, wanted: Sequence[Wanted] = (), asked: str = "", progress: Progress | None = None
) -> Path:
    """Write the site of a zoo into its folder, over an older one.

    Args:
        wanted: languages that models are wanted for. asked: of which languages that was asked, for the page.
        progress: told of models.

    Returns:
        The first page.

    Raises:
        FolderError: there is no zoo, it is damaged, or a file of somebody else is in the place of a page.
    """
    zoo = Path(zoo)
    if not (zoo / INDEX).is_file():
        raise FolderError(f"{zoo}: expected a zoo, but it has no {INDEX}")
    front = zoo / FRONT
    if front.exists() and _OURS not in front.read_text(encoding="utf-8", errors="replace"):
        raise FolderError(f"{front}: not written by sprachbund; move it elsewhere first")
    with writing(front):
        opened = open_zoo(zoo)
        _write_pages(zoo, opened, progress or Silent())
        text = _page("Models", "", opened.index.serial, front_page(opened, list(wanted), asked))
        write_text(front, text)
    return front


def site_of(
    zoo: Path | str,
    *,
    languages: Sequence[str] | None = None,
    corpus: Path | str | None = None,
    near: bool | None = None,
    data: Path | str | None = None,
    progress: Progress | None = None,
) -> Path:
    """`write_site` with the languages that are wanted, as `wanting.wanted_languages` finds them.

    Args:
        languages, corpus: asked of; None for those that lists of words and treebanks have, where there are any.
        near: whether to say what each could be started from; None: where languages are named.
    """
    named = languages is not None or corpus is not None
    index = open_zoo(zoo).index
    try:
        wanted = wanted_languages(
            index, languages=languages, corpus=corpus, data=data, near=named if near is None else near,
            progress=progress,
        )  # fmt: skip
    except NothingListedError:
        return write_site(zoo, progress=progress)
    asked = "the languages named" if languages is not None else "the languages of a corpus" if named else _LISTS
    return write_site(zoo, wanted, asked, progress)


def _write_pages(zoo: Path, opened: Opened, progress: Progress) -> None:
    with atomic_folder(zoo / PAGES, MANIFEST) as folder:
        for entry in opened.index.models:
            body = model_page(opened.index, entry, read_whole_card(opened, entry))
            write_text(folder / page_of(entry), _page(entry.called, "../", opened.index.serial, body))
            progress.advance()
        write_manifest(folder, MANIFEST, KIND, FORMAT, serial=opened.index.serial)


def _page(title: str, home: str, serial: int, body: Markup) -> str:
    here = files("sprachbund.zoo.pages")
    sheet = style() + here.joinpath("zoo.css").read_text(encoding="utf-8")
    script = here.joinpath("zoo.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(sheet)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    template = Template(here.joinpath("zoo.html").read_text(encoding="utf-8"))
    return template.substitute(
        generator=_OURS, policy=policy, title=join(title), style=sheet, home=home, body=body, script=script,
        serial=serial,
    )  # fmt: skip


def _hash(text: str) -> str:
    """What a content policy calls a script or a style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
