"""A study file: what is to be compared, declared in TOML, and every combination of its grid as a study of its own.

    corpus = "corpus"                    a folder that ingest wrote, from the place of this file
    targets = ["gl"]                     are judged
    auxiliaries = ["pt"]                 help
    pivots = ["es"]                      help too, and later analyses know them
    strategies = ["alone", "pooled"]

    [settings]                           of the kind of model, by their names
    [grid]                               lists of alternatives: every combination is a study
    [[study]]                            several studies, each with what differs from the lines above

Everything is seen before any work: an error names the line and the nearest word that would be right.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sprachbund.analyses.auxiliaries.settings import AuxiliarySettings
from sprachbund.analyses.auxiliaries.study import TABLE as AUXILIARY
from sprachbund.analyses.crosslingual.findings import TABLE as CROSSLINGUAL
from sprachbund.analyses.crosslingual.findings import PairSettings
from sprachbund.analyses.laboratory.findings_table import ANALYSES
from sprachbund.analyses.laboratory.grid import combinations
from sprachbund.analyses.laboratory.kinds import FEATURES, KINDS, AnyCorpus, Kind, Question
from sprachbund.analyses.laboratory.located import Located, nearest, read_located
from sprachbund.analyses.laboratory.told import read_told
from sprachbund.analyses.mixtures.of_laboratory import TABLE as MIXTURE
from sprachbund.analyses.mixtures.of_laboratory import read_mixture
from sprachbund.analyses.mixtures.optimising import MixtureSettings
from sprachbund.errors import LanguageError, SettingsError, SprachbundError
from sprachbund.lab.strategies import STRATEGIES, read_arm
from sprachbund.languages import among
from sprachbund.retrieval.settings import PRESETS
from sprachbund.settings import by_name, from_text, stages

__all__ = ["Declared", "StudyFile", "questions_of", "read_study_file"]

LISTS = ("languages", "targets", "auxiliaries", "pivots", "tasks", "strategies", "pools")
NAMED = ("languages", "targets", "auxiliaries", "pivots")
_NUMBERS, _TEXTS = ("trials", "seeds", "sizes"), ("preset", "features", "kind", "name")
COMMON = ("name", "kind", *NAMED, "strategies", "sizes", "trials", "seeds", "settings", "grid")
"""Keys of a study of any kind, above the tables or in [[study]]."""
TOP = ("corpus", "sources", "analyses", "title", "study", MIXTURE, AUXILIARY, CROSSLINGUAL)
MOST_STUDIES = 1_000
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}", re.ASCII)
_WORDS = {"arms": "strategies", "size": "sizes", "task": "tasks", "pool": "pools", "studies": "study"}


@dataclass(frozen=True)
class Declared:
    """One study: a combination of the file's grid.

    Attributes:
        name: of its folder. kind: of model. values: what was said of it, lists as lists.
        where: the path in the file of the table that it stands in; () above the tables.
    """

    name: str
    kind: str
    values: Mapping[str, Any]
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyFile:
    """A study file that has been read.

    Attributes:
        corpus: the folder, or None where there are sources. sources: files, folders or names that ingest takes.
        studies: in their order. analyses: names of those that are made of the finished studies.
        mixture: what analyses of mixtures are told. auxiliary: what that of auxiliaries is told.
        crosslingual: which sentences are translations.
    """

    located: Located = field(repr=False)
    title: str
    corpus: Path | None
    sources: tuple[str, ...]
    studies: tuple[Declared, ...]
    analyses: tuple[str, ...]
    mixture: MixtureSettings = field(default_factory=MixtureSettings)
    auxiliary: AuxiliarySettings = field(default_factory=AuxiliarySettings)
    crosslingual: PairSettings = field(default_factory=PairSettings)

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.located.path

    @property
    def reader(self) -> Kind:
        """A kind of its studies, which read the same corpus."""
        return KINDS[self.studies[0].kind]


def read_study_file(path: Path | str, base: Path | None = None, stem: str | None = None) -> StudyFile:
    """Read a study file and see that it is one, as far as that shows without the corpus.

    Args:
        base: from where its paths lead; its own folder if None. stem: its name without ``.toml``, if it is a copy.

    Raises:
        SettingsError: names the line, what stands there, and the nearest that would be right.
    """
    at = read_located(Path(path))
    base, stem = base or at.path.parent, stem or at.path.stem
    values = at.values
    _known(at, values, (*COMMON, *TOP, *(key for kind in KINDS.values() for key in kind.keys)), ())
    both = [name for name in ("corpus", "sources") if name in values]
    if len(both) != 1:
        raise at.error(
            "expected corpus, a folder that ingest wrote, or sources, a list of what ingest reads; found "
            f"{' and '.join(both) or 'neither'}",
            *both[1:],
        )
    sources = _texts(at, values.get("sources", []), ("sources",))
    if "sources" in values and not sources:
        raise at.error("sources names nothing; write the files or folders to ingest", "sources")
    tables = values.get("study", [{}])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables) or not tables:
        raise at.error("study is a list of tables; write [[study]] over each", "study")
    several = "study" in values
    studies: list[Declared] = []
    for number, table in enumerate(tables):
        where = ("study", str(number)) if several else ()
        studies += _studies(at, base, stem, table if several else values, where)
        if len(studies) > MOST_STUDIES:
            raise at.error(f"the grid has more than {MOST_STUDIES:,} studies; leave alternatives out", *where, "grid")
    _require_one_corpus(at, studies, "sources" in values)
    names = [study.name for study in studies]
    if twice := [study for study in studies if names.count(study.name) > 1]:
        raise at.error(f"two studies are called {twice[-1].name}; give each [[study]] a name", *twice[-1].where)
    analyses = _texts(at, values.get("analyses", []), ("analyses",))
    for name in analyses:
        if name not in ANALYSES:
            raise at.error(f"no analysis is called {name}{nearest(name, ANALYSES)}", "analyses", word=name)
    title = values.get("title", stem)
    if not isinstance(title, str):
        raise at.error(f"title must be a text, found {title!r:.60}", "title")
    corpus = None
    if "corpus" in values:
        if not isinstance(values["corpus"], str) or not values["corpus"]:
            raise at.error(f"corpus must be the path of a folder, found {values['corpus']!r:.60}", "corpus")
        corpus = base / values["corpus"]
    found = tuple(text if re.match(r"(wikipedia|hf):", text) else str(base / text) for text in sources)
    auxiliary = read_told(at, AUXILIARY, AuxiliarySettings(), "auxiliaries")
    pairs = read_told(at, CROSSLINGUAL, PairSettings(), "the cross-lingual check")
    return StudyFile(at, title, corpus, found, tuple(studies), tuple(analyses), read_mixture(at), auxiliary, pairs)


def _require_one_corpus(at: Located, studies: list[Declared], ingested: bool) -> None:
    """Refuse studies of which some read text and some hear speech, and speech that is not ingested."""
    first = KINDS[studies[0].kind]
    for study in studies:
        kind = KINDS[study.kind]
        if kind.reads != first.reads:
            raise at.error(
                f"{study.name} reads {kind.reads}, {studies[0].name} {first.reads}: a study file has one corpus; write "
                "two files",
                *study.where, "kind",
            )  # fmt: skip
    if ingested and first.reads != "text":
        raise at.error(f"sources are of text; make a corpus of {first.reads} by {first.made}, and name that", "sources")


def _known(at: Located, values: Mapping[str, Any], known: tuple[str, ...], where: tuple[str, ...]) -> None:
    for key in values:
        if key not in known:
            rather = f"; write {_WORDS[key]}" if _WORDS.get(key) in known else nearest(key, known)
            raise at.error(f"no key is called {key}{rather}", *where, key)


def _studies(at: Located, base: Path, stem: str, own: Mapping[str, Any], where: tuple[str, ...]) -> Iterator[Declared]:
    """The studies of a table: its own values over those above the tables, then every combination of the grid."""
    above = {key: value for key, value in at.values.items() if key not in (*TOP, "grid")} if where else {}
    model = own.get("kind", above.get("kind", "retrieval"))
    if not isinstance(model, str) or model not in KINDS:
        raise at.error(f"no kind of model is called {model!s:.60}{nearest(str(model), KINDS)}", *where, "kind")
    kind = KINDS[model]
    keys = (*COMMON, *kind.keys)
    _known(at, own, keys if where else (*keys, *TOP), where)
    for key in above:
        if key not in keys and any(key in other.keys for other in KINDS.values()):
            above = {k: v for k, v in above.items() if k != key}  # said above for studies of the other kind
    own = {key: value for key, value in own.items() if key not in TOP}
    values = {**above, **own, "settings": {**_table(at, above, "settings", ()), **_table(at, own, "settings", where)}}
    grid = {**(_table(at, at.values, "grid", ()) if where else {}), **_table(at, own, "grid", where)}
    if where:  # what a study says by itself is not varied
        inner = _table(at, own, "grid", where)
        grid = {key: value for key, value in grid.items() if key in inner or key not in own}
    values.pop("grid", None)
    grid = {key: _alternatives(at, kind, key, value, values, where) for key, value in grid.items()}
    usual = f"study{int(where[1]) + 1}" if where else _tame(stem)
    name = own.get("name", usual)
    values.pop("name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise at.error(f"name must be a word that a folder can have, found {name!r:.60}", *where, "name")
    for difference, chosen in combinations(grid):
        settings = {key: value for key, value in chosen.items() if key not in keys}
        plain = {key: value for key, value in chosen.items() if key in keys}
        said = {**values, **plain, "settings": {**values["settings"], **settings}}
        full = f"{name}-{difference}" if difference else name
        yield Declared(full, model, _checked(at, base, kind, said, where), where)


def _tame(stem: str) -> str:
    return re.sub(r"[^\w.+-]", "_", stem, flags=re.ASCII).lstrip("_.+-")[:60] or "study"


def _table(at: Located, values: Mapping[str, Any], key: str, where: tuple[str, ...]) -> Mapping[str, Any]:
    found = values.get(key, {})
    if not isinstance(found, dict):
        head = f"study.{key}" if where else key
        raise at.error(f"{key} is a table, found {found!r:.60}; write [{head}]", *where, key)
    return found


def _alternatives(
    at: Located, kind: Kind, key: str, value: Any, values: Mapping[str, Any], where: tuple[str, ...]
) -> list[Any]:
    """The alternatives of a key of the grid; one word may stand for a list of it."""
    place = (*where, "grid", key) if (*where, "grid", key) in at.lines else ("grid", key)
    keys = {*COMMON, *kind.keys} - {"name", "kind", "settings", "grid"}
    known = by_name(kind.settings({}))
    if key not in keys and key not in known:
        raise at.error(f"neither a key nor a setting is called {key}{nearest(key, [*sorted(keys), *known])}", *place)
    if not isinstance(value, list) or not value:
        raise at.error(f"{key} must be a list of alternatives, found {value!r:.60}; an empty grid has no study", *place)
    if key in values or key in values.get("settings", {}):
        raise at.error(f"{key} stands in the grid and outside it; leave one out", *place)
    made = [[each] if key in LISTS and isinstance(each, str) else each for each in value]
    if any(made.count(each) > 1 for each in made):
        raise at.error(f"{key} has an alternative twice; every combination is one study", *place)
    return made


def _checked(at: Located, base: Path, kind: Kind, values: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    """The values of a study, each of its type and known."""
    made = dict(values)
    for key in LISTS:
        if key in made:
            made[key] = _texts(at, made[key], (*where, key), key)
    for key, least in (("trials", 1), ("seeds", 1), ("sizes", 0)):
        if key in made and (type(made[key]) is not int or made[key] < least):
            hint = "; put a list of sizes into [grid]" if isinstance(made[key], list) else ""
            raise _at(at, where, key)(
                f"{key} must be a whole number of at least {least}, found {made[key]!r:.60}{hint}"
            )
    words = {"tasks": kind.tasks, "pools": kind.pools, "preset": tuple(PRESETS), "features": tuple(FEATURES)}
    for key, known in words.items():
        for word in made.get(key, ()) if key in LISTS else [made[key]] if key in made else []:
            if word not in known:
                one = key.removesuffix("s") if key != "features" else "sort of features"
                raise _at(at, where, key, str(word))(f"no {one} is called {word!s:.60}{nearest(str(word), known)}")
    for name in made.get("strategies", ()):
        _strategy(at, name, where)
    _settings(at, kind, made, where)
    if "dictionaries" in made:
        made["dictionaries"] = _dictionaries(at, base, made["dictionaries"], where)
    made.pop("kind", None)
    return made


def _at(at: Located, where: tuple[str, ...], key: str, word: str = "") -> Any:
    """Makes the error of a key: in its own table, in the grid, or above the tables."""
    places = [(*where, key), (*where, "grid", key), (*where, "settings", key), ("grid", key), ("settings", key), (key,)]
    place = next((each for each in places if each in at.lines), (*where, key))
    return lambda message: at.error(message, *place, word=word)


def _texts(at: Located, value: Any, where: tuple[str, ...], key: str = "") -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        hint = f'; write ["{value}"]' if isinstance(value, str) else ""
        message = f"{where[-1]} must be a list of texts, found {value!r:.60}{hint}"
        raise _at(at, where[:-1], key)(message) if key else at.error(message, *where)
    return list(dict.fromkeys(value))


def _strategy(at: Located, name: str, where: tuple[str, ...]) -> None:
    try:
        read_arm(name)
    except SettingsError as error:
        word = name.partition(":")[0].strip()
        message = f"no strategy is called {word}{nearest(word, STRATEGIES)}" if word not in STRATEGIES else str(error)
        raise _at(at, where, "strategies", name)(message) from None


def _settings(at: Located, kind: Kind, values: Mapping[str, Any], where: tuple[str, ...]) -> None:
    """Each setting by itself, so that its line can be named; then all of them together."""
    usual = kind.settings({key: values[key] for key in ("preset",) if key in values})
    known, parts = by_name(usual), stages(usual)
    for key, value in values["settings"].items():
        for name, given in value.items() if key in parts and isinstance(value, dict) else [(key, value)]:
            if name not in known or name == "preset":
                raise _at(at, where, name)(f"no setting is called {name}{nearest(name, sorted({*known} - {'preset'}))}")
            try:
                from_text(usual, name, given)
            except SettingsError as error:
                raise _at(at, where, name)(str(error)) from None
    try:
        kind.settings(values)
    except SettingsError as error:
        name = next(
            (word for word in values["settings"] if re.search(rf"\b{re.escape(word)}\b", str(error))), "settings"
        )
        raise _at(at, where, name)(str(error)) from None


def _dictionaries(at: Located, base: Path, given: Any, where: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair, path in given.items() if isinstance(given, dict) else [("", "")]:
        one, _, other = pair.partition("-")
        if not (one and other and isinstance(path, str) and path):
            wanted = 'dictionaries is a table of LANGUAGE-TARGET = "FILE", as es-pt = "es-pt.dix"'
            raise _at(at, where, "dictionaries")(wanted)
        file = base / path
        if not file.is_file():
            raise _at(at, (*where, "dictionaries"), pair)(f"{file}: no such file")
        found[pair] = str(file)
    return found


def questions_of(file: StudyFile, corpus: AnyCorpus, **more: Any) -> dict[str, Question]:
    """The question of every study, by its name, asked of a corpus.

    Args:
        more: values of every study that the file does not have, as ``memory``.

    Raises:
        SettingsError: a language that the corpus has not, or not on every side of its split; names the line.
    """
    return {study.name: _question(file.located, study, corpus, more) for study in file.studies}


def _question(at: Located, study: Declared, corpus: AnyCorpus, more: Mapping[str, Any]) -> Question:
    kind, values = KINDS[study.kind], {**study.values, **more}
    named = {key: _codes(at, study, key, values[key], corpus) for key in NAMED if key in values}
    helping = [*named.get("auxiliaries", ()), *named.get("pivots", ())]
    judged = named.get("targets", named.get("languages", [])) if helping or "targets" in named else []
    if helping and not judged:
        key = "auxiliaries" if "auxiliaries" in named else "pivots"
        raise _at(at, study.where, key)(f"{key} help those that are judged: name targets too")
    if both := sorted(set(helping) & set(named.get("targets", ()))):
        raise _at(at, study.where, "targets", both[0])(f"{both[0]} is judged and only helps; leave one out")
    every = list(dict.fromkeys([*named.get("languages", ()), *judged, *helping])) or None
    if every is not None and "targets" in named and not helping and "languages" not in named:
        every = None  # all languages of the corpus help
    _sides(at, study, kind, named, corpus)
    try:
        return kind.ask(corpus, {**values, "languages": every, "targets": judged or None})
    except SprachbundError as error:
        raise _at(at, study.where, "strategies")(f"{study.name}: {error}") from None


def _codes(at: Located, study: Declared, key: str, asked: list[str], corpus: AnyCorpus) -> list[str]:
    found = []
    for each in asked:
        try:
            found += among([each], corpus.languages, f"{corpus.path}:")
        except LanguageError as error:
            raise _at(at, study.where, key, each)(str(error)) from None
    return found


def _sides(at: Located, study: Declared, kind: Kind, named: Mapping[str, list[str]], corpus: AnyCorpus) -> None:
    """Refuse a language that is named and has nothing on a side that it needs; others are left out with a note."""
    if not named:
        return
    why = kind.lacking(corpus, kind.settings(study.values))
    for key, codes in named.items():
        judged = key == "targets" or (key == "languages" and "targets" not in named)
        for code in codes:
            if lacking := why(code, judged):
                raise _at(at, study.where, key, code)(lacking)
