"""The plain StaticEmbedding: our words, their whole vectors, and an honest number for what is lost."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest
from by_hand import length_one, unit
from hypothesis import given, settings
from hypothesis import strategies as st
from later import Later
from several import TEXTS

from sprachbund import Corpus, Encoder, evaluate
from sprachbund.corpus.folding import presentation_forms
from sprachbund.corpus.segment import needs_dictionary, words
from sprachbund.errors import SettingsError
from sprachbund.export import write_export
from sprachbund.export.static import UNKNOWN, tokenizer

library, tokenizers = Later("sentence_transformers"), Later("tokenizers")
HARD = "aiіΣσς'’·\"״׳՚ ʼİßпятьЖהצЯա1٣_-.éệ\u200c\u00ad\u0301\u0307\u200d\u20dd\n"


@cache
def plain_rule() -> Any:
    """The rule for words with no word in its vocabulary."""
    return tokenizers.Tokenizer.from_str(json.dumps(tokenizer([UNKNOWN])))


def found(text: str, rule: Any = None) -> list[str]:
    """The words and runs that the exported rule finds, the joining apostrophe written as ours."""
    rule = plain_rule() if rule is None else rule
    pieces = rule.pre_tokenizer.pre_tokenize_str(rule.normalizer.normalize_str(text))
    return [word.replace("\u02bc", "'") for word, _ in pieces]


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.text(alphabet=HARD, max_size=16), st.text(max_size=20)))
def test_the_rule_for_words_is_ours(text: str) -> None:
    """Apostrophes, sigmas, soft hyphens, marks: what `segment.words` finds, but for scripts that need a dictionary."""
    readable = text.encode("utf-8", "replace").decode()
    lost = any(ord(character) in presentation_forms() for character in readable) or "I" in readable
    if not needs_dictionary(readable) and not lost:
        assert found(readable) == words(readable, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i\u0307", "i"), ("i\u0307\u0307", "i"), ("i\u0316\u0307", "i\u0316"), ("i\u0307\u0316", "i\u0316"),
        ("j\u0301\u0307", "j\u0301"), ("a\u0316\u0307", "\u0227\u0316"), ("e\u0307", "\u0117"),
        ("İ\u0301", "\u00ed"), ("İ\u0307", "i"), ("J\u0307", "j"), ("Į\u0301\u0307", "\u012f\u0301"),
    ],
)  # fmt: skip
def test_a_dotted_letter_loses_its_dot_behind_other_marks(text: str, expected: str) -> None:
    """In the exported rule as in ours, whatever marks stand between; a letter without a dot of its own keeps it."""
    assert found(text) == words(text, "") == [normalize("NFC", expected)]


def cut(run: str, known: set[str]) -> list[str]:
    """The longest known words from the beginning on; a code point that begins none is passed over."""
    parts = []
    while run:
        length = next((n for n in range(len(run), 0, -1) if run[:n] in known), 0)
        parts += [run[:length]] if length else []
        run = run[max(1, length) :]
    return parts


def test_vectors_are_means_of_whole_words(best: Encoder, tmp_path: Path) -> None:
    """Each word of the vocabulary with its characters, each occurrence once, unseen words nothing; length 1."""
    write_export(best, tmp_path / "static", "static")
    model = library.SentenceTransformer(str(tmp_path / "static"), device="cpu")
    orders = best.vocabulary.orders.tolist()
    known = {word for word, order in zip(best.vocabulary.strings.to_list(), orders, strict=True) if order == 1}
    rule = tokenizers.Tokenizer.from_file(str(tmp_path / "static" / "0_StaticEmbedding" / "tokenizer.json"))
    expected = np.zeros((len(TEXTS), best.dim), np.float32)
    for number, text in enumerate(TEXTS):
        for word in found(text, rule):
            for part in cut(word, known) if needs_dictionary(word) else [word]:
                if part in known:
                    expected[number] += unit(best, part)
    thai = next(number for number, text in enumerate(TEXTS) if "แมว" in text)
    assert expected[thai].any() and np.count_nonzero(expected.any(axis=1)) >= 5  # the texts do have known words
    np.testing.assert_allclose(model.encode(TEXTS), length_one(expected), atol=1e-5)
    assert not model.encode(["zyxwvut", ""]).any()
    np.testing.assert_allclose(model.encode(["a" * 300 + " mar"]), model.encode(["mar"]), atol=1e-6)


def test_runs_without_spaces_are_cut_into_the_longest_words(best: Encoder, tmp_path: Path) -> None:
    """Beside Latin letters and digits too; an unknown part takes nothing with it; other words are never cut."""
    write_export(best, tmp_path / "static", "static")
    rule = tokenizers.Tokenizer.from_file(str(tmp_path / "static" / "0_StaticEmbedding" / "tokenizer.json"))
    assert rule.encode("แมวกินปลา").tokens == ["แมว", "##กิน", "##ปลา"]
    assert [token for token in rule.encode("mar2023แมวmar").tokens if token != UNKNOWN] == ["แมว", "mar"]
    assert rule.encode("marmarmar terra").tokens == [UNKNOWN, "terra"]
    assert rule.encode("แมวฯปลา").tokens == ["แมว", "ปลา"]  # no word has ฯ
    parts = rule.encode("แมวยปลา").tokens  # ย alone is no word
    assert parts[0] == "แมว" and parts[-1] == "##ปลา" and UNKNOWN not in parts


def test_it_loads_where_sprachbund_is_not(best: Encoder, tmp_path: Path) -> None:
    """A fresh process in which the package cannot be imported, offline and without any flag."""
    write_export(best, tmp_path / "static", "static")
    code = (
        "import sys, numpy as np\n"
        "sys.modules['sprachbund'] = None\n"
        "from sentence_transformers import SentenceTransformer\n"
        "np.save(sys.argv[2], SentenceTransformer(sys.argv[1], device='cpu').encode(['o mar', 'the sea']))\n"
    )
    arguments = [str(tmp_path / "static"), str(tmp_path / "vectors.npy")]
    offline = os.environ | {"HF_HUB_OFFLINE": "1"}
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, env=offline)
    np.testing.assert_allclose(np.linalg.norm(np.load(tmp_path / "vectors.npy"), axis=1), 1, rtol=1e-5)


def test_where_nothing_can_be_lost_nothing_is(encoders: dict[str, Encoder], corpus: Corpus, tmp_path: Path) -> None:
    """Words alone, counted, the unseen dropped: the export's MRR is the encoder's; Thai is cut nearly as ICU does.

    Turkish apart: the export is told no language, so that it reads a capital I as i.
    """
    made = write_export(encoders["plain"], tmp_path / "static", "static", corpus=corpus)
    whole = {row["language"]: row["mrr"] for row in made["scores"] if (row["side"], row["pool"]) == ("test", "unseen")}
    plain = {row["language"]: row["mrr"] for row in made["plain"]}
    assert set(plain) == set(whole) == set(corpus.languages)
    for language in set(plain) - {"th", "tr"}:
        assert plain[language] == pytest.approx(whole[language], abs=1e-3), language
    assert plain["th"] == pytest.approx(whole["th"], abs=0.1) and whole["th"] > 0.4
    assert plain["tr"] == pytest.approx(whole["tr"], abs=0.05)


def test_the_loss_stands_in_the_card(best: Encoder, corpus: Corpus, tmp_path: Path) -> None:
    """The encoder's MRR is that of `evaluate`; the card shows both numbers and says so where nobody measured."""
    made = write_export(best, tmp_path / "static", "static", corpus=corpus)
    table = evaluate(best, corpus, baselines=False, pools=("unseen", "mixed")).results.filter(measure="mrr")
    expected = {(row["language"], row["pool"]): row["value"] for row in table.iter_rows(named=True)}
    scores = {(row["language"], row["pool"]): row["mrr"] for row in made["scores"] if row["side"] == "test"}
    assert scores == pytest.approx(expected, abs=1e-6) and len(scores) == 16
    card = (tmp_path / "static" / "README.md").read_text(encoding="utf-8")
    for row in made["plain"]:
        before = scores[row["language"], "unseen"]
        cells = f"| {row['language']} | {row['queries']:,} | {row['candidates']:,} | {before:.3f} | {row['mrr']:.3f} |"
        assert cells in card
    assert any(row["mrr"] != pytest.approx(scores[row["language"], "unseen"], abs=1e-3) for row in made["plain"])
    assert "sample" in card or ".jsonl" in card  # the sources: the corpus is that of the training
    write_export(best, tmp_path / "static", "static")
    assert "was not measured" in (tmp_path / "static" / "README.md").read_text(encoding="utf-8")


def test_what_means_of_words_cannot_hold_is_refused(encoders: dict[str, Encoder], tmp_path: Path) -> None:
    """The message says which formats can; nothing is written."""
    with pytest.raises(SettingsError, match="found one with similarity dot; export it as sentence-"):
        write_export(encoders["dot"], tmp_path / "static", "static")
    assert not list(tmp_path.iterdir())
