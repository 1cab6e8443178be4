"""What requests hold, with bounds, and what answers look like.

Answers are written as bytes without passing through a model: theirs are for the OpenAPI page, and the tests hold the
answers to them.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sprachbund.service.limits import (
    COLUMNS,
    DATE,
    EXPLAINED,
    KEY,
    MOST,
    NAME,
    NEIGHBOURS,
    NGRAM,
    PASSAGES,
    QUERY,
    TEXT,
    TEXTS,
    VALUE,
)


def _whole(value: Any) -> Any:
    """A number that is whole as such, however it is written; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_tokens(value: Any) -> Any:
    if isinstance(value, list) and any(isinstance(each, int | float | list) for each in value):
        raise ValueError("expected a text or a list of texts, found tokens, of which this encoder has none")
    return value


Text = Annotated[str, Field(max_length=TEXT)]
Whole = Annotated[int, BeforeValidator(_whole)]
Code = Annotated[str, Field(max_length=35, description="A language code, as tr.")]
Mode = Literal["hybrid", "dense", "bm25", "rrf"]
Form = Literal["json", "text", "srt", "vtt"]
Reach = Literal["own", "neighbours", "all"]


class Strict(BaseModel):
    """A request in which null is as absent, no type is taken for another, and a field that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None or name not in cls.model_fields}


class SearchRequest(Strict):
    """A query and what to look in."""

    query: str = Field(
        max_length=QUERY,
        description='Words, and operators: "a phrase", -left-out, begin*, title:word, column:word, date:2020..2021, '
        "language:pt. A query without words has no hits.",
    )
    k: Whole = Field(10, ge=1, le=MOST, description="Hits to return at most.")
    offset: Whole = Field(0, ge=0, le=MOST - 1, description="Hits of earlier pages, which are left out.")
    languages: list[Code] = Field([], max_length=1_000, description="Codes to search in; all where it is empty.")
    mode: Mode = Field("hybrid", description="How passages are scored.")
    why: bool = Field(False, description="Also say which pairs of words made each score.")
    places: bool = Field(False, description="Also say where each hit lies on the map.")
    where: dict[Annotated[str, Field(max_length=NAME)], Annotated[str, Field(max_length=VALUE)]] = Field(
        {}, max_length=COLUMNS, description="Whole values by the name of a column of metadata."
    )
    since: str = Field("", max_length=DATE, description="Only documents from then on: 2020, 2020-05 or 2020-05-17.")
    until: str = Field("", max_length=DATE, description="Only documents up to then.")
    group: bool = Field(False, description="A hit a document, with its next best passages in `more`.")
    context: Whole = Field(0, ge=0, le=5, description="Passages to give before and after each hit.")
    correct: bool = Field(True, description="Where nothing holds any word, search for what was probably meant.")
    operators: bool = Field(True, description="Whether there are operators in the query; else all of it is words.")
    reach: Reach = Field(
        "all",
        description="own: only the query's language; neighbours: also those that spell alike; all of `languages`.",
    )
    query_language: Code = Field("", description="Of the query, by code or name; empty to tell it by its words.")

    @model_validator(mode="after")
    def _reasons_cost(self) -> Self:
        if self.k > EXPLAINED and (self.why or self.places):
            raise ValueError(f"k may be at most {EXPLAINED} with why or places, found {self.k:,}")
        if self.offset + self.k > MOST:
            raise ValueError(f"offset and k together may be at most {MOST:,}, found {self.offset + self.k:,}")
        return self


class EmbedRequest(Strict):
    """Texts to encode."""

    texts: list[Text] = Field(max_length=TEXTS)
    language: Code = Field("", description="Their language: needed for scripts without spaces.")


class DetectRequest(Strict):
    """Texts whose language is asked for."""

    texts: list[Text] = Field(max_length=TEXTS)


class SimilarityRequest(Strict):
    """Either pairs of texts, or texts on the left and on the right, each with each."""

    pairs: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] | None = Field(
        None, max_length=TEXTS // 2, description="Scores come as a list."
    )
    left: list[Text] | None = Field(None, max_length=TEXTS, description="Scores come as a row for each of these.")
    right: list[Text] | None = Field(None, max_length=TEXTS)
    language: Code = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        sides = self.left is not None and self.right is not None
        if (self.pairs is None) != sides or (self.pairs is not None and (self.left or self.right)):
            raise ValueError("expected either pairs, or left and right")
        if sides and len(self.left or ()) + len(self.right or ()) > TEXTS:
            raise ValueError(f"left and right together may hold {TEXTS} texts")
        return self


class EmbeddingsRequest(Strict):
    """The body of OpenAI's embeddings; fields that we do not know are passed over, as clients send many."""

    model_config = ConfigDict(extra="ignore")

    input: Annotated[Text | Annotated[list[Text], Field(min_length=1, max_length=TEXTS)], BeforeValidator(_no_tokens)]
    model: str = Field("sprachbund", max_length=200, description="Any name; it is echoed.")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Whole | None = Field(None, description="Nothing, or just the dimension that the index has.")
    language: Code = ""


