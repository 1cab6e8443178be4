"""What ``sprachbund neighbours`` draws: two trees side by side, and the map of all pairs."""

from pathlib import Path
from typing import TYPE_CHECKING

from sprachbund.cli.output import complain, print_json, say
from sprachbund.errors import SettingsError
from sprachbund.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def draw_matrix(
    sources: "Sources", languages: "Sequence[str] | None", out: Path | None, thorough: bool, as_json: bool
) -> None:
    """Compare all pairs, write the page and the table beside it, and say where, or print all as JSON.

    Raises:
        SettingsError: there is neither a page to write nor JSON to print, or the page's name is no .html.
    """
    from sprachbund.files import require_place, write_text
    from sprachbund.neighbours.listed import MEASURES
    from sprachbund.neighbours.map_page import render
    from sprachbund.neighbours.pairs import compare_all, to_dict, write_pairs

    if out is None and not as_json:
        raise SettingsError("--matrix draws a page; name it, as --out map.html, or ask for --json")
    if out is not None:
        if out.suffix.lower() not in (".html", ".htm"):
            raise SettingsError(f"{out}: expected a name that ends in .html")
        for path in (out, out.with_suffix(".parquet")):
            require_place(path, folder=False)
    with progress("measuring all pairs", total=len(MEASURES)) as bar:
        matrix = compare_all(sources, languages, thorough=thorough, progress=bar)
    if out is not None:
        write_pairs(matrix, out.with_suffix(".parquet"))
        write_text(out, render(matrix))
    if not as_json and out is not None:
        from sprachbund.cli.neighbours import show_notes

        say(f"map: {out}  (numbers: {out.with_suffix('.parquet')})")
        show_notes(matrix.notes)
        return
    print_json(to_dict(matrix))
    for note in matrix.notes:
        complain(note)
