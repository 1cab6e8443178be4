"""One pair of languages in full: every measure, and with ``--why`` what it was made of, with examples."""

from typing import TYPE_CHECKING

from sprachbund.cli.output import say

if TYPE_CHECKING:
    from sprachbund.neighbours.asking import Neighbours
    from sprachbund.neighbours.sources import Sources


def show_pair(found: "Neighbours", sources: "Sources", why: bool) -> None:
    """Print a pair."""
    from sprachbund.cli.neighbours import FAMILIES, named, show_notes, shown

    candidate = found.candidates[0]
    say(f"{named(found.target)} and {named(candidate.language)}")
    for family, heading in FAMILIES.items():
        measures = [measure for measure in found.measures if measure.family == family]
        if not measures:
            continue
        say("")
        say(heading)
        for measure in measures:
            say(f"  {shown(measure, candidate.values[measure.name])}")
    show_notes(found.notes)