class NeighboursRequest(Strict):
    """A word and where to look for others."""

    ngram: str = Field(max_length=NGRAM, description="A word, or a part of one.")
    k: Whole = Field(10, ge=1, le=NEIGHBOURS)
    language: list[Code] = Field([], max_length=1_000, description="Of the neighbours; may be repeated.")


class DocumentRequest(Strict):
    """Which document, and which part of it."""

    key: str = Field(max_length=KEY, description="Of a document, as en:some-id, or of a passage, as in a hit.")
    first: Whole = Field(0, ge=0, le=2**31, description="The passage to begin with.")
    count: Whole = Field(50, ge=1, le=PASSAGES, description="Passages at most; fewer where they are long.")


class TranscribeRequest(Strict):
    """How a file of sound, which is the body, is to be written down."""

    language: Code = Field("", description="That is spoken; needed where there are recognisers of several.")
    format: Form = Field("json", description="text, srt and vtt have no times and confidence of words.")


class WhyAnswer(BaseModel):
    """Where a score comes from: it is the sum of dense and exact over pairs of words, the rest and what is around."""

    score: float
    query: str = Field(description="As it was read: in NFC.")
    text: str
    query_words: list[tuple[int, int]] = Field(description="[start, end) of each word of `query`, in code points.")
    text_words: list[tuple[int, int]] = Field(description="The same of `text`.")
    title: int = Field(
        description="Code points at the beginning of `text` that are the document's title and a line break, where the "
        "passage is its first; else 0."
    )
    pairs: list[tuple[int, int, float, float, Literal["word", "accents", "part", "letters", "cognate", ""]]] = Field(
        description="[word of the query, word of the text, dense, exact, how they are alike], the largest first; not "
        "all where many. Alike: the same word, the same but for accents, a part of a word, cognates of the lexicon, "
        "words with letters in common; empty to the encoder alone."
    )
    rest_dense: float = Field(description="Of the pairs that are not listed.")
    rest_exact: float
    around_dense: float = Field(description="Of what surrounds the passage.")
    around_exact: float
    query_totals: list[tuple[float, float]] = Field(description="[dense, exact] of all pairs of each word.")
    text_totals: list[tuple[float, float]]
    note: str = Field(description="Empty, or what about the score cannot be taken apart.")
    meetings: list[tuple[int, int, int, int, str, str, float, float]] = Field(
        description="Of a passage that was found by its letters: [start and end in `query`, start and end in `text`, "
        "the letters there, the letters here, how likely the one is the other by the table of both languages (0: the "
        "same letters), what they add], the strongest first; not all where many."
    )


class FoundAnswer(BaseModel):
    """A passage that was found."""

    rank: int
    score: float
    parts: dict[str, float] = Field(description="What each way of scoring gives.")
    language: str
    document: str
    title: str
    section: str
    text: str
    number: int
    key: str
    across: str = Field(description="The query's language, where the passage is in a neighbour found by its letters.")
    standing: float = Field(description="Of such a passage: standard deviations above the best of its language.")
    meta: dict[str, str] = Field(description="What else is known of the document: url, date, author ...")
    before: str = Field(description="The passages before it, a line each, as many as were asked for.")
    after: str = Field(description="Those after it.")


class HitAnswer(FoundAnswer):
    """A passage that was found, or grouped by document the best of one."""

    more: list[FoundAnswer] = Field(description="Grouped: the next best passages of the same document.")
    why: WhyAnswer | None = None
    place: tuple[float, float] | None = None


