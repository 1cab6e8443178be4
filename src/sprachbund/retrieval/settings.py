"""The settings of the retrieval model: one dataclass a stage, two frozen sets by name.

``paper`` follows Arnold & Cohen 2021 as literally as it can be read; ``best`` is what our own measurements chose
(docs/log.md). A TOML file, the command line and a study's trials fill the same dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sprachbund import settings as tree
from sprachbund.errors import SettingsError

if TYPE_CHECKING:
    from sprachbund.corpus.placing import Split

Task = str
SPELLINGS = ("written", "folded", "romanised", "bytes", "phonemes", "subwords", "cognates")
TASKS: tuple[Task, ...] = ("nsp", "ic")
TASK_NAMES = {"nsp": "next sentence prediction", "ic": "inverse cloze"}


@dataclass(frozen=True)
class PairSettings:
    """Which sentences make pairs. Source: Arnold & Cohen 2021, sections 3.1 and 3.2.

    Attributes:
        least_words: sentences of a next-sentence pair, and the query of an inverse cloze, have at least so many words.
        window: sentences of context on each side of an inverse cloze query, inside its section.
        least_context: sentences that a context must have at least.
        every: every eligible sentence is a training query; false draws one a section and epoch.
        most_queries: evaluation queries a language, drawn by seed where there are more.
    """

    least_words: int = 4
    window: int = 2
    least_context: int = 2
    every: bool = True
    most_queries: int = 5_000


@dataclass(frozen=True)
class EncoderSettings:
    """What an n-gram is and how a bag becomes a vector.

    Attributes:
        dim: numbers in a vector.
        spelling: how words are spelt before n-grams are taken, see `spelling.spellings`.
        pieces: of ``subwords``, at most; of no account to other spellings.
        characters: orders of the character n-grams inside words; () for none.
        character_weight: weight of a character n-gram beside a word's 1.
        bigram_weight: weight of a bigram beside a word's 1; 0 for none.
        min_count: occurrences that an n-gram needs in the training text to get a trained row.
        max_rows: trained rows at most, the most frequent; 0 for no limit.
        power: a count of n in a sentence weighs n to this power.
        pooling: ``sum``, ``mean`` or ``sqrt`` (sum over the square root of the count); with cosine the three are the
            same.
        similarity: ``cosine`` or ``dot``.
        start: the length of a row at the start: ``idf`` (ln(1 + sentences / count) over its mean) or ``random`` (1).
        unseen: n-grams without a trained row keep their start row; false drops them.
    """

    dim: int = 512
    spelling: Literal["written", "folded", "romanised", "bytes", "phonemes", "subwords", "cognates"] = "written"
    pieces: int = 16_000
    characters: tuple[int, ...] = (4,)
    character_weight: float = 0.5
    bigram_weight: float = 0.0
    min_count: int = 1
    max_rows: int = 0
    power: float = 0.5
    pooling: Literal["sum", "mean", "sqrt"] = "sum"
    similarity: Literal["cosine", "dot"] = "cosine"
    start: Literal["idf", "random"] = "idf"
    unseen: bool = True


@dataclass(frozen=True)
class TrainingSettings:
    """How the rows are learned.

    Attributes:
        rate: learning rate of row-wise Adagrad at the start; it falls linearly to 0.
        scale: factor on the similarity before the softmax.
        epochs: passes over the pairs; may be a fraction.
        batch: pairs a batch, all of one language.
        batching: ``documents`` keeps runs of a document together, ``pairs`` shuffles pair by pair.
        run: sentences of one document that stay together.
        top: wrong candidates a query that count, the highest scored (Reddi et al. 2019); 0 for all.
        mixture: ``natural``, or ``temperature``: a language of n pairs is drawn in proportion to n^(1/temperature).
        temperature: 1 is natural, larger evens the languages out.
        weights: explicit shares by language; overrides the mixture.
        evaluations: points of the learning curve on dev, 0 for none.
        patience: stop after so many evaluations without a better one and keep the best, 0 for never.
        rows: the numbers of a row while it is learned, ``float32`` or ``bfloat16``, rounded by chance, see
            `encoder.bfloat16`; saved in float32 either way.
    """

    rate: float = 0.03
    scale: float = 10.0
    epochs: float = 4.0
    batch: int = 2_048
    batching: Literal["documents", "pairs"] = "documents"
    run: int = 400
    top: int = 0
    mixture: Literal["natural", "temperature"] = "natural"
    temperature: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)
    evaluations: int = 0
    patience: int = 0
    rows: Literal["float32", "bfloat16"] = "float32"


@dataclass(frozen=True)
class Surroundings:
    """How a candidate counts the text around it, see `surroundings`.

    Attributes:
        reach: sentences before and after a candidate that count; 0 leaves the candidate by itself.
        decay: a sentence at distance d counts this to the power d.
        across: factor on the sentences of the other sections of its document.
    """

    reach: int = 30
    decay: float = 0.95
    across: float = 0.2


@dataclass(frozen=True)
class Settings:
    """All that decides what a retrieval model learns, but its text and its seed.

    Attributes:
        shares: the shares of the documents' groups that train, dev and test get.
        split_by: ``group``, or ``pair`` as the paper may have done (leaks: sentence b is in (a, b) and (b, c)).
        templates: held-out sentences that stand in the training text once digits are masked are no queries.
    """

    preset: str = "best"
    pairs: PairSettings = PairSettings()
    encoder: EncoderSettings = EncoderSettings()
    training: TrainingSettings = TrainingSettings()
    surroundings: Surroundings = Surroundings()
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    split_by: Literal["group", "pair"] = "group"
    split_seed: int = 0
    templates: bool = True

    def __post_init__(self) -> None:
        check(self)


def preset(name: str) -> Settings:
    """The frozen set ``best`` or ``paper``.

    Raises:
        SettingsError: there is no set of that name.
    """
    try:
        return PRESETS[name]
    except KeyError:
        raise SettingsError(f"no settings are called {name!r}; there are: {', '.join(PRESETS)}") from None


def settings_of(given: "Settings | str") -> Settings:
    """Settings, or the preset of a name.

    Raises:
        SettingsError: neither.
    """
    if isinstance(given, str):
        return preset(given)
    if not isinstance(given, Settings):
        raise SettingsError(f'expected Settings, as preset("best"), found {type(given).__name__}')
    return given


def split_of(settings: Settings) -> "Split | None":
    """The split of the documents; None where pairs are split and not documents."""
    from sprachbund.corpus.placing import Split  # the command line reads settings, and needs no table for that

    return Split(settings.shares, settings.split_seed) if settings.split_by == "group" else None


def check_task(task: str) -> None:
    """Refuse a task that nobody knows.

    Raises:
        SettingsError: names the tasks that there are.
    """
    if task not in TASKS:
        raise SettingsError(f"no task is called {task!r}; there are: {', '.join(TASKS)}")


def change(settings: Settings | str, **values: Any) -> Settings:
    """Settings with some fields of any stage changed, by the field's name alone.

    A temperature other than 1 asks for the mixture that has one, unless a mixture is named too.

    Raises:
        SettingsError: no stage has a field of that name, or the value cannot work.
    """
    if values.get("temperature", 1) != 1:
        values.setdefault("mixture", "temperature")
    return tree.change(settings_of(settings), values)


def to_dict(settings: Settings) -> dict[str, Any]:
    """Settings as plain values for JSON and TOML.

    What says nothing is left out, so that work on words as they are written has the name that it always had.
    """
    plain = tree.to_dict(settings)
    if settings.encoder.spelling != "subwords":
        del plain["encoder"]["pieces"]
    if settings.encoder.spelling == "written":
        del plain["encoder"]["spelling"]
    if settings.training.rows == "float32":
        del plain["training"]["rows"]
    return plain


def from_dict(values: Mapping[str, Any]) -> Settings:
    """The settings that `to_dict` wrote; a stage or field that is missing has its default.

    Raises:
        SettingsError: a field is unknown, so the settings are of another version, or its value is of another type.
    """
    encoder = values.get("encoder")
    if isinstance(encoder, Mapping) and encoder.get("towers") == []:  # as encoders were written that had none
        values = {**values, "encoder": {name: value for name, value in encoder.items() if name != "towers"}}
    return tree.from_dict(BEST, values)


def check(settings: Settings) -> None:
    """Refuse what cannot work.

    Raises:
        SettingsError: names the field, its value and what is allowed.
    """
    encoder, training, pairs, around = settings.encoder, settings.training, settings.pairs, settings.surroundings
    rules = [
        (encoder.dim >= 1, "dim", encoder.dim, "at least 1"),
        (encoder.spelling in SPELLINGS, "spelling", encoder.spelling, ", ".join(SPELLINGS)),
        (2 <= encoder.pieces <= 1_000_000, "pieces", encoder.pieces, "from 2 to 1,000,000"),
        (all(1 <= n <= 127 for n in encoder.characters), "characters", encoder.characters, "orders from 1 to 127"),
        (encoder.min_count >= 1, "min_count", encoder.min_count, "at least 1"),
        (encoder.max_rows >= 0, "max_rows", encoder.max_rows, "at least 0 (0 for no limit)"),
        (encoder.power >= 0, "power", encoder.power, "at least 0"),
        (encoder.bigram_weight >= 0, "bigram_weight", encoder.bigram_weight, "at least 0"),
        (encoder.character_weight >= 0, "character_weight", encoder.character_weight, "at least 0"),
        (encoder.pooling in ("sum", "mean", "sqrt"), "pooling", encoder.pooling, "sum, mean or sqrt"),
        (encoder.similarity in ("cosine", "dot"), "similarity", encoder.similarity, "cosine or dot"),
        (encoder.start in ("idf", "random"), "start", encoder.start, "idf or random"),
        (training.rate > 0, "rate", training.rate, "above 0"),
        (training.scale > 0, "scale", training.scale, "above 0"),
        (training.epochs >= 0, "epochs", training.epochs, "at least 0"),
        (training.batch >= 2, "batch", training.batch, "at least 2, for a pair needs a distractor"),
        (training.batching in ("documents", "pairs"), "batching", training.batching, "documents or pairs"),
        (training.run >= 1, "run", training.run, "at least 1"),
        (training.top >= 0, "top", training.top, "at least 0 (0 for all)"),
        (
            training.mixture in ("natural", "temperature"),
            "mixture",
            training.mixture,
            "natural or temperature",
        ),
        (training.temperature > 0, "temperature", training.temperature, "above 0"),
        (
            all(w >= 0 for w in training.weights.values()),
            "weights",
            dict(training.weights),
            "at least 0 each",
        ),
        (training.evaluations >= 0, "evaluations", training.evaluations, "at least 0"),
        (training.patience >= 0, "patience", training.patience, "at least 0 (0 for never)"),
        (training.rows in ("float32", "bfloat16"), "rows", training.rows, "float32 or bfloat16"),
        (
            training.rows == "float32" or not training.patience,
            "patience",
            training.patience,
            "0 with rows of bfloat16",
        ),
        (pairs.least_words >= 1, "least_words", pairs.least_words, "at least 1"),
        (pairs.window >= 1, "window", pairs.window, "at least 1"),
        (
            1 <= pairs.least_context <= 2 * pairs.window,
            "least_context",
            pairs.least_context,
            "1 to twice the window",
        ),
        (around.reach >= 0, "reach", around.reach, "at least 0 (0 for the candidate by itself)"),
        (0 <= around.decay <= 1, "decay", around.decay, "from 0 to 1"),
        (0 <= around.across <= 1, "across", around.across, "from 0 to 1"),
        (pairs.most_queries >= 1, "most_queries", pairs.most_queries, "at least 1"),
        (min(settings.shares) >= 0, "shares", settings.shares, "at least 0 each"),
        (abs(sum(settings.shares) - 1) < 1e-9, "shares", settings.shares, "fractions that sum to 1"),
        (settings.split_by in ("group", "pair"), "split_by", settings.split_by, "group or pair"),
    ]
    for holds, name, found, allowed in rules:
        if not holds:
            raise SettingsError(f"{name} must be {allowed}, found {found}")


BEST = Settings()
PAPER = Settings(
    preset="paper",
    pairs=PairSettings(least_context=4, every=False),
    encoder=EncoderSettings(
        dim=300,
        characters=(),
        bigram_weight=1.0,
        power=1.0,
        similarity="cosine",
        start="random",
        max_rows=350_000_000,
    ),
    training=TrainingSettings(rate=0.05, scale=20.0, epochs=10, batching="pairs", batch=1_024),
    surroundings=Surroundings(reach=0),
    shares=(0.9, 0.05, 0.05),
    templates=False,
)
PRESETS = {"best": BEST, "paper": PAPER}
