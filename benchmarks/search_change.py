"""What a change of the index did to search quality, from two results of `search_quality.py`.

    python benchmarks/search_change.py BEFORE.json AFTER.json --name folding

Writes benchmarks/results/search-quality-NAME.md: MRR of BM25 and of hybrid before and after by language, and the
geometric mean of the ratios over the languages with a verdict (300 queries, 30 documents). The two runs asked the same
queries of different indexes; ranks are not kept, so that there is no interval on the change itself.
"""

import argparse
import json
from math import exp, log
from pathlib import Path
from statistics import fmean
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results"
MODES = ("bm25", "hybrid")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    before, after = (rows(path) for path in (given.before, given.after))
    lines = [
        f"# Search quality before and after {given.name}",
        "",
        "MRR of sentences that must find the passage they were taken out of, in their own language (own) and in all.",
        "",
        "| language | searched | queries | BM25 before | after | change | hybrid before | after | change |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    ratios: dict[tuple[str, str], list[float]] = {}
    for key, old in before.items():
        new = after[key]
        cells = []
        for mode in MODES:
            change = new[mode] / old[mode] - 1
            cells += [f"{old[mode]:.3f}", f"{new[mode]:.3f}", f"{100 * change:+.1f}%"]
            if old["verdict"] != "too few":
                ratios.setdefault((key[1], mode), []).append(log(new[mode] / old[mode]))
        lines.append(f"| {key[0]} | {key[1]} | {old['queries']} | {' | '.join(cells)} |")
    lines += [""]
    for (searched, mode), logs in ratios.items():
        change = 100 * (exp(fmean(logs)) - 1)
        lines.append(f"- {mode}, searched *{searched}*, {len(logs)} languages with enough queries: {change:+.2f}%")
    command = f"python benchmarks/search_change.py BEFORE.json AFTER.json --name {given.name}"
    lines += ["", f"Rerun: `python benchmarks/search_quality.py` with each, then `{command}`", ""]
    text = "\n".join(lines)
    (RESULTS / f"search-quality-{given.name}.md").write_text(text, encoding="utf-8")
    print(text)


def rows(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of a result by language and by what was searched."""
    found = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {(row["language"], row["searched"]): row for row in found if row["arm"] == "hybrid"}


if __name__ == "__main__":
    main()
