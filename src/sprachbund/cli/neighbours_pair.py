"""One pair of languages in full: every measure, and with ``--why`` what it was made of, with examples."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sprachbund.cli.output import say

if TYPE_CHECKING:
    from sprachbund.neighbours.asking import Neighbours
    from sprachbund.neighbours.sources import Sources

_WIDTH = 76
_SHOWN = 6


def show_pair(found: "Neighbours", sources: "Sources", why: bool) -> None:
    """Print a pair."""
    from sprachbund.cli.neighbours import FAMILIES, named, show_notes, shown

    candidate = found.candidates[0]
    say(f"{named(found.target)} and {named(candidate.language)}")
    codes = (found.target, candidate.language)
    for family, heading in FAMILIES.items():
        measures = [measure for measure in found.measures if measure.family == family]
        if not measures:
            continue
        say("")
        say(heading.upper())
        for measure in measures:
            value = candidate.values[measure.name]
            say(f"  {shown(measure, value)}")
            if why and value.value is not None:
                first = f"{measure.direction} is nearer; from {value.source}"
                for line in (first, *_made_of(measure.name, value.parts, codes)):
                    for part in _wrapped(line):
                        say(f"      {part}")
    show_notes(found.notes)


def _made_of(name: str, parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    """The lines of what a value was made of: a text of its own where there is one, else the parts by name."""
    lines = _LINES.get(name)
    yield from lines(parts, codes) if lines is not None else _plain(parts)


def _inventories(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    from sprachbund.neighbours.articulation import to_sampa

    for kind in ("consonants", "vowels"):
        said = parts[kind]
        value = "-" if said["value"] is None else f"{said['value']:.3f}"
        yield f"{kind}: Jaccard {value}"
        for heading, phones in (("both", said["shared"]), *zip(codes, said["only"], strict=True)):
            signs = [to_sampa(phone) for phone in phones]
            yield f"  {heading:4} /{' '.join(phones)}/" if phones else f"  {heading:4} -"
            if phones and any(signs):
                yield f"       SAMPA {' '.join(sign or '?' for sign in signs)}"


def _bigrams(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    first, second = codes
    yield f"{parts['bigrams'][0]:,} and {parts['bigrams'][1]:,} bigrams; # is the edge of a word"
    said = ", ".join(
        f"{text} {one:.1%} in {first}, {other:.1%} in {second}" for text, one, other in _few(parts["most unlike"])
    )
    yield f"most unlike: {said}"


def _articulation(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    changes = ", ".join(f"{one} to {other} ({share:.1%})" for one, other, share in _few(parts["changes"]))
    yield f"to change of what is said in {codes[0]}: {changes}"
    if plain := parts.get("inventories"):
        said = ", ".join(f"{kind} {value:.3f}" for kind, value in plain.items())
        yield f"the inventories, each sound to its nearest: {said}"


def _near_words(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    edits = ", ".join(f"{count} at {number}" for number, count in parts["edits"].items())
    yield f"of {parts['concepts']} concepts by edits: {edits}, {parts['more']} more"
    for number in parts["edits"]:
        pairs = [f"{one} {other}" for _, one, other, far in parts["examples"] if str(far) == number]
        if pairs:
            yield f"{number}: {', '.join(pairs)}"


def _ldnd(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    same, different = parts["same concept"], parts["different concepts"]
    yield f"{parts['concepts']} concepts: words of one {same:.3f} apart, of different ones {different:.3f}"


def _cognates(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    yield f"{parts['cognate']} of {parts['concepts']} concepts"
    for heading, name in (("of one root", "examples"), ("not", "not cognate")):
        if parts[name]:
            yield f"{heading}: " + ", ".join(f"{concept}: {one} {other}" for concept, one, other in _few(parts[name]))


def _learned(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    pairs = ", ".join(f"{one} - {other}" for one, other, _ in parts["examples"])
    yield f"{parts['pairs']:,} pairs, among those not spelt alike: {pairs or 'none'}"


def _trigrams(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    yield _sizes(parts, codes)
    yield f"{parts['seen by the candidate']:.1%} of the trigrams in {codes[0]} occur in {codes[1]}"
    said = (" ".join(each["trigram"]) for each in _few(parts["examples"]))
    yield f"most of the distance: {', '.join(said)}"


def _arcs(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    yield _sizes(parts, codes)
    yield f"{parts['shared']:.1%} of the arcs are shared; most unlike ({codes[0]} / {codes[1]}):"
    for each in _few(parts["examples"]):
        one, other = each["shares"]
        yield f"  {each['tag']} {each['side']} its {each['head']} as {each['relation']}: {one:.1%} / {other:.1%}"


def _orders(parts: Mapping[str, Any], codes: tuple[str, str]) -> Iterator[str]:
    yield _sizes(parts, codes)
    for each in parts["orders"].values():
        shares = " / ".join("-" if share is None else f"{share:.3f}" for share in each["shares"])
        cases = " / ".join(f"{count:,}" for count in each["cases"])
        yield f"{each['title']}: {shares} (of {cases})"


def _sizes(parts: Mapping[str, Any], codes: tuple[str, str]) -> str:
    sizes = zip(codes, parts["sentences"], parts["words"], strict=True)
    return "; ".join(f"{code}: {sentences:,} sentences, {words:,} words" for code, sentences, words in sizes)


_LINES = {
    "klcpos3": _trigrams,
    "arcs": _arcs,
    "word-order": _orders,
    "inventory": _inventories,
    "phone-bigrams": _bigrams,
    "articulation": _articulation,
    "near-words": _near_words,
    "ldnd": _ldnd,
    "asjp": _ldnd,
    "cognates": _cognates,
    "learned-cognates": _learned,
}
"""By measure; what has none is shown by the names of its parts."""


def _plain(parts: Mapping[str, Any]) -> Iterator[str]:
    for name, part in parts.items():
        if text := _text(part):
            yield f"{name}: {text}"


def _text(part: Any) -> str:
    """A part as people read it; the first few of many."""
    if isinstance(part, float):
        return f"{part:.3f}"
    if isinstance(part, int):
        return f"{part:,}"
    if isinstance(part, Mapping):
        return ", ".join(f"{name} {_text(value)}" for name, value in _few(list(part.items())))
    if isinstance(part, (list, tuple)):
        inside = " ".join if part and not isinstance(part[0], (list, tuple, Mapping)) and len(part) <= 4 else ", ".join
        return inside(_text(each) for each in _few(list(part)))
    return "" if part is None else str(part)


def _few(items: Sequence[Any]) -> Sequence[Any]:
    return items[:_SHOWN]


def _wrapped(line: str) -> list[str]:
    """A line in pieces that fit the terminal, those after the first set in."""
    import textwrap

    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, _WIDTH - 6, subsequent_indent=f"{indent}    ", break_long_words=False) or [""]
