"""How a kind of model declares itself: once, as data, in words of its own.

A study is run by the declaration, and written beside its tables (``study.json``); the report reads it there and knows
nothing else of the kind. A part of the page appears where the declaration has its row and the tables have its data.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sprachbund.errors import FolderError
from sprachbund.lab.measures import Measure
from sprachbund.lab.typed import typed
from sprachbund.statistics.comparison import ENOUGH, Enough

__all__ = [
    "Baseline",
    "Contrast",
    "Declaration",
    "Learning",
    "NullTest",
    "Pair",
    "Pool",
    "Size",
    "Table",
    "Task",
    "View",
    "Words",
]

REMEDY = "run the study again"


@dataclass(frozen=True)
class Words:
    """What a thing is called: one, and several of them."""

    one: str
    many: str


@dataclass(frozen=True)
class Task:
    """What models are trained for and judged by.

    Attributes:
        title: short, for tables. meaning: a sentence's part, for readers.
    """

    name: str
    title: str
    meaning: str


@dataclass(frozen=True)
class Pool:
    """Where items are judged; a kind with one way to judge has one pool."""

    name: str
    meaning: str


@dataclass(frozen=True)
class View:
    """A way to use the model of an arm beside something else; an arm seen so is called ``view-arm``.

    Attributes:
        meaning: for the glossary. phrase: how a claim begins that is made under it, "with BM25 fused into both sides".
        answer: how a sentence of the answer begins that is made under it; "" where the answer says nothing of it.
    """

    name: str
    meaning: str
    phrase: str
    answer: str = ""


@dataclass(frozen=True)
class Baseline:
    """What no strategy trains; its name is its arm in the tables."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Pair:
    """An arm and what it is compared with; a strategy stands for each of its arms, ``continued`` for ``continued:es``.

    With itself a strategy is compared from one start to the next: the near one against the far one.

    Attributes:
        arm, against: arms as tables have them, with a view's name before: ``whole-pooled``.
        claim: with ``{better}`` and ``{worse}``, numbers of languages; "" for the strategy's own words.
        name: its key in rows and in JSON; "" for ``arm vs against``.
    """

    arm: str
    against: str
    claim: str = ""
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A table of arms and pairs on the page and on the terminal; the first is the main one.

    Attributes:
        about: what follows the measure's title in its heading, "among unseen candidates", or "".
        arms, pairs: of what; its pairs are claimed in words too, and those against a strategy are drawn.
    """

    about: str
    arms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Size:
    """A number that a reader wants of each language: a column of ``describe``.

    Attributes:
        share: whether it is a fraction, shown as a percentage.
    """

    column: str
    title: str
    share: bool = False


@dataclass(frozen=True)
class Contrast:
    """Two pools side by side: what the second one makes easier.

    Attributes:
        pool, other: their names. measure, k: in what. titles: of the two ends. meaning: what to make of it.
    """

    title: str
    pool: str
    other: str
    measure: str
    k: int | None
    titles: tuple[str, str]
    arms: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class NullTest:
    """A test whose right answer is planted: a measure of the column ``null_value`` that must stay at chance.

    Attributes:
        measure, k: which; a column ``candidates`` says among how many, and chance is one over it.
        tolerance: how far above chance the lower end of the interval may lie.
        meaning: what is planted. failure: what a failure says.
    """

    measure: str
    k: int | None
    tolerance: float
    meaning: str
    failure: str


@dataclass(frozen=True)
class Learning:
    """What trainings tell of themselves as they go on: a measure on dev, against what was learned from.

    Attributes:
        value: what is measured, of the first measure's direction. seen: of what so much was seen, in its unit.
    """

    value: str
    seen: str


@dataclass(frozen=True)
class Declaration:
    """All that a study and a report know of a kind.

    Attributes:
        name: of the kind. version: of its algorithm, part of every run's name.
        title: of the page. question: what a study asks, a sentence without its end.
        tasks: there are. measures: the first decides, the second is shown beside it. pools: the first decides.
        views, baselines, pairs, tables: see their classes; the first pair is what a study is asked for.
        item: what is judged, a query, a document. document: what items belong to and draws are made of.
        example, examples: what is learned from, and the column of ``describe`` that counts it.
        sizes: columns of the table of languages; one whose title is the word for documents counts those of all sides.
        rows: the part of a model that has rows by keys. body: its other parts, the lowest first. A recipe may carry
            over or freeze any.
        mixture_options: that mean nothing to one language. shape_options: that a start fixes for what follows it.
        enough: how much a verdict takes.
        refuses: strategies that it has not, and why. contrasts, null: or none. glossary: further terms.
        learning: whether its trainings have learning curves, and of what.
        writes: whether items have the texts that were wanted and written, and the edits between, see `lab.alignment`.
    """

    name: str
    version: int
    title: str
    question: str
    tasks: tuple[Task, ...]
    measures: tuple[Measure, ...]
    pools: tuple[Pool, ...]
    pairs: tuple[Pair, ...]
    tables: tuple[Table, ...]
    item: Words
    document: Words
    example: Words
    examples: str
    sizes: tuple[Size, ...]
    rows: str
    body: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    mixture_options: tuple[str, ...] = ()
    shape_options: tuple[str, ...] = ()
    enough: Enough = ENOUGH
    refuses: Mapping[str, str] | None = None
    contrasts: tuple[Contrast, ...] = ()
    null: NullTest | None = None
    glossary: Mapping[str, str] | None = None
    learning: Learning | None = None
    writes: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts of a model."""
        return (self.rows, *self.body)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; measures without their functions."""
        plain = asdict(self)
        plain["measures"] = [measure.to_dict() for measure in self.measures]
        return plain


def declaration_of(values: Any, where: str) -> Declaration:
    """The declaration that `Declaration.to_dict` gave, read from a study; its measures work on what is tabulated only.

    Raises:
        FolderError: it is damaged; ``where`` names the file.
    """
    made = typed(Declaration, values, where, REMEDY)
    assert isinstance(made, Declaration)
    if not (made.tasks and made.measures and made.pools and made.pairs and made.tables):
        raise FolderError(f"{where}: damaged, its kind has no tasks, measures, pools, pairs or tables; {REMEDY}")
    measures = {(measure.name, measure.k) for measure in made.measures}
    asked = [(contrast.measure, contrast.k) for contrast in made.contrasts]
    asked += [(made.null.measure, made.null.k)] if made.null else []
    if lacking := [name for name, k in asked if (name, k) not in measures]:
        raise FolderError(f"{where}: damaged, its kind has no measure {lacking[0][:60]!r}; {REMEDY}")
    return made