class SearchAnswer(BaseModel):
    """Hits, the best first."""

    query: str
    mode: str
    seconds: float = Field(description="That the search took, waiting not included.")
    generation: int = Field(description="Of the index that answered.")
    further: bool = Field(description="Whether there are hits after these.")
    searched: str = Field(description="The query that was searched: another where nothing held any word of the given.")
    suggestion: str = Field(description="The query with typing errors corrected, not searched; empty where none.")
    notes: list[str] = Field(description="What was asked for and could not be had, in sentences.")
    fits: bool = Field(description="Whether anything fits well; where nothing does, hits are the few nearest.")
    language: str = Field(description="Of the query, given or told by its words; empty where it is not known.")
    neighbours: list[str] = Field(description="The languages that were searched by their letters.")
    hits: list[HitAnswer]


class PassageAnswer(BaseModel):
    """A passage of a document."""

    number: int
    section: str
    text: str


class DocumentAnswer(BaseModel):
    """A document, or a part of it."""

    generation: int
    key: str
    language: str
    id: str
    title: str
    meta: dict[str, str]
    length: int = Field(description="Passages of the whole document.")
    passages: list[PassageAnswer]


class WordAnswer(BaseModel):
    """A word that was heard."""

    text: str
    start: float = Field(description="Seconds from the beginning.")
    end: float
    confidence: float = Field(description="From 0 to 1: the geometric mean of the probabilities of its letters.")


class TranscribeAnswer(BaseModel):
    """What was heard."""

    language: str
    text: str
    seconds: float = Field(description="How long the sound is.")
    words: list[WordAnswer]
    srt: str = Field(description="The same as subtitles (SubRip), to be kept as a file.")


class DetectedAnswer(BaseModel):
    """The language of a text."""

    code: str = Field(description="Of the language; und where none is probable enough.")
    confidence: float = Field(description="Its probability; of und that of the best candidate.")
    candidates: list[tuple[str, float]] = Field(description="At most five, the most probable first.")


class DetectAnswer(BaseModel):
    """A language for each text, in their order."""

    languages: list[DetectedAnswer]


class EmbedAnswer(BaseModel):
    """Vectors of length 1; of zeros for a text without words."""

    dim: int
    vectors: list[list[float]]


class SimilarityAnswer(BaseModel):
    """Cosines: a list for pairs, a row for each text on the left otherwise."""

    scores: list[float] | list[list[float]]


class NeighbourAnswer(BaseModel):
    """An n-gram near another."""

    text: str
    language: str
    score: float
    count: int


class NeighboursAnswer(BaseModel):
    """The n-grams nearest to one, the nearest first."""

    ngram: str
    neighbours: list[NeighbourAnswer]


class Embedding(BaseModel):
    """A vector, as numbers or as base64 of little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class Usage(BaseModel):
    """Words, parted by spaces: a bag of n-grams has no tokens."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsAnswer(BaseModel):
    """OpenAI's answer."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: Usage


class HealthAnswer(BaseModel):
    """That the service answers, and with what."""

    status: Literal["ok", "stopping"]
    generation: int
    passages: int
    version: str


class LanguageAnswer(BaseModel):
    """A language of the index."""

    code: str
    bcp47: str
    name: str
    documents: int
    passages: int


class RecogniserAnswer(BaseModel):
    """A language that can be heard."""

    code: str
    bcp47: str
    name: str


class InfoAnswer(BaseModel):
    """What the index holds and what may be asked."""

    version: str
    generation: int
    languages: list[LanguageAnswer]
    columns: list[str] = Field(description="Names of metadata, which are fields of a query.")
    modes: list[str]
    recognisers: list[RecogniserAnswer] = Field(description="Languages that can be transcribed.")
    kindred: dict[str, list[str]] = Field(description="For each language those that a query in it finds by letters.")
    model: dict[str, object]
    limits: dict[str, float]


class MapAnswer(BaseModel):
    """The map in columns of equal length, a value a point; ``language`` counts in ``languages``."""

    languages: list[str]
    x: list[float]
    y: list[float]
    kind: list[int] = Field(description="0 a passage, 1 a word.")
    language: list[int]
    label: list[str]
    key: list[str]


class ErrorDetail(BaseModel):
    """What was expected, what was found, what to do."""

    type: str
    message: str


class ErrorAnswer(BaseModel):
    """Every error."""

    error: ErrorDetail


class OpenAIDetail(ErrorDetail):
    """An error as OpenAI's clients read it."""

    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """Every error under /v1/."""

    error: OpenAIDetail
