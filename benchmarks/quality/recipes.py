"""Named recipes: what is trained, on which text, with which settings. A row of the harness is rerun by its name."""

from dataclasses import dataclass, field
from typing import Any

from learning import Learning

TARGETS = ("de", "el", "en", "id", "ko", "tr", "uk", "vi")
SMALL = ("de", "el", "id", "ko", "tr", "uk", "vi")
OTHERS = ("bn", "de", "el", "en", "id", "ko", "tr", "uk", "vi")  # with 10,000 training sentences and more
LARGE = {"en": 608_551, "de": 453_899}  # training sentences of wikipedia_large

DATA_SETS = {
    "beside-english": (
        "wikipedia_large/en.wikiextractor.jsonl.xz",
        *(f"wikipedia/{name}.jsonl.gz" for name in (
            "de.wikiextractor", "id.idkmrc", "tr.tquad", "tr.wikiextractor", "vi.dump100k", "vi.wikiextractor",
        )),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """One way to make the model.

    Attributes:
        about: what is asked. train: ``alone`` (a model a language), ``pooled`` (one of all languages), ``placebo``
            (pooled, the shared n-grams permuted), ``first-others`` (one of the languages that are no targets, which
            then learns each target) or ``untrained``.
        options: settings over the preset ``best``. last: those of the second stage of ``first-others``.
        targets: the languages that are judged.
        sentences: training sentences that are left to every target; 0 for all. share: the same as a fraction.
        others: the shares that are left to other languages.
        passes: in a pooled training how often the targets' pairs are read, and how often the others'; overrides the
            mixture and the epochs.
        ties: more n-grams inside words, see `ties`. tied_bm25: BM25 over characters has them too.
        learning: ways to train alone that `best` does not have.
        company: the languages that a pooled training has besides the targets; None for all.
    """

    about: str
    train: str = "alone"
    options: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = TARGETS
    sentences: int = 0
    share: float = 1.0
    others: dict[str, float] = field(default_factory=dict)
    passes: tuple[float, float] | None = None
    ties: tuple[str, ...] = ()
    tied_bm25: bool = False
    learning: Learning | None = None
    company: tuple[str, ...] | None = None


_OLD = {"scale": 20.0, "epochs": 1.0, "rate": 0.03}
_NONE = {"reach": 0}
_SLOW = {"rate": 0.01, "epochs": 8.0}
_JOINT = {"rate": 0.01, "epochs": 2.0, "mixture": "temperature", "temperature": 10.0}
_TIES = {"stems": ("stems",), "roman": ("roman",), "letters": ("letters",), "ties": ("stems", "roman", "letters")}

RECIPES = {
    "alone": Recipe("best, a model a language"),
    "pooled": Recipe("best, one model of all languages", "pooled"),
    "placebo": Recipe("pooled, the shared n-grams permuted", "placebo"),
    "untrained": Recipe("start rows alone: what training brings", "untrained"),
    # settings, tried on dev
    "one-epoch": Recipe("what was best before: one epoch, scale 20", options=_OLD),
    "two-epochs": Recipe("two epochs in place of four", options={"epochs": 2.0}),
    "slow": Recipe("a third of the rate, six epochs", options={"epochs": 6.0, "rate": 0.01}),
    "scale-20": Recipe("a scale of 20", options={"scale": 20.0}),
    "scale-5": Recipe("a scale of 5, six epochs", options={"scale": 5.0, "epochs": 6.0}),
    "small-batches": Recipe("512 pairs a batch", options={"batch": 512}),
    "short-runs": Recipe("100 sentences of a document together", options={"run": 100}),
    "hard-negatives": Recipe("the 50 hardest distractors of each query", options={"top": 50}),
    "random-start": Recipe("start rows of one length", options={"start": "random"}),
    "words": Recipe("no character n-grams in the encoder", options={"characters": ()}),
    "characters-4-5": Recipe("character 4- and 5-grams", options={"characters": (4, 5)}),
    "dim-256": Recipe("256 numbers a vector", options={"dim": 256}),
    "dim-1024": Recipe("1,024 numbers a vector", options={"dim": 1024}),
    "wide-contexts": Recipe("trained on twelve sentences on each side", options={"window": 12}),
    # other ways to train
    "drop-20": Recipe("a fifth of the words hidden", learning=Learning(drop=0.2)),
    "drop-50": Recipe("half of the words hidden", learning=Learning(drop=0.5)),
    "averaged": Recipe("the table averaged over the last third", learning=Learning(average=1 / 3)),
    "both-tasks": Recipe("next sentences and contexts in turn", learning=Learning(both=True)),
    "residual": Recipe("trained beside the batch's BM25", learning=Learning(residual=1.0)),
    "residual-half": Recipe("trained beside half of the batch's BM25", learning=Learning(residual=0.5)),
    "indexing-10": Recipe("start rows with a tenth of random indexing", learning=Learning(indexing=0.1)),
    "indexing-30": Recipe("start rows with a third of random indexing", learning=Learning(indexing=0.3)),
    # the ablation of what surrounds a candidate
    "no-surroundings": Recipe("each candidate by itself", options=_NONE),
    "near": Recipe("twelve sentences, fading fast", options={"reach": 12, "decay": 0.85}),
    "no-sections": Recipe("the document, whatever the section", options={"across": 1.0}),
    "own-section": Recipe("the section alone", options={"across": 0.0}),
    # a large language cut: --data wikipedia_large; all of it is the recipe `alone`
    **{
        f"large-{percent}{name}": Recipe(f"{percent}% of a large language, alone", "alone", options, {}, ("en", "de"),
                                         share=percent / 100)
        for percent in (1, 3, 10, 30)
        for name, options in (("", {}), ("-slow", _SLOW))
    },
    # little text: every target cut, the other languages whole
    **{
        f"{arm}-{size}": Recipe(about, train, options, last, SMALL, sentences)
        for size, sentences in (("1k", 1_000), ("3k", 3_000), ("10k", 10_000), ("30k", 30_000))
        for arm, about, train, options, last in (
            ("alone", "little text, alone", "alone", _SLOW, {}),
            ("untrained", "little text, start rows alone", "untrained", {}, {}),
            ("joint", "little text, one model, languages drawn evenly", "pooled", _JOINT, {}),
            ("others-first", "little text, the other languages first", "first-others",
             {"rate": 0.01, "epochs": 1.0}, _SLOW),
        )
    },
    # the same with ties inside the language and between scripts
    **{
        f"{arm}-{size}-{name}": Recipe(f"{about}, with {' and '.join(ties)}", train, options, {}, SMALL, sentences,
                                       ties=ties)
        for size, sentences in (("3k", 3_000), ("10k", 10_000))
        for name, ties in _TIES.items()
        for arm, about, train, options in (
            ("alone", "little text, alone", "alone", _SLOW),
            ("joint", "little text, one model", "pooled", _JOINT),
        )
    },
    **{
        f"{arm}-{name}-bm25": Recipe(f"{' and '.join(ties)} in BM25 too", "alone", options, {}, SMALL, sentences,
                                     ties=ties, tied_bm25=True)
        for name, ties in _TIES.items()
        for arm, sentences, options in (("alone-3k", 3_000, _SLOW), ("alone", 0, {}))
    },
    # Korean, which `best` spells in letters
    "alone-syllables-bm25": Recipe("Korean in syllables, BM25 too", targets=("ko",), ties=("syllables",),
                                   tied_bm25=True),
    "alone-apart-bm25": Recipe("Korean with 5-grams of letters, BM25 too", targets=("ko",), ties=("apart",),
                               tied_bm25=True),
    "alone-letters": Recipe("Korean with syllables besides, all of its text", targets=("ko",), ties=("letters",)),
    # one other language at a time: --languages with one target
    **{
        f"with-{code}-3k": Recipe(f"little text beside {code} alone", "pooled", {"rate": 0.01}, {}, SMALL, 3_000,
                                  passes=(8.0, 2.0), company=(code,))
        for code in OTHERS
    },
    # one large language beside the small ones: --data beside-english
    **{
        f"{arm}-{size}-en-{percent}": Recipe(f"little text beside {percent}% of English", train, options, last, SMALL,
                                             sentences, others={"en": percent / 100}, passes=passes)
        for size, sentences in (("3k", 3_000), ("10k", 10_000))
        for percent in (0, 1, 3, 10, 30, 100)
        for arm, train, options, last, passes in (
            ("beside", "pooled", {"rate": 0.01}, {}, (8.0, 2.0)),
            ("after", "first-others", {"rate": 0.01, "epochs": 2.0}, _SLOW, None),
        )
        if percent or passes  # after nothing is alone
    },
}  # fmt: skip
