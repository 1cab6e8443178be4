"""Every number that `docs/neighbours.md` quotes of Spanish and Portuguese, the post's figures and table redone.

    pip install -e '.[neighbours,espeak]'
    SPRACHBUND_DATA=tables python benchmarks/neighbours/post.py [--json numbers.json]

The post is "Transfer Learning from Spanish to Portuguese: How Neighbors on the Map Also Share Vectors" (Deepgram,
2022). Its figures 2 and 3 are phoneme charts, its Table 1 fifteen pairs of words, its figure 4 two trees. Here each is
a number with its interval and floor, beside the same number for five other languages. Nothing is fetched;
docs/neighbours.md says where the tables come from.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from sprachbund.neighbours.articulation import to_sampa
from sprachbund.neighbours.asking import ask
from sprachbund.neighbours.concepts import table_one
from sprachbund.neighbours.frequencies import frequent_words
from sprachbund.neighbours.inventories import inventory_of, jaccard
from sprachbund.neighbours.listed import MEASURES
from sprachbund.neighbours.sources import Sources, open_sources
from sprachbund.neighbours.syntactic import order_of

TARGET = "pt"
BESIDE = ("es", "gl", "it", "fr", "en", "de")
POST = (
    ("casa", "casa"), ("señora", "senhora"), ("para", "para"), ("ahora", "ahora"), ("cabeza", "cabeça"),
    ("toma", "toma"), ("vamos", "vamos"), ("cama", "cama"), ("gano", "gano"), ("bonita", "bonita"), ("cara", "cara"),
    ("centro", "centro"), ("estados", "estados"), ("libros", "livros"), ("opinión", "opinião"),
)  # fmt: skip
RIGHT = {"ahora": "agora", "gano": "ganho"}
"""What the post's two wrong cells ought to be."""


def figures(sources: Sources) -> dict[str, Any]:
    """Figures 2 and 3: consonants and vowels, what is shared and what is not, in IPA and SAMPA."""
    spanish, portuguese = inventory_of(sources, "es"), inventory_of(sources, TARGET)
    assert spanish is not None and portuguese is not None
    found = {}
    for kind, one, other in (
        ("consonants", spanish.consonants, portuguese.consonants),
        ("vowels", spanish.vowels, portuguese.vowels),
    ):
        sets = {
            "both": [each for each in one if each in other],
            "es": [each for each in one if each not in other],
            "pt": [each for each in other if each not in one],
        }
        found[kind] = {"jaccard": jaccard(one, other), "es": len(one), "pt": len(other)} | {
            f"only {name}" if name != "both" else name: [[each, to_sampa(each)] for each in phones]
            for name, phones in sets.items()
        }
    return found


def vocabulary(sources: Sources) -> list[dict[str, Any]]:
    """Table 1 with distances; a word is known where it is among the 20,000 most frequent of Portuguese."""
    listed = frequent_words(sources, TARGET)
    assert listed is not None, "no list of frequent Portuguese words"
    places = {word: place for place, word in enumerate(listed[0]["word"].to_list(), 1)}
    rows = table_one(POST, places.__contains__)
    for row in rows:
        row["place"] = places.get(row["words"][1])
        if right := RIGHT.get(row["words"][1]):
            row["right"] = table_one([(row["words"][0], right)], places.__contains__)[0] | {"place": places.get(right)}
    return rows


def measured(sources: Sources) -> dict[str, dict[str, Any]]:
    """Every measure of Portuguese and each language beside it."""
    found = ask(sources, TARGET, BESIDE, thorough=True)
    by_language = {each.language: each.values for each in found.candidates}
    rows = {}
    for measure in found.measures:
        rows[measure.name] = {"title": measure.title, "unit": measure.unit, "nearer": measure.direction} | {
            code: {
                "value": value.value, "low": value.low, "high": value.high,
                "coverage": value.coverage, "floor": value.floor, "from": value.source,
            }
            for code in BESIDE
            for value in [by_language[code][measure.name]]
        }  # fmt: skip
    return rows


