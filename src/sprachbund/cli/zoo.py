"""``sprachbund zoo add``, ``remove``, ``list``, ``show``, ``get``, ``verify``, ``wanted``, ``site``: share models."""

from pathlib import Path
from typing import Annotated

import typer

from sprachbund.cli.options import Json, split_languages
from sprachbund.cli.output import add_row, complain, console, print_json, say, table
from sprachbund.cli.zoo_shown import mind_the_site, near_plain, near_told, plain, show_models, show_near
from sprachbund.progress import progress

zoo = typer.Typer(
    name="zoo",
    help="Share finished models in a folder with a signed index, and get those of others.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="ZOO", help="A folder or http(s)://...; default: SPRACHBUND_ZOO.", show_default=False
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.pub",
        help="The public key of its keeper. Default: the one that is remembered, or shown at the first meeting.",
        show_default=False,
    ),
]
Signer = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Your private key. Default: SPRACHBUND_ZOO_KEY, else your own, made at the first use.",
        show_default=False,
    ),
]
Home = Annotated[Path, typer.Argument(metavar="ZOO", help="The folder of the zoo.", show_default=False)]
Kind = Annotated[
    str | None, typer.Option(help="Only models of a kind: encoder, 'language model' or recogniser.", show_default=False)
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="The folder of published tables that tell who is near. Default: that of SPRACHBUND_DATA.",
        show_default=False,
    ),
]


@zoo.command(short_help="Put a finished model into a zoo.")
def add(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A folder that train wrote, or any with a card.", show_default=False)
    ],
    home: Home,
    name: Annotated[
        str | None,
        typer.Option(help="What it is called there; a name that is there gets its next version.", show_default=False),
    ] = None,
    licence: Annotated[
        str, typer.Option(help="Of the model, as model hubs write it: cc-by-sa-4.0.", show_default=False)
    ] = "",
    text: Annotated[
        str, typer.Option(metavar="NAME", help="What the text that it learned from is called.", show_default=False)
    ] = "",
    text_licence: Annotated[str, typer.Option(help="The licence of that text.", show_default=False)] = "",
    corpus: Annotated[
        Path | None,
        typer.Option(help="The corpus that it learned from: its sources and sizes are named.", show_default=False),
    ] = None,
    notes: Annotated[str, typer.Option(help="A text for readers of its card.", show_default=False)] = "",
    key: Signer = None,
    as_json: Json = False,
) -> None:
    """Put a finished model into a zoo, which is made where there is none; its index is signed with your key.

    The model's folder is copied as it is; card.json and README.md beside it say what is known of it.
    """
    from datetime import date

    from sprachbund.zoo.adding import add_model

    today = date.today().isoformat()
    with progress("copying (bytes)", None) as bar:
        entry = add_model(
            model, home, name=name, key=key, licence=licence, text=text, text_licence=text_licence, corpus=corpus,
            notes=notes, date=today, progress=bar,
        )  # fmt: skip
    if as_json:
        print_json({"zoo": str(home), **plain(entry)})
        return
    say(f"{home}: {entry.called}, {entry.card.kind}, {entry.size:,} bytes in {len(entry.model_files)} files")
    mind_the_site(home)


@zoo.command(short_help="Take a model out of a zoo.")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As pt@1; the version where there are several.")],
    home: Home,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where other models were started from it; they go on to name it.")
    ] = False,
    key: Signer = None,
) -> None:
    """Take a model out of a zoo. Its name and hashes stay in lineages, and its version is never given again."""
    from datetime import date

    from sprachbund.zoo.adding import remove_model

    stone, heirs = remove_model(name, home, key=key, anyway=anyway, date=date.today().isoformat())
    kept = f"; {', '.join(heirs)} still name it" if heirs else ""
    say(f"{home}: {stone.name}@{stone.version} is removed{kept}")
    mind_the_site(home)


