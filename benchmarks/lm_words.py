"""N-grams of words, of pieces and of characters: bits per byte, and what each saves whoever types.

    python benchmarks/lm_words.py CORPUS [--language pt] [--sizes 30000,100000,300000] [--words 150] [--neural MINUTES]

Text: ``eltec`` as ``sprachbund ingest`` reads it, novels of 1840 to 1920; six of ten novels train, one chooses, three
judge. The training text is cut to so many characters, drawn by seed 0, dev to a third of that and at least 10,000; each
test novel counts with its first 100,000 characters. Orders and weights are chosen on dev, and the defaults by the
columns of dev. Pieces are cut into as many as `units.pieces_for` says, and four times as many.

    both           characters and words in one gate; of dev each half under the weights of the other
    whole, neural  the parts beside a neural one (size small, --neural minutes), with words and without

Typing: so many words of test novels, drawn by seed; before each word and after each of its letters three words are
suggested, and taking one is one keystroke. *first*, *three*: the share of words that are suggested before they are
begun. *saved*: keystrokes, in per cent of the letters and the blanks after them.

Writes benchmarks/results/lm-words.md. Intervals are over novels, of words over 1,000 draws. Some minutes of a core.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from lm_neighbours import RESULTS, SHARES, heads, relative
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.completing import complete
from sprachbund.lm.model import LanguageModel, bits, crossed, gated
from sprachbund.lm.neural.generating import is_inside
from sprachbund.lm.neural.units import pieces_for
from sprachbund.lm.ngram.characters import bits_of, choose_order
from sprachbund.lm.ngram.pieces import choose_pieces, piece_bits
from sprachbund.lm.ngram.words import choose_words, word_bits
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut
from sprachbund.statistics import bootstrap_means, interval

BEFORE = 200
"""Characters of a novel that stand before a word that is typed."""


def drawn(texts: list[str], count: int) -> list[tuple[str, str]]:
    """Words with what stands before them, drawn from all texts."""
    generator, found = np.random.default_rng(0), []
    while len(found) < count:
        text = texts[int(generator.integers(len(texts)))]
        place = text.find(" ", int(generator.integers(BEFORE, len(text) - BEFORE))) + 1
        end = place
        while is_inside(text[end]):
            end += 1
        if end > place:
            found.append((text[place - BEFORE : place], text[place:end]))
    return found


def typed(model: LanguageModel, words: list[tuple[str, str]]) -> np.ndarray:
    """float64 [words, 4]: suggested first, among three, keystrokes without suggestions, and with them."""
    rows = []
    for before, word in words:
        first = three = 0
        keys = len(word) + 1
        for letters in range(len(word)):
            offered = [each for each, _ in complete(model, before + word[:letters], 3)]
            if not letters:
                first, three = int(offered[:1] == [word]), int(word in offered)
            if word in offered:
                keys = letters + 1
                break
        rows.append((first, three, len(word) + 1, keys))
    return np.array(rows, np.float64)


def told(rows: np.ndarray) -> str:
    """The cells of a table."""
    whole = np.ones(len(rows))
    cells = []
    for values, weights in ((rows[:, 0], whole), (rows[:, 1], whole), (rows[:, 2] - rows[:, 3], rows[:, 2])):
        low, high = interval(bootstrap_means(values[:, None], np.arange(len(rows)), weights=weights)[:, 0])
        cells.append(f"{100 * values.sum() / weights.sum():.1f} [{100 * low:.1f}, {100 * high:.1f}]")
    return " | ".join(cells)


def main() -> None:
    """Run and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--language", default="pt")
    parser.add_argument("--sizes", default="30000,100000,300000")
    parser.add_argument("--words", type=int, default=150)
    parser.add_argument("--neural", type=float, default=0.0)
    given = parser.parse_args()
    corpus, language = Corpus.open(given.corpus, check=False), given.language
    rates, keys = [], []
    for size in map(int, given.sizes.split(",")):
        sides = sides_of(corpus, language, Split(SHARES), size, 0)
        dev, test = list(cut(sides.dev, max(10_000, size // 3), 0).texts), heads(sides.test)
        train, few, many = list(sides.train.texts), sum(bytes_of(dev)), np.array(bytes_of(test), np.float64)
        own, words = choose_order(train, dev, language), choose_words(train, dev, language)
        base = bits_of(own, test)

        def row(
            name: str, on_dev: float, cost: np.ndarray, size: int = size, base: np.ndarray = base,
            many: np.ndarray = many,
        ) -> None:  # fmt: skip
            change, low, high = relative(cost, base, many)
            between = f"{change:+.1f}% [{low:+.1f}, {high:+.1f}]"
            rates.append(f"| {size:,} | {name} | {on_dev:.3f} | {cost.sum() / many.sum():.3f} | {between} |")
            print(rates[-1], flush=True)

        row(f"characters, order {own.ngram.order}", bits_of(own, dev).sum() / few, base)
        known = len(words.vocabulary.words)
        row(f"{known:,} words, order {words.ngram.order}", word_bits(words, dev).sum() / few, word_bits(words, test))
        for count in (pieces_for(size), 4 * pieces_for(size)):
            pieces = choose_pieces(train, dev, language, count)
            name = f"{pieces.units.size:,} pieces, order {pieces.ngram.order}"
            row(name, piece_bits(pieces, dev).sum() / few, piece_bits(pieces, test))
        plain = LanguageModel(language, (own,))
        both = replace(plain, words=words)
        weighed = gated(both, dev)
        row("both", crossed(both, dev), bits(weighed, test))
        if given.neural:
            from sprachbund.lm.neural.settings import settings_of
            from sprachbund.lm.neural.training import train_neural

            neural = train_neural(train, dev, settings_of("small", minutes=given.neural), seed=0)
            for name, parts in (("whole without words, neural", plain), ("whole, neural", both)):
                parts = replace(parts, neural=neural)
                row(name, crossed(parts, dev), bits(gated(parts, dev), test))
        if given.words:
            offered = drawn(test, given.words)
            for name, model in (("characters", plain), ("both", weighed)):
                keys.append(f"| {size:,} | {name} | {told(typed(model, offered))} |")
                print(keys[-1], flush=True)
        lines = [
            "# Words, pieces, characters",
            "",
            f"N-grams by Kneser-Ney of novels in {language}, bits per byte. Change against characters on test novels,",
            "with its 95% interval over novels. Rerun: `python benchmarks/lm_words.py`, whose first lines say what",
            "each row is.",
            "",
            "| characters read | n-grams of | dev | test | change [95% interval] |",
            "|--:|---|--:|--:|---|",
            *rates,
        ]
        if keys:
            lines += [
                "",
                f"{given.words} words of test novels typed with three suggestions, in per cent:",
                "",
                "| characters read | suggestions by | first | three | saved |",
                "|--:|---|---|---|---|",
                *keys,
            ]
        (RESULTS / "lm-words.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
