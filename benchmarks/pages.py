"""The text that pages give, beside what trafilatura finds in them: words in common, and time.

pip install trafilatura lxml_html_clean
python benchmarks/pages.py FOLDER... --count 200 --out benchmarks/results/pages

The pages are those below the folders, the first of each content, in the order of their names.
"""

import argparse
import json
import time
from hashlib import sha256
from pathlib import Path

from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.html import read_page


def pages(folders: list[Path], count: int) -> list[str]:
    """The texts of different pages, as many from each folder."""
    found: dict[str, str] = {}
    for folder in folders:
        own = 0
        for path in filter(Path.is_file, sorted(folder.rglob("*.html"))):
            data = path.read_bytes()
            name = sha256(data).hexdigest()
            if name not in found and own < count // len(folders):
                found[name] = decode(data).text
                own += 1
    return list(found.values())


def main() -> None:
    """Compare and write a table."""
    import trafilatura

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    texts = pages(given.folders, given.count)
    ours_seconds = theirs_seconds = 0.0
    of_theirs: list[float] = []
    of_ours: list[float] = []
    for text in texts:
        began = time.perf_counter()
        ours = {word for block in read_page(text).blocks for word in block.text.split()}
        middle = time.perf_counter()
        theirs = set((trafilatura.extract(text, include_comments=False) or "").split())
        ours_seconds += middle - began
        theirs_seconds += time.perf_counter() - middle
        if ours and theirs:
            of_theirs.append(len(ours & theirs) / len(theirs))
            of_ours.append(len(ours & theirs) / len(ours))
    count = len(texts)
    result = {
        "pages": count,
        "trafilatura": trafilatura.__version__,
        "of its words found by us": sum(of_theirs) / len(of_theirs),
        "of our words found by it": sum(of_ours) / len(of_ours),
        "pages in which either finds nothing": count - len(of_ours),
        "milliseconds a page, ours": 1000 * ours_seconds / count,
        "milliseconds a page, its": 1000 * theirs_seconds / count,
    }
    rows = [
        f"| {name} | {value if isinstance(value, int | str) else round(value, 3)} |" for name, value in result.items()
    ]
    table = "\n".join(["| | |", "|---|--:|", *rows]) + "\n"
    print(table)
    if given.out:
        given.out.with_suffix(".md").write_text(f"# Pages beside trafilatura\n\n{table}", encoding="utf-8")
        given.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