@zoo.command("list", short_help="Say which models a zoo has.")
def list_(
    source: From = None,
    language: Annotated[
        str | None, typer.Option(help="Only models of a language; where there is none, of those near it.")
    ] = None,
    kind: Kind = None,
    least: Annotated[str | None, typer.Option(help="Only models of at least this size, as 10M.")] = None,
    most: Annotated[str | None, typer.Option(help="Only models of at most this size, as 1G.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Only the newest version of each name.")] = False,
    corpus: Annotated[
        Path | None, typer.Option(help="Your own text, which tells too who is near.", show_default=False)
    ] = None,
    studies: Annotated[
        list[Path] | None,
        typer.Option(metavar="STUDY", help="A finished study, whose gains tell first; repeatable.", show_default=False),
    ] = None,
    data: Data = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Say which models a zoo has, by language, kind and size; where a language has none, what is near it."""
    from sprachbund.machine import parse_size
    from sprachbund.neighbours.truth import read_gains
    from sprachbund.zoo.finding import models_of, near_models
    from sprachbund.zoo.opening import open_zoo

    opened = open_zoo(source, key)
    sizes = [None if each is None else parse_size(each) for each in (least, most)]
    found = models_of(opened.index, language=language, kind=kind, least=sizes[0], most=sizes[1], newest=newest)
    near = None
    if language is not None and not found:
        models = models_of(opened.index, kind=kind, least=sizes[0], most=sizes[1], newest=newest)
        gains = [gain for study in studies or () for gain in read_gains(study)]
        with progress("measuring who is near", None) as bar:
            near = near_models(models, language, data=data, corpus=corpus, gains=gains, progress=bar)
    if as_json:
        shown = {"zoo": opened.address, "serial": opened.index.serial, "models": [plain(each) for each in found]}
        print_json(shown | ({"near": near_plain(near)} if near is not None else {}))
        return
    if near is not None:
        show_near(near)
    elif not found:
        say(f"{opened.address}: no model")
    else:
        show_models(found)


@zoo.command(short_help="Show the card of a model.")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As pt, the newest version, or pt@1.")],
    source: From = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show the card of a model: what it is, its scores, what it was started from and what from it."""
    from sprachbund.zoo.getting import read_whole_card
    from sprachbund.zoo.hub import named_language, shown_score
    from sprachbund.zoo.lineage import heirs, links
    from sprachbund.zoo.opening import open_zoo

    opened = open_zoo(source, key)
    entry = opened.index.find(name)
    card = read_whole_card(opened, entry)
    starts = [link.called for link in links(opened.index) if link.heir is entry]
    following = [each.called for each in heirs(opened.index, entry)]
    if as_json:
        print_json({**plain(entry), "card": card.to_dict(), "started_from": starts, "heirs": following})
        return
    languages = ", ".join(map(named_language, card.languages)) or "no language named"
    say(f"{entry.called}: {card.kind}, {languages}")
    say(f"  {card.parameters:,} parameters, {entry.size:,} bytes, licence {card.licence or 'as the training text'}")
    for each in card.data:
        told = "" if each.amount == "-" else f", {each.amount}"
        say(f"  learned from {each.name}{told}{f', {each.licence}' if each.licence else ''}")
    say(f"  recipe {card.recipe[:16] or 'unknown'}, sprachbund {card.made.version}, added {entry.added or 'once'}")
    if starts:
        say(f"  started from {', '.join(starts)}")
    if following:
        say(f"  {', '.join(following)} started from it")
    for line in card.notes.splitlines():
        say(f"  {line}" if line else "")
    if card.scores:
        made = table("scores", ("language", "measure", "value", "95% interval", "on"), ("language", "measure", "on"))
        for score in card.scores:
            add_row(made, [score.language or "all", score.measure, *shown_score(score), score.on])
        console().print(made)
    if card.samples:
        say("samples")
    for sample in card.samples[:10]:
        first, *others = [line for line in sample.split("\n") if line.strip()] or [""]
        say(f"  {first}")
        for line in others:
            say(f"    {line}")


@zoo.command(short_help="Bring a model from a zoo, verified.")
def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As pt, the newest version, or pt@1.")],
    source: From = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write. Default: NAME.", show_default=False)] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Bring a model from a folder or a server: verified by signature and hashes, whole or not at all.

    Interrupted, the same command goes on from what has come.
    """
    from sprachbund.zoo.getting import bring
    from sprachbund.zoo.opening import open_zoo

    opened = open_zoo(source, key)
    with progress("fetching (bytes)", opened.index.find(name).size) as bar:
        entry, folder = bring(opened, name, out, bar)
    if as_json:
        print_json({"folder": str(folder), **plain(entry)})
        return
    say(f"{folder}: {entry.called}, {entry.card.kind}, {entry.size:,} bytes, signed by {opened.key.fingerprint[:16]}")


@zoo.command(short_help="Compare a zoo, or a model, with what was signed.")
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One model. Default: all.", show_default=False)
    ] = None,
    source: From = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="A model on this machine: see that it is NAME, or any of the zoo.", show_default=False),
    ] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """See that every file of a zoo is what its keeper signed; with --folder, that a model here is one of it."""
    from sprachbund.errors import FolderError
    from sprachbund.zoo.opening import open_zoo
    from sprachbund.zoo.verifying import verify_folder, verify_zoo

    opened = open_zoo(source, key)
    if folder is not None:
        entry, foreign = verify_folder(opened, folder, name)
        for path in foreign:
            complain(f"warning: {path}: not of the model")
        if as_json:
            print_json({"folder": str(folder), **plain(entry)})
        else:
            say(f"{folder}: is {entry.called} of {opened.address}, byte for byte")
        return
    with progress("verifying (bytes)", None) as bar:
        found = verify_zoo(opened, name, bar)
    for each in found.foreign:
        complain(f"warning: {each}: not of the zoo; nobody gets it")
    if as_json:
        print_json({"zoo": opened.address, "serial": opened.index.serial, "key": opened.key.fingerprint,
                    "models": list(found.models), "files": found.files, "bytes": found.bytes,
                    "faults": list(found.faults), "foreign": list(found.foreign)})  # fmt: skip
    elif not found.faults:
        say(
            f"{opened.address}: state {opened.index.serial}, signed by {opened.key.fingerprint[:16]}; "
            f"{found.files:,} files of {', '.join(found.models)}, {found.bytes:,} bytes, are as signed"
        )
    if found.faults:
        for fault in found.faults[1:]:
            complain(f"error: {fault}")
        raise FolderError(found.faults[0])


@zoo.command(short_help="Languages that a model is wanted for.")
def wanted(
    source: From = None,
    languages: Annotated[
        str | None, typer.Option(help="Languages asked of, parted by commas.", show_default=False)
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Languages asked of: those of a folder that ingest wrote.", show_default=False)
    ] = None,
    kind: Kind = None,
    near: Annotated[
        bool | None,
        typer.Option(
            "--near/--no-near",
            help="Say what each could be started from, which takes seconds a language. Default: where they are named.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Languages without a model, or with one that its neighbours' text would better, as cards say.

    Without --languages and --corpus: of those that lists of words and treebanks have.
    """
    from sprachbund.zoo.opening import open_zoo
    from sprachbund.zoo.wanting import wanted_languages

    opened = open_zoo(source, key)
    with progress("asking of languages", None) as bar:
        found = wanted_languages(
            opened.index, languages=split_languages(languages), corpus=corpus, kind=kind, data=data,
            near=corpus is not None or languages is not None if near is None else near,
            progress=bar,
        )  # fmt: skip
    if as_json:
        print_json({"zoo": opened.address, "wanted": [
            {"language": each.language, "why": each.why, "model": each.model.called if each.model else None,
             "near": [one.language for one in each.near.near] if each.near else None} for each in found
        ]})  # fmt: skip
        return
    if not found:
        say(f"{opened.address}: no language is wanted, of those that were asked of")
        return
    made = table("wanted", ("language", "why", "near, and here"), left=("language", "why", "near, and here"))
    for each in found:
        add_row(
            made, [each.language, each.why, ", ".join(near_told(one) for one in each.near.near) if each.near else ""]
        )
    console().print(made)
    notes = dict.fromkeys(each.near.note for each in found if each.near and each.near.note)
    for note in list(notes)[:3]:
        complain(note)


@zoo.command(short_help="Write the page of a zoo, and one a model.")
def site(
    home: Home,
    languages: Annotated[
        str | None, typer.Option(help="Languages that may be wanted, parted by commas.", show_default=False)
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Languages that may be wanted: those of a corpus.", show_default=False)
    ] = None,
    near: Annotated[
        bool | None,
        typer.Option(
            "--near/--no-near",
            help="Say what each could be started from. Default: where they are named.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Write index.html and a page a model into a zoo: they open as files and from any web server.

    Wanted are, without --languages and --corpus, those of the lists of words and treebanks that are here.
    """
    from sprachbund.zoo.pages.writing import site_of

    with progress("writing pages", None) as bar:
        front = site_of(home, languages=split_languages(languages), corpus=corpus, near=near, data=data, progress=bar)
    say(f"{front}: open it as a file, or put {home} on any web server")


@zoo.command(short_help="Make a pair of keys that sign zoos.")
def keys(
    out: Annotated[
        Path, typer.Argument(metavar="FILE", help="The private key; FILE.pub is the public one.", show_default=False)
    ],
) -> None:
    """Make a pair of keys: FILE, which you keep to yourself outside of every zoo, and FILE.pub for everybody."""
    from sprachbund.zoo.keys import make_keys, read_public

    private, public = make_keys(out)
    say(f"{private}: your private key, mode 0600; {public}: the public one, {read_public(public).fingerprint[:16]}")


@zoo.command(short_help="Forget the key and the state of a zoo.")
def forget(
    source: Annotated[str, typer.Argument(metavar="ZOO", help="Its folder or address.", show_default=False)],
) -> None:
    """Forget by whose key a zoo was signed and how far it was, where its keeper says that it changed."""
    from sprachbund.zoo import trust
    from sprachbund.zoo.places import place_of

    address = source if trust.known_key(source) is not None else place_of(source).address
    say(f"{address}: {'is forgotten' if trust.forget(address) else 'was not known'}")
