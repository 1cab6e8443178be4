"""What ``sprachbund neighbours`` draws: two trees side by side, and the map of all pairs."""

from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.cli.output import say
from sprachbund.errors import SettingsError

if TYPE_CHECKING:
    from sprachbund.neighbours.sources import Sources


def draw_trees(
    sources: "Sources", target: str, other: str | None, out: Path, sentences: tuple[str, str] | None
) -> None:
    """Write two dependency trees as SVG and say where.

    Raises:
        SettingsError: there is one language alone, or the file is no SVG.
    """
    from sprachbund.files import require_place, write_text
    from sprachbund.languages import spoken
    from sprachbund.neighbours.tree_choice import draw_pair

    if other is None:
        raise SettingsError(
            "--trees draws a pair; name the other language too, as sprachbund neighbours pt es --trees x.svg"
        )
    if out.suffix.lower() != ".svg":
        raise SettingsError(f"{out}: expected a name that ends in .svg")
    require_place(out, folder=False)
    write_text(out, draw_pair(sources, spoken(target), spoken(other), sentences))
    say(f"trees: {out}")
