"""The first page of a zoo: its models in a table that sorts and filters, its lineage, and what is wanted."""

from collections.abc import Sequence

from sprachbund.errors import LanguageError
from sprachbund.languages import find
from sprachbund.report.markup import Markup, cell, element, join
from sprachbund.zoo.finding import languages_of
from sprachbund.zoo.hub import named_language, shown_score
from sprachbund.zoo.index import Entry, Index
from sprachbund.zoo.lineage import heirs, links
from sprachbund.zoo.opening import Opened
from sprachbund.zoo.pages.family import drawn, page_of
from sprachbund.zoo.wanting import Wanted

__all__ = ["amount", "command", "front_page", "language_name"]

_COLUMNS = (
    ("model", "text"), ("kind", "text"), ("languages", "text"), ("parameters", "number"), ("size", "number"),
    ("score", "number"), ("started from", "text"), ("heirs", "number"), ("added", "text"),
)  # fmt: skip
_SIZES = ((1 << 20, "1 MB"), (10 << 20, "10 MB"), (100 << 20, "100 MB"), (1 << 30, "1 GB"))


def front_page(opened: Opened, wanted: Sequence[Wanted], asked: str) -> Markup:
    """The body of index.html."""
    index = opened.index
    family = drawn(index, "pages/")
    return join(
        _header(opened),
        element("main", _models(index, wanted), _lineage(family), _wanted(wanted, asked), _trust(opened)),
    )


def _header(opened: Opened) -> Markup:
    index = opened.index
    count, languages = len(index.models), len(languages_of(index.models))
    one = count == 1, languages == 1
    by = [
        element("span", element("b", f"{count:,}"), " model" if one[0] else " models"),
        element("span", element("b", f"{languages:,}"), " language" if one[1] else " languages"),
        element("span", "state ", element("b", f"{index.serial:,}")),
        element("span", "key ", element("b", element("code", index.key[:16]))),
    ]
    return element(
        "header",
        element("h1", "Models"),
        element("p", by, class_="by"),
        element("p", "Get one with ", command("sprachbund zoo get NAME --from "), class_="question"),
    )


def _models(index: Index, wanted: Sequence[Wanted]) -> Markup:
    heads = [
        element("th", element("button", name, type="button", data_column=number, data_type=kind), scope="col",
                class_="number" if kind == "number" else None)
        for number, (name, kind) in enumerate(_COLUMNS)
    ]  # fmt: skip
    starts: dict[str, list[str]] = {}
    for link in links(index):
        starts.setdefault(link.heir.called, []).append(link.called)
    rows = [_row(index, each, starts.get(each.called, [])) for each in index.models]
    table = element(
        "table",
        element("caption", element("span", id="count", role="status")),
        element("thead", element("tr", heads)),
        element("tbody", rows),
        class_="models", id="models",
    )  # fmt: skip
    return element(
        "section",
        element("h2", "All models", id="all-models"),
        _choices(index, wanted),
        element("p", "", id="told", role="status", hidden=True),
        element("div", table, class_="scroll", tabindex="0", role="region", aria_label="models, scrolls sideways"),
        aria_labelledby="all-models",
    )


def _choices(index: Index, wanted: Sequence[Wanted]) -> Markup:
    kinds = sorted({each.card.kind for each in index.models})
    languages = sorted(languages_of(index.models), key=language_name)
    lacking = [each for each in wanted if each.model is None]
    option = element("option", "all", value="")
    groups = [element("optgroup", [_language(code) for code in languages], label="with models")]
    if lacking:
        groups.append(element("optgroup", [_language(each.language, _told(each)) for each in lacking], label="wanted"))
    return element(
        "form",
        element("label", "Find ", element("input", type="search", id="text", autocomplete="off", size=18)),
        element("label", "Language ", element("select", option, groups, id="language")),
        element("label", "Kind ", element("select", option, [element("option", k, value=k) for k in kinds], id="kind")),
        element(
            "label",
            "Size up to ",
            element("select", element("option", "any", value=""), [element("option", t, value=n) for n, t in _SIZES],
                    id="size"),
        ),
        element("label", element("input", type="checkbox", id="newest"), " newest versions"),
        class_="choices", aria_label="Which models are shown", id="choices", hidden=True,
    )  # fmt: skip


def _language(code: str, told: str | None = None) -> Markup:
    return element("option", language_name(code), value=code, data_told=told)


