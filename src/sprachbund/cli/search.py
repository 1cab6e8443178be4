"""``sprachbund search INDEX "query"``: the best passages, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import console, print_json, say
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

    from sprachbund.search.index import Hit, Index
    from sprachbund.search.why import Why

STRONG = 5
"""Pairs of words that are listed."""
ALIKE = {"accents": " (the same but for accents)", "part": " (part of a word)"}


def search(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="A folder that index wrote.", show_default=False)],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="What to find: one text, or words without quotes.", show_default=False),
    ] = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=1_000, help="Results.")] = 10,
    language: Annotated[
        str | None, typer.Option(help="Languages to search in, parted by commas, as pt,es. Default: all.")
    ] = None,
    mode: Annotated[
        str,
        typer.Option(help="hybrid (both, weighted), dense (the encoder), bm25, or rrf (both, by their ranks)."),
    ] = "hybrid",
    why: Annotated[bool, typer.Option("--why", help="Show which words made each score.")] = False,
    queries: Annotated[
        Path | None,
        typer.Option(help="Many queries: JSON Lines with _id and text (BEIR), or id<TAB>text.", show_default=False),
    ] = None,
    trec: Annotated[
        Path | None,
        typer.Option(help="With --queries: the file for the run, a document at its best passage.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Search an index."""
    from sprachbund.search.index import Index

    query = " ".join(words) if words else None
    if (query is None) == (queries is None):
        raise SettingsError('give one query, as sprachbund search INDEX "bread and salt", or a file with --queries')
    if trec is not None and queries is None:
        raise SettingsError("--trec writes a run for --queries FILE; name both")
    if query is not None and not query.strip():
        raise SettingsError("the query is empty; give words to find")
    if trec is not None:
        require_place(trec, folder=False)
    opened = Index.open(index)
    given: Any = mode
    languages = split_languages(language) or ()
    if queries is not None:
        _many(opened, queries, trec, k, languages, given, as_json)
        return
    assert query is not None
    hits = opened.search(query, k, languages, given)
    reasons = [opened.why(query, hit) if why else None for hit in hits]
    if as_json:
        print_json([{**hit.to_dict(), "why": w.to_dict() if w else None} for hit, w in zip(hits, reasons, strict=True)])
        return
    if not hits:
        say("nothing was found")
    for hit, reason in zip(hits, reasons, strict=True):
        _print(hit, reason)


def _many(opened: "Index", queries: Path, trec: Path | None, k: int, languages: Any, mode: Any, as_json: bool) -> None:
    from sprachbund.files import write_text
    from sprachbund.retrieval.trec import read_queries, trec_lines
    from sprachbund.search.judging import best_documents

    texts = read_queries(queries)
    opened.scope(languages)
    found = {name: opened.search(text, k, languages, mode) for name, text in texts.items()}
    if trec is not None:
        write_text(trec, trec_lines({name: best_documents(hits, {}) for name, hits in found.items()}, mode))
        if as_json:
            print_json({"run": str(trec), "queries": len(found)})
        else:
            say(f"{trec}: {len(found):,} queries")
    elif as_json:
        print_json({name: [hit.to_dict() for hit in hits] for name, hits in found.items()})
    else:
        for name, hits in found.items():
            say(f"{name}")
            for hit in hits:
                say(f"  {hit.rank:3} {hit.score:.3f} {hit.key}  {hit.title}")


def _print(hit: "Hit", why: "Why | None") -> None:
    from rich.text import Text

    out = console()
    parts = ", ".join(f"{name} {value:.3f}" for name, value in hit.parts.items())
    title, found = Text(visible(hit.title), "bold"), Text(visible(hit.text))
    if why:
        found = _coloured(why, hit.language, why.title)
        if why.title:
            title = _coloured(why, hit.language, 0, why.title - 1)
            title.stylize("bold")
    if hit.section:
        title.append(visible(f" / {hit.section}"), "bold")
    rest = visible(f"  [{hit.language}]  {hit.score:.3f} ({parts})")
    out.print(Text.assemble((f"{hit.rank:2}. ", "dim"), title, rest))
    out.print(Text("    ").append_text(found))
    lines = []
    if why is not None:
        lines = _strong(why)
        lines.append(f"the text around the passage: exact {why.around_exact:.3f}, dense {why.around_dense:.3f}")
        lines += [why.note] if why.note else []
    for line in (*lines, hit.key):
        out.print(Text(visible(f"    {line}"), "dim"))


def _strong(why: "Why") -> list[str]:
    """The strongest pairs of words, a pair that stands in several places once."""
    sums: dict[tuple[str, str, str], list[float]] = {}
    for pair in why.pairs:
        left, right = why.query_words[pair.query], why.text_words[pair.text]
        words = (why.query[left.start : left.end].lower(), why.text[right.start : right.end].lower(), pair.match)
        own = sums.setdefault(words, [0.0, 0.0])
        own[0] += pair.exact
        own[1] += pair.dense
    strong = sorted(sums.items(), key=lambda item: -abs(sum(item[1])))[:STRONG]
    return [
        f"{a} - {b}: exact {exact:.3f}{ALIKE.get(match, '')}, dense {dense:.3f}"
        for (a, b, match), (exact, dense) in strong
    ]


def _coloured(why: "Why", language: str, begin: int, end: int | None = None) -> "Text":
    """A part of a passage, the words that matter coloured: what BM25 found green, what the encoder found cyan."""
    from rich.text import Text

    from sprachbund.search.passages import shown

    made, text = Text(), why.text if end is None else why.text[:end]
    most = max((max(dense, exact) for dense, exact in why.text_totals), default=0.0)
    place = begin
    for span, (dense, exact) in zip(why.text_words, why.text_totals, strict=True):
        strength = max(dense, exact) / most if most > 0 else 0.0
        if strength >= 0.15 and place <= span.start < len(text):
            colour = "green" if exact >= dense else "cyan"
            made.append(visible(shown(text[place : span.start], language)))
            made.append(
                visible(shown(text[span.start : span.end], language)), f"bold {colour}" if strength >= 0.5 else colour
            )
            place = span.end
    return made.append(visible(shown(text[place:], language)))