def word_order(sources: Sources) -> list[list[str]]:
    """Figure 4, counted: of each question of word order the share in Portuguese and in each language beside it."""
    said = {code: order_of(sources, TARGET, code).parts.get("orders", {}) for code in BESIDE}
    titles = {name: each["title"] for parts in said.values() for name, each in parts.items()}
    rows = []
    for name, title in titles.items():
        known = {code: parts[name] for code, parts in said.items() if name in parts}
        own = next(iter(known.values()))
        cells = [
            f"{known[code]['shares'][1]:.3f} ({known[code]['cases'][1]:,})" if code in known else "-" for code in BESIDE
        ]
        rows.append([title, f"{own['shares'][0]:.3f} ({own['cases'][0]:,})", *cells])
    return rows


def show(numbers: dict[str, Any]) -> None:
    """Print all of it as Markdown."""
    print("## Figures 2 and 3: phonemes (PHOIBLE)\n")
    for kind, said in numbers["figures"].items():
        print(f"{kind}: Spanish {said['es']}, Portuguese {said['pt']}, Jaccard {said['jaccard']:.3f}\n")
        for name in ("both", "only es", "only pt"):
            print(f"* {name}: " + " ".join(f"{ipa} ({sampa or '?'})" for ipa, sampa in said[name]))
        print()
    print("## Table 1\n\n| Spanish | Portuguese | edits | place in Portuguese | |\n|---|---|---|---|---|")
    for row in numbers["table"]:
        one, other = row["words"]
        right = row.get("right")
        said = f"{right['words'][1]}, {right['edits']} edit, place {right['place']}" if right else ""
        print(f"| {one} | {other} | {row['edits']} | {row['place'] or 'not among 20,000'} | {said} |")
    print("\n## Figure 4, counted: word order\n\nThe share that is so, and in how many cases (treebanks).\n")
    print(f"| | pt | {' | '.join(BESIDE)} |\n{'|---' * (len(BESIDE) + 2)}|")
    for cells in numbers["orders"]:
        print(f"| {' | '.join(cells)} |")
    print(f"\n## Measures, target Portuguese\n\n| measure | {' | '.join(BESIDE)} | unrelated |")
    print("|---" * (len(BESIDE) + 2) + "|")
    for name, row in numbers["measures"].items():
        cells = [cell(row[code]) for code in BESIDE]
        floor = next((row[code]["floor"] for code in BESIDE if row[code]["floor"] is not None), None)
        print(f"| `{name}` ({row['nearer']}) | {' | '.join(cells)} | {'' if floor is None else plain(floor)} |")


def cell(said: dict[str, Any]) -> str:
    """A value, its interval, and its coverage where it is not whole."""
    if said["value"] is None:
        return "-"
    text = plain(said["value"])
    if said["low"] is not None:
        text += f" [{said['low']:.3f}, {said['high']:.3f}]"
    return text + (f" on {said['coverage']:.0%}" if said["coverage"] is not None and said["coverage"] < 0.995 else "")


def plain(value: float) -> str:
    """Three digits; kilometres without any."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}"


def main() -> None:
    """Compute and print; with --json also write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--data", type=Path, help="the folder of tables; default: SPRACHBUND_DATA")
    options.add_argument("--cache", type=Path, help="where features are kept; default: beside the data")
    options.add_argument("--json", type=Path, help="a file for the numbers")
    given = options.parse_args()
    sources = open_sources(given.data, given.cache)
    numbers = {
        "figures": figures(sources),
        "table": vocabulary(sources),
        "orders": word_order(sources),
        "measures": measured(sources),
    }
    show(numbers)
    if given.json:
        given.json.write_text(json.dumps(numbers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    known = {each.name for each in MEASURES}
    assert set(numbers["measures"]) <= known


if __name__ == "__main__":
    main()