def _told(wanted: Wanted) -> str:
    """What is said where a language without a model is chosen."""
    name = named_language(wanted.language)
    near = wanted.near.near if wanted.near else ()
    if not near:
        return f"Nothing for {name} yet."
    parts = [f"{language_name(each.language)} ({', '.join(model.called for model in each.models)})" for each in near]
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    how = f", {wanted.near.how}" if wanted.near and wanted.near.how else ""
    return f"Nothing for {name}: {joined} {'is' if len(parts) == 1 else 'are'} near{how}."


def _row(index: Index, entry: Entry, starts: Sequence[str]) -> Markup:
    card = entry.card
    names = ", ".join(language_name(code) for code in card.languages)
    score = card.scores[0] if card.scores else None
    following = len(heirs(index, entry))
    newest = index.find(entry.name) is entry
    shown = Markup("-")
    if score is not None:
        value, interval = shown_score(score)
        measured = f"{score.measure}{f', {score.language}' if score.language else ''}"
        shown = join(value, element("small", measured), element("small", interval) if interval != "-" else None)
    return element(
        "tr",
        element("th", element("a", entry.called, href=f"pages/{page_of(entry)}"), scope="row"),
        cell(card.kind),
        cell(element("span", names or "-", title=names if len(names) > 60 else None, class_="languages")),
        cell(f"{card.parameters:,}" if card.parameters else "-", class_="number", data_sort=card.parameters),
        cell(amount(entry.size), class_="number", data_sort=entry.size),
        cell(
            shown,
            class_="number",
            data_sort=score.value if score else None,
            data_group=score.measure if score else None,
        ),
        cell(", ".join(starts) or "-"),
        cell(f"{following:,}" if following else "-", class_="number", data_sort=following),
        cell(entry.added or "-", class_="date"),
        data_languages=" ".join(card.languages),
        data_kind=card.kind,
        data_size=entry.size,
        data_newest=newest,
    )


def _lineage(family: Markup | None) -> Markup:
    said = "No model here was started from another." if family is None else "A line leads from a start to its heir."
    return element(
        "section", element("h2", "Lineage", id="lineage"), element("p", said, class_="question"), family,
        aria_labelledby="lineage",
    )  # fmt: skip


def _wanted(wanted: Sequence[Wanted], asked: str) -> Markup:
    if not wanted:
        said = f"None, of {asked}." if asked else "Nobody asked yet: sprachbund zoo site ZOO --corpus CORPUS does."
        body: Markup = element("p", said)
    else:
        lines = [_wish(each) for each in wanted]
        told = element("p", f"Asked of {asked}." if asked else "", class_="question")
        body = join(told, element("ul", lines, class_="wanted"))
    return element("section", element("h2", "Wanted languages", id="wanted"), body, aria_labelledby="wanted")


def _wish(wanted: Wanted) -> Markup:
    near = wanted.near.near if wanted.near else ()
    # of each kind one: nobody starts a language model from an encoder
    first = {(each.language, model.card.kind): model for each in near for model in reversed(each.models)}
    starts = {model.called: model for model in first.values()}
    links_ = [
        join(", " if number else "", element("a", called, href=f"pages/{page_of(model)}"))
        for number, (called, model) in enumerate(starts.items())
    ]
    start = join(element("small", "start from ", links_)) if links_ else None
    return element("li", element("b", language_name(wanted.language)), element("small", wanted.why), start)


def _trust(opened: Opened) -> Markup:
    return element(
        "section",
        element("h2", "Whose models", id="trust"),
        element("p", "The index and each model are signed by the key ", element("code", opened.key.fingerprint),
                ". Compare it with what the keeper of this zoo says elsewhere; from then on it is remembered, and "
                "another one is refused."),
        element("p", element("a", "index.json", href="index.json"), ", ",
                element("a", "index.json.sig", href="index.json.sig"), ", ", element("a", "key.pub", href="key.pub")),
        aria_labelledby="trust",
    )  # fmt: skip


def command(text: str) -> Markup:
    """A command whose end is the address of this zoo, which a script fills in."""
    return element("code", text, element("span", "ZOO", data_address=True), class_="command")


def language_name(code: str) -> str:
    """In English; a code that nobody knows as it is."""
    try:
        return find(code).name
    except LanguageError:
        return code


def amount(size: int) -> str:
    """Bytes for people."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} B"
