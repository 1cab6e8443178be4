"""Recognisers of speech in their own words: what a study of them measures, compares and shows."""

from sprachbund.lab.declaration import Declaration, Learning, Pair, Pool, Size, Table, Task, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import CENSORED, PAIRS
from sprachbund.speech.recogniser.settings import SHAPE
from sprachbund.speech.recogniser.start import PARTS
from sprachbund.statistics import Enough

__all__ = ["ALGORITHM", "BODY", "DECLARATION", "ROWS"]

ALGORITHM = 2
"""2: a control exchanges letters alone; the blank between words keeps its row."""
ROWS, BODY = "rows", tuple(part for part in PARTS if part != "rows")
_SHOWN = (
    "alone", "continued", "begun_joined", "frozen", "dropped", "placebo", "longer", "pooled", "mixed", "rows",
    "synthetic",
)  # fmt: skip

DECLARATION = Declaration(
    name="speech",
    version=ALGORITHM,
    title="Recognisers of speech that help each other",
    question="Does a recogniser that has heard {languages} make fewer errors than one that has heard its own language",
    tasks=(Task("speech", "Speech", "write down what is said"),),
    measures=(
        Measure("cer", "character error rate", direction="lower"),
        Measure("wer", "word error rate", direction="lower", value="word_edits", weight="words"),
    ),
    pools=(Pool("speakers", "speakers whom no model has heard, with sentences that none was trained on."),),
    # most of what a start brings is any speech; the neighbour's own is its difference to an equal start that is far
    pairs=(
        Pair("continued", "alone"), *(Pair(*pair) for pair in PAIRS), Pair("placebo", "alone"),
        Pair("continued", "continued"), Pair("frozen", "frozen"),
    ),
    tables=(
        Table(
            "of unheard speakers",
            _SHOWN,
            (("continued", "alone"), ("continued", "continued"), ("continued", "placebo"), ("continued", "longer"),
             ("frozen", "continued"), ("dropped", "continued"),
             *((arm, "alone") for arm in ("begun_joined", "frozen", "dropped", "placebo", "pooled", "mixed", "rows",
                                                 "synthetic"))),
        ),
    ),
    item=Words("utterance", "utterances"),
    document=Words("speaker", "speakers"),
    example=Words("second of speech", "seconds of speech"),
    examples="seconds",
    sizes=(
        Size("seconds", "seconds of training speech"),
        Size("utterances", "utterances of training"),
        Size("synthetic_seconds", "seconds of synthetic speech, which the arm synthetic alone hears"),
        Size("speakers", "speakers of training"),
        Size("dev_seconds", "seconds, dev"),
        Size("test_seconds", "seconds, test"),
        Size("test_speakers", "speakers, test"),
        Size("test_letters", "letters, test"),
        Size("unknown", "letters of the test side that the training side lacks", share=True),
    ),
    rows=ROWS,
    body=BODY,
    refuses={
        "control": "recognisers that share nothing are the arm alone",
        "respelled": "speech is not spoken in another language's words",
        **dict.fromkeys(CENSORED, "nothing can be taken out of what is spoken"),
    },
    shape_options=SHAPE,
    # speakers are drawn, and six that are all alike are the fewest that a sign test tells from chance (.03)
    enough=Enough(items=30, documents=6),
    learning=Learning("character error rate on dev", "seconds of speech heard"),
    writes=True,
    glossary={
        "character error rate": "the letters that must be substituted, deleted and inserted to make what was said of "
        "what was written, over the letters that were said, blanks among them: sums over sums, without a language "
        "model.",
        "word error rate": "the same of words.",
        "synthetic speech": "what a program said of written text (eSpeak NG): it trains, and never chooses or judges.",
    },
)  # fmt: skip
