"""``sprachbund search INDEX "query"``: the best passages, and why; or one document to read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import MUTE, complain, console, print_json, say
from sprachbund.cli.search_database import require_alone, search_database
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

    from sprachbund.search.asking import Answer
    from sprachbund.search.hits import Hit
    from sprachbund.search.index import Index
    from sprachbund.search.why import Why

STRONG = 5
"""Pairs of words that are listed."""
ALIKE = {
    "accents": " (the same but for accents)",
    "part": " (part of a word)",
    "letters": " (letters in common)",
    "cognate": " (a pair of the lexicon)",
}


def search(
    call: typer.Context,
    index: Annotated[
        str,
        typer.Argument(metavar="INDEX", help="A folder that index wrote; not with --in.", show_default=False),
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="What to find: one text, or words without quotes.", show_default=False),
    ] = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=1_000, help="Results.")] = 10,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages", "--language", help="Languages to search in, parted by commas, as pt,es. Default: all."
        ),
    ] = None,
    mode: Annotated[
        str,
        typer.Option(help="hybrid (both, weighted), dense (the encoder), bm25, or rrf (both, by their ranks)."),
    ] = "hybrid",
    reach: Annotated[
        str,
        typer.Option(
            help="own (the query's language), neighbours (and those that spell alike, found by their letters), or all."
        ),
    ] = "all",
    query_language: Annotated[
        str | None,
        typer.Option(help="The language of the query, as pt. Default: told by its words.", show_default=False),
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Show which words made each score.")] = False,
    page: Annotated[int, typer.Option(min=1, max=1_000, help="Which results: 2 for the next -k of them.")] = 1,
    group: Annotated[bool, typer.Option("--group", help="A result a document, with its best passages.")] = False,
    context: Annotated[int, typer.Option(min=0, max=5, help="Passages to show before and after each.")] = 0,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help='Only documents with this in a column of metadata, as --where author="Jane Doe"; repeatable.',
            show_default=False,
        ),
    ] = None,
    since: Annotated[str, typer.Option(help="Only documents from then on: 2020, 2020-05 or 2020-05-17.")] = "",
    until: Annotated[str, typer.Option(help="Only documents up to then, the whole year or month.")] = "",
    exactly: Annotated[
        bool, typer.Option("--exactly", help="Search for what was typed, also where nothing holds any word of it.")
    ] = False,
    document: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Instead of a search: the text of a document, as pt:id.", show_default=False),
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(help="Many queries: JSON Lines with _id and text (BEIR), or id<TAB>text.", show_default=False),
    ] = None,
    trec: Annotated[
        Path | None,
        typer.Option(help="With --queries: the file for the run, a document at its best passage.", show_default=False),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--in",
            metavar="URL",
            help="Search in a database that index --to wrote to, as postgresql://user@host/db?table=passages.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="With --in: the index that was written, or the encoder that made its vectors. Default: index.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Search an index, or with --in a database that it was written to.

    A query may have "a phrase", -word or -"a phrase" to leave out, govern* for how a word begins, title:word,
    author:word or any other column of metadata, date:2020..2021, language:pt.
    """
    from sprachbund.search.asking import Request
    from sprachbund.search.index import Index

    if database is not None:
        require_alone(call)
        found = search_database(database, model, " ".join([index, *(words or ())]), k, languages, mode)
        if as_json:
            print_json([hit.to_dict() for hit in found])
            return
        if not found:
            say("nothing was found")
        for hit in found:
            _print(hit, None)
        return
    folder = Path(index)
    if document is not None:
        if words or queries is not None:
            raise SettingsError("--document KEY shows a document; give no query beside it")
        _read(Index.open(folder), document, as_json)
        return
    query = " ".join(words) if words else None
    if (query is None) == (queries is None):
        raise SettingsError('give one query, as sprachbund search INDEX "bread and salt", or a file with --queries')
    if trec is not None and queries is None:
        raise SettingsError("--trec writes a run for --queries FILE; name both")
    if query is not None and not query.strip():
        raise SettingsError("the query is empty; give words to find")
    if trec is not None:
        require_place(trec, folder=False)
    opened = Index.open(folder)
    given: Any = mode
    chosen = split_languages(languages) or ()
    if queries is not None:
        _many(opened, queries, trec, k, chosen, given, as_json)
        return
    assert query is not None
    far: Any = reach
    request = Request(
        *(query, k, k * (page - 1), chosen, given, _columns(where), since, until, group, context, not exactly),
        reach=far,
        query_language=query_language or "",
    )
    answer = opened.answer(request)
    hits = answer.shown
    reasons = opened.whys(query, hits) if why else [None] * len(hits)
    if as_json:
        more = [{"fits": answer.fits, "why": reason.to_dict() if reason else None} for reason in reasons]
        print_json([{**hit.to_dict(), **said} for hit, said in zip(hits, more, strict=True)])
        for note in _notes(query, answer):
            complain(note)
        return
    for note in _notes(query, answer):
        say(note)
    if mode == "hybrid" and not opened.fusion.dense:
        say(MUTE)
    if not hits:
        say("nothing was found" if page == 1 else "no further results")
    for hit, reason in zip(hits, reasons, strict=True):
        _print(hit, reason)
    if answer.further and answer.fits:
        say(f"more: --page {page + 1}")


