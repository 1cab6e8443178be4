"""Language models in their own words: what a study of them measures, compares and shows."""

from sprachbund.lab.declaration import Baseline, Declaration, Pair, Pool, Size, Table, Task, View, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import CENSORED, PAIRS
from sprachbund.lm.neural.settings import SHAPE
from sprachbund.statistics import Enough

__all__ = ["ALGORITHM", "BODY", "DECLARATION", "ROWS"]

ALGORITHM = 1
ROWS, BODY = "rows", "body"
MODELS = ("alone", "pooled", "mixed", "continued", "respelled", "rows", "frozen", "longer", "placebo")
_VIEWED = ("alone", "continued", "respelled", "rows", "frozen", "longer", "placebo")

DECLARATION = Declaration(
    name="lm",
    version=ALGORITHM,
    title="Language models that help each other",
    question="Does a model that has read {languages} foretell text better than one that has read its own language",
    tasks=(Task("lm", "LM", "foretell the next character of running text"),),
    measures=(Measure("bits", "bits per byte", unit="bits/byte", direction="lower"),),
    pools=(Pool("held-out", "whole documents that no model has read."),),
    pairs=(
        *(Pair(*pair) for pair in PAIRS), Pair("placebo", "alone"),
        *(Pair(arm, "kneser-ney", f"{arm} foretells text better than the language's own n-grams in {{better}} and "
               "worse in {worse}") for arm in MODELS),
        *(Pair(f"ngrams-{arm}", "kneser-ney") for arm in MODELS if arm != "alone"),
        *(Pair(f"neural-{arm}", "neural-alone") for arm in _VIEWED if arm != "alone"),
        Pair("neural-continued", "neural-longer"), Pair("neural-continued", "neural-placebo"),
    ),
    tables=(
        Table(
            "of held-out documents",
            ("kneser-ney", *MODELS),
            (*((arm, "alone") for arm in ("pooled", "continued", "respelled", "rows", "frozen", "placebo")),
             ("continued", "longer")),
        ),
        Table(
            "of held-out documents, n-grams alone",
            ("kneser-ney", *(f"ngrams-{arm}" for arm in MODELS if arm not in ("alone", "rows", "frozen", "longer"))),
            tuple((f"ngrams-{arm}", "kneser-ney") for arm in ("pooled", "continued", "respelled", "placebo")),
        ),
        Table(
            "of held-out documents, neural models alone",
            tuple(f"neural-{arm}" for arm in (*_VIEWED, "pooled")),
            (*((f"neural-{arm}", "neural-alone") for arm in _VIEWED if arm != "alone"),
             ("neural-continued", "neural-longer")),
        ),
    ),
    item=Words("document", "documents"),
    document=Words("document", "documents"),
    example=Words("character", "characters"),
    examples="characters",
    sizes=(
        Size("characters", "characters of training text"),
        Size("documents", "documents"),
        Size("test_documents", "documents, test"),
        Size("test_bytes", "bytes, test"),
        Size("seen", "runs of eight characters of the test side that the training side has", share=True),
        Size("unknown", "characters of the test side that it lacks", share=True),
        Size("shuffled", "bits per byte of the test side with its words shuffled, own n-grams"),
    ),
    rows=ROWS,
    refuses={
        "control": "language models that share nothing are the arm alone",
        "dropped": "the body of a language model is carried over as one",
        "synthetic": "a corpus of text marks none of it as synthetic",
        **dict.fromkeys(CENSORED, "language models read letters, and every language of a writing shares those"),
    },
    body=(BODY,),
    views=(
        View("ngrams", "the n-grams of an arm by themselves, without its neural part.", "by n-grams alone"),
        View("neural", "the neural part of an arm by itself.", "by the neural part alone"),
    ),
    baselines=(
        Baseline("kneser-ney", "n-grams of the language's own characters by interpolated modified Kneser-Ney, the "
                 "order chosen on dev."),
    ),
    shape_options=SHAPE,
    # six that are all alike are the fewest that a sign test tells from chance (.03)
    enough=Enough(items=6, documents=6),
    glossary={
        "bits per byte": "what the documents cost under a model, over their bytes in UTF-8; the fewer, the better it "
        "foretells. Unknown characters are charged in full. Between languages it misleads: scripts differ in bytes.",
    },
)  # fmt: skip
