"""The words of a language with their counts: from the user's corpus, else a published list, else an installed package.

Words are NFC and lower case. A list of subtitles has names and spoken language in it, one of the user's own text has
what
matters to the user: so a corpus that has the language wins.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sprachbund.neighbours.identities import alpha3, same_language
from sprachbund.neighbours.sources import Sources
from sprachbund.normal_forms import composed

if TYPE_CHECKING:
    import polars as pl

    from sprachbund.corpus.store import Corpus

__all__ = ["MOST", "corpus_code", "corpus_of", "frequent_words", "list_of", "listed_languages", "words_of_both"]

MOST = 20_000
"""Words of a list that are read, the most frequent."""
_VERSION = 2
_SENTENCES = 200_000  # of a corpus that are counted
_ALIASES = {"zh": ("zh_cn",), "sh": ("hr",), "pt-br": ("pt_br",), "tl": ("fil",)}
"""What FrequencyWords and wordfreq call a language, where that is not its code."""


def corpus_of(sources: Sources) -> "Corpus | None":
    """The user's corpus, opened once.

    Raises:
        FolderError: it cannot be read.
    """
    if sources.corpus is None:
        return None
    from sprachbund.corpus.store import Corpus

    return sources.once("corpus", lambda: Corpus.open(Path(sources.corpus or "")))


def corpus_code(sources: Sources, code: str) -> str | None:
    """The code that the corpus has a language under; None where it lacks it, or where there is no corpus."""
    corpus = corpus_of(sources)
    if corpus is None:
        return None
    if code in corpus.languages:
        return code
    return next((each for each in corpus.languages if same_language(each, code)), None)


def frequent_words(sources: Sources, code: str, *, own: bool = True) -> "tuple[pl.DataFrame, str] | None":
    """The words of a language with counts (word, count; the most frequent first), and where they come from.

    None where no source has the language.

    Args:
        own: whether the user's corpus is asked first.
    """
    name = corpus_code(sources, code) if own else None
    if name is not None:
        return sources.once(("words of corpus", name), lambda: _of_corpus(sources, name)), "your corpus"
    path = list_of(sources, code)
    if path is not None:
        table = sources.features(f"freq-{code}", _VERSION, [path], _schema(), lambda: _read(path))
        return table, "FrequencyWords"
    return _of_package(sources, code)


def words_of_both(sources: Sources, target: str, candidate: str) -> "list[tuple[pl.DataFrame, str] | None]":
    """The words of two languages, of one kind of text: of the corpus where it has both, else published lists.

    Novels held against subtitles would be far apart in any language.
    """
    own = all(corpus_code(sources, code) is not None for code in (target, candidate))
    return [frequent_words(sources, code, own=own) for code in (target, candidate)]


def listed_languages(sources: Sources) -> list[str]:
    """The codes of the languages that published lists or the package have."""
    folder = sources.find("freq")
    if folder is not None:
        names = {path.name.split(".")[0] for path in folder.glob("*.txt*")} | {
            path.name for path in (folder / "content" / "2018").glob("*") if path.is_dir()
        }
        return sorted(name for name in names if "_" not in name) + (["zh"] if "zh_cn" in names else [])
    if find_spec("wordfreq") is None:
        return []
    import wordfreq

    return sorted({"nb": "no", "fil": "tl"}.get(each, each) for each in wordfreq.available_languages())


def list_of(sources: Sources, code: str) -> Path | None:
    """The file of a published list of a language's frequent words; None without one."""
    folder = sources.find("freq")
    if folder is None:
        return None
    for name in (code, *_ALIASES.get(code, ()), *alpha3(code)):
        for pattern in (f"{name}.20k.txt", f"{name}_50k.txt", f"content/2018/{name}/{name}_50k.txt", f"{name}.txt"):
            for path in (folder / pattern, folder / f"{pattern}.gz"):
                if path.is_file():
                    return path
    return None


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"word": pl.String, "count": pl.Int64}


def _read(path: Path) -> "pl.DataFrame":
    """Lines of a word, a blank and a count; lines that are otherwise are left out."""
    import polars as pl

    lines = pl.read_csv(
        path, separator="\n", has_header=False, new_columns=["line"], quote_char=None, infer_schema=False
    )
    parted = lines.select(
        word=pl.col("line").str.extract(r"^(\S+)\s+\d+\s*$", 1),
        count=pl.col("line").str.extract(r"\s(\d+)\s*$", 1).cast(pl.Int64, strict=False),
    )
    return _summed(parted.drop_nulls())


def _summed(table: "pl.DataFrame") -> "pl.DataFrame":
    """One row a word as it compares: NFC, lower case; with letters only, so that dashes and numbers are no words."""
    import polars as pl

    plain = table.with_columns(word=pl.col("word").map_batches(composed, return_dtype=pl.String).str.to_lowercase())
    letters = plain.filter(pl.col("word").str.contains(r"^\p{L}[\p{L}\p{M}'’·\u200c\u200d-]*$") & (pl.col("count") > 0))
    summed = letters.group_by("word").agg(pl.col("count").sum())
    return summed.sort(["count", "word"], descending=[True, False]).head(MOST)


def _of_package(sources: Sources, code: str) -> "tuple[pl.DataFrame, str] | None":
    if find_spec("wordfreq") is None:
        return None

    have = sources.once("wordfreq", _package_lists)
    names = (code, *_ALIASES.get(code, ()), *alpha3(code), *(["nb"] if code == "no" else []))
    name = next((each for each in names if each in have), None)
    if name is None:
        return None
    path = Path(have[name])

    def read() -> "pl.DataFrame":
        import polars as pl
        import wordfreq

        # the table itself: asking word by word would want a tokeniser of Japanese
        found = sorted(wordfreq.get_frequency_dict(name).items(), key=lambda item: -item[1])[: 2 * MOST]
        counts = [round(1e9 * share) for _, share in found]
        return _summed(pl.DataFrame({"word": [word for word, _ in found], "count": counts}, _schema()))

    return sources.features(f"wordfreq-{code}", _VERSION, [path], _schema(), read), "wordfreq"


def _package_lists() -> dict[str, str]:
    """The files of the package's lists, by what it calls the language."""
    import wordfreq

    return dict(wordfreq.available_languages())


def _of_corpus(sources: Sources, own: str) -> "pl.DataFrame":
    """Words of the corpus's sentences, split as `sprachbund.ngrams` splits them."""
    import polars as pl

    from sprachbund.ngrams.vocabulary import Vocabulary

    corpus = corpus_of(sources)
    assert corpus is not None

    def count() -> "pl.DataFrame":
        texts = corpus.read(own, ["text"])["text"].head(_SENTENCES)
        counted = Vocabulary.count([texts], bigrams=False, max_size=4 * MOST)
        return _summed(pl.DataFrame({"word": counted.strings, "count": counted.counts.astype("int64")}))

    return count()