def _notes(query: str, answer: "Answer") -> list[str]:
    """What is said of an answer, a line each."""
    notes = []
    if answer.searched != query:
        notes.append(f"nothing holds {query!r}, searched for {answer.searched!r}; with --exactly for what was typed")
    if answer.suggestion:
        notes.append(f"did you mean {answer.suggestion!r}?")
    return [*notes, *answer.notes]


def _columns(given: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given or []:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise SettingsError(f"expected --where NAME=VALUE, found {text!r}")
        found[name.strip()] = value
    return found


def _read(opened: "Index", key: str, as_json: bool) -> None:
    """Print a document, a passage a line."""
    found = opened.document(key)
    if as_json:
        print_json(found.to_dict())
        return
    say(found.title or found.id)
    for name, value in found.meta.items():
        say(f"{name}: {value}")
    say("")
    for line in found.text.split("\n"):
        say(line)


def _many(opened: "Index", queries: Path, trec: Path | None, k: int, languages: Any, mode: Any, as_json: bool) -> None:
    from sprachbund.files import write_text
    from sprachbund.retrieval.ranking.trec import read_queries, trec_lines
    from sprachbund.search.judging import best_documents

    texts = read_queries(queries)
    opened.scope(languages)
    found = {name: opened.search(text, k, languages, mode, operators=False) for name, text in texts.items()}
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

    from sprachbund.search.passages import shown

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
    if hit.before:
        out.print(Text(visible(f"    {shown(hit.before, hit.language)}"), "dim"))
    out.print(Text("    ").append_text(found))
    if hit.after:
        out.print(Text(visible(f"    {shown(hit.after, hit.language)}"), "dim"))
    lines = []
    if why is not None:
        lines = _strong(why) + _met(why)
        lines.append(f"the text around the passage: exact {why.around_exact:.3f}, dense {why.around_dense:.3f}")
        lines += [why.note] if why.note else []
    about = [hit.meta[name] for name in ("author", "date", "url", "path") if hit.meta.get(name)]
    for line in (*lines, "  ".join((hit.key, *about))):
        out.print(Text(visible(f"    {line}"), "dim"))
    for other in hit.more:
        out.print(Text.assemble(visible(f"    + {other.text}"), (visible(f"  {other.key}"), "dim")))


def _strong(why: "Why") -> list[str]:
    """The strongest pairs of words, a pair that stands in several places once."""
    return [
        f"{one.query} - {one.text}: exact {one.exact:.3f}{ALIKE.get(one.match, '')}, dense {one.dense:.3f}"
        for one in why.strongest(STRONG)
    ]


def _met(why: "Why") -> list[str]:
    """Letters of two languages that the table has for one another, the strongest first; none of the same language."""
    learned = {
        (one.query_letters, one.text_letters): one.learned
        for one in why.meetings
        if one.learned and one.query_letters != one.text_letters
    }
    shown = list(learned.items())[:STRONG]
    each = (f"{ours.replace(' ', '·')} - {theirs.replace(' ', '·')} {chance:.2f}" for (ours, theirs), chance in shown)
    return [f"letters that stand for one another: {', '.join(each)}"] if learned else []


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
