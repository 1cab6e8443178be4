"""A study file is read as it was meant, and what cannot be meant is named with its line and what is nearest."""

from pathlib import Path

import pytest
from tests.lm.corpora import make_corpus

from sprachbund import Corpus
from sprachbund.analyses.laboratory.grid import combinations, short
from sprachbund.analyses.laboratory.located import read_located
from sprachbund.analyses.laboratory.study_file import StudyFile, questions_of, read_study_file
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.errors import SettingsError
from sprachbund.lm.transfer import Question as LmQuestion
from sprachbund.retrieval.transfer import Question

PLAIN = 'corpus = "corpus"\n'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Three languages, and one that has two documents."""
    return make_corpus(tmp_path_factory.mktemp("files"), {"gl": 24, "pt": 30, "es": 20, "ca": 2}, sentences=6)


def write(folder: Path, text: str, name: str = "study.toml") -> Path:
    """A study file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> StudyFile:
    """The same, read."""
    return read_study_file(write(folder, text))


def asked(folder: Path, text: str, corpus: Corpus) -> dict[str, Question]:
    """The questions of a study file of retrieval."""
    found = questions_of(read(folder, text), corpus)
    return {name: question for name, question in found.items() if isinstance(question, Question)}


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "examples").rglob("*.toml")), ids=lambda p: p.stem)
def test_the_examples_can_be_read(path: Path) -> None:
    """Keys, strategies, settings and analyses of every study file that we ship are what there is."""
    found = read_study_file(path)
    assert found.studies
    assert len({study.name for study in found.studies}) == len(found.studies)


def test_combinations_are_all_in_order() -> None:
    """The last key changes fastest; without a grid there is one, of no name."""
    found = combinations({"sizes": [1000, 3000], "features": ["words", "characters"]})
    assert [name for name, _ in found] == [
        "sizes-1000-features-words", "sizes-1000-features-characters",
        "sizes-3000-features-words", "sizes-3000-features-characters",
    ]  # fmt: skip
    assert found[1][1] == {"sizes": 1000, "features": "characters"}
    assert combinations({}) == [("", {})]


def test_values_become_parts_of_a_folder_name() -> None:
    """Lists are joined, what no folder can have is replaced, what is long is cut and told apart."""
    assert short(["gl", "pt"]) == "gl+pt" and short(0.5) == "0.5" and short([]) == "none"
    assert short("continued:es") == "continued_es" and short("../x") == ".._x"
    one, two = short(["a" * 60]), short(["a" * 61])
    assert one != two and len(one) == len(two) == 40


def test_a_file_without_a_grid_is_one_study(tmp_path: Path, corpus: Corpus) -> None:
    """Named like the file; what is not said is as with transfer."""
    file = read(tmp_path, PLAIN)
    assert [study.name for study in file.studies] == ["study"] and file.corpus == tmp_path / "corpus"
    (question,) = asked(tmp_path, PLAIN, corpus).values()
    assert (question.plan.trials, question.plan.seeds) == (12, 3)
    assert question.plan.arms == ("alone", "pooled", "control", "placebo")
    assert question.plan.tasks == ("ic", "nsp")


def test_what_a_file_says_becomes_the_question(tmp_path: Path, corpus: Corpus) -> None:
    """Targets are judged, auxiliaries and pivots help; settings by name or in the tables of their stages; names too."""
    text = PLAIN + (
        'targets = ["Galician"]\nauxiliaries = ["pt"]\npivots = ["es"]\ntasks = ["ic"]\npools = ["unseen"]\n'
        'strategies = ["alone", "continued:es"]\nseeds = 2\ntrials = 4\nsizes = 50\npreset = "paper"\n'
        "[settings]\nrate = 0.2\n[settings.encoder]\ndim = 8\n"
    )
    (question,) = asked(tmp_path, text, corpus).values()
    plan = question.plan
    assert (plan.targets, plan.languages) == (("gl",), ("es", "gl", "pt"))
    assert (plan.tasks, plan.pools, plan.arms) == (("ic",), ("unseen",), ("alone", "continued:es"))
    assert (plan.seeds, plan.trials, question.target_sentences) == (2, 4, 50)
    assert question.settings.preset == "paper"
    assert (question.settings.training.rate, question.settings.encoder.dim) == (0.2, 8)


def test_settings_that_are_said_are_tried_no_other_way(tmp_path: Path, corpus: Corpus) -> None:
    """Also where they are the preset's own value; features fix what they are made of."""
    text = PLAIN + 'features = "characters"\n[settings]\nrate = 0.03\n'
    (question,) = asked(tmp_path, text, corpus).values()
    assert question.fixed == ("bigram_weight", "characters", "rate")
    assert question.settings.encoder.characters == (4,)


def test_every_combination_of_the_grid_is_a_study(tmp_path: Path, corpus: Corpus) -> None:
    """Of keys and of settings; a word stands for a list of one."""
    text = PLAIN + 'auxiliaries = ["es"]\n[grid]\ntargets = ["gl", "pt"]\nsplit_seed = [0, 1]\n'
    found = asked(tmp_path, text, corpus)
    assert {name: (q.plan.targets, q.settings.split_seed) for name, q in found.items()} == {
        "study-targets-gl-split_seed-0": (("gl",), 0), "study-targets-gl-split_seed-1": (("gl",), 1),
        "study-targets-pt-split_seed-0": (("pt",), 0), "study-targets-pt-split_seed-1": (("pt",), 1),
    }  # fmt: skip


def test_several_studies_share_what_stands_above(tmp_path: Path, corpus: Corpus) -> None:
    """Each says what differs; one of the other kind leaves what is not its own; its value wins over the grid."""
    text = PLAIN + (
        'seeds = 1\ntasks = ["ic"]\n[settings]\nsplit_seed = 3\n[grid]\nsizes = [0, 40]\n'
        '[[study]]\nname = "small"\nsizes = 20\n[[study]]\ntargets = ["pt"]\n[study.settings]\ndim = 8\n'
        '[[study]]\nname = "models"\nkind = "lm"\nsizes = 900\n[study.settings]\nsize = "none"\n'
    )
    found = questions_of(read(tmp_path, text), corpus)
    assert list(found) == ["small", "study2-sizes-0", "study2-sizes-40", "models"]
    small, first, second, models = found.values()
    assert isinstance(small, Question) and isinstance(second, Question) and isinstance(models, LmQuestion)
    assert (small.target_sentences, second.target_sentences, second.settings.encoder.dim) == (20, 40, 8)
    assert models.settings.target_characters == 900 and models.settings.split_seed == 3
    assert {question.plan.seeds for question in found.values()} == {1} and first.plan.targets == ("pt",)


def test_sources_are_found_from_the_file(tmp_path: Path) -> None:
    """Folders and files from its own place; names of the network as they are."""
    file = read(tmp_path, 'sources = ["texts", "wikipedia:bn"]\n')
    assert file.sources == (str(tmp_path / "texts"), "wikipedia:bn") and file.corpus is None


ERRORS = [
    ("strategy = 1\n", "line 2: no key is called strategy; the nearest is strategies"),
    ("arms = 1\n", "line 2: no key is called arms; write strategies"),
    ('kind = "lms"\n', "line 2: no kind of model is called lms; the nearest is lm"),
    ('targets = "gl"\n', "line 2: targets must be a list of texts, found 'gl'; write [\"gl\"]"),
    ('\n# what\ntargets = [\n  "gl",\n  "qq",\n]\n', "line 6: "),
    ('targets = ["klingon"]\n', "line 2: "),
    ('targets = ["ca"]\n', "line 2: ca has 2 documents, none of them on the side "),
    ('strategies = ["alone", "poled"]\n', "line 2: no strategy is called poled; the nearest is pooled"),
    ('strategies = ["alone:es"]\n', "line 2: alone:es: not an arm; write alone"),
    ('strategies = ["alone", "continued:it"]\n', "line 2: study: continued:it: the study has no language it"),
    ('strategies = ["control"]\n', "line 2: study: the arm control needs the arm pooled"),
    ('tasks = ["icc"]\n', "line 2: no task is called icc; the nearest is ic"),
    ('pools = ["unsene"]\n', "line 2: no pool is called unsene; the nearest is unseen"),
    ('preset = "papers"\n', "line 2: no preset is called papers; the nearest is paper"),
    ('features = "word"\n', "line 2: no sort of features is called word; the nearest is words"),
    ("seeds = 0\n", "line 2: seeds must be a whole number of at least 1, found 0"),
    ("trials = true\n", "line 2: trials must be a whole number of at least 1, found True"),
    (
        "sizes = [10, 20]\n",
        "line 2: sizes must be a whole number of at least 0, found [10, 20]; put a list of",
    ),
    ("[settings]\n\nrates = 0.1\n", "line 4: no setting is called rates; the nearest is rate"),
    ('[settings]\nrate = "high"\n', "line 3: rate must be a number like 0.03, found 'high'"),
    ("[settings]\nrate = -1.0\n", "line 3: rate must be above 0, found -1.0"),
    ("settings = 3\n", "line 2: settings is a table, found 3; write [settings]"),
    ('features = "words"\n[settings]\ncharacters = [3]\n', "line 4: characters is said by features and by itself"),
    ("[grid]\n", ""),
    ("[grid]\nsizes = []\n", "line 3: sizes must be a list of alternatives, found []"),
    ("[grid]\nsizes = 10\n", "line 3: sizes must be a list of alternatives, found 10"),
    ("[grid]\nsizes = [10, 10]\n", "line 3: sizes has an alternative twice"),
    ("sizes = 3\n[grid]\nsizes = [10, 20]\n", "line 4: sizes stands in the grid and outside it"),
    ("[settings]\nrate = 0.1\n[grid]\nrate = [0.1, 0.2]\n", "line 5: rate stands in the grid and outside it"),
    ("[grid]\nrats = [0.1]\n", "line 3: neither a key nor a setting is called rats; the nearest is rate"),
    ("[grid]\nrate = [0.1, -2.0]\n", "line 3: rate must be above 0, found -2.0"),
    ('[grid]\nfeatures = ["words", "wrods"]\n', "line 3: no sort of features is called wrods; the nearest is words"),
    ('[grid]\ntargets = ["gl", "xx"]\n', "line 3: "),
    (f"[grid]\nsplit_seed = {list(range(40))}\nseeds = {list(range(1, 41))}\n", "the grid has more than 1,000 studies"),
    ("study = 3\n", "line 2: study is a list of tables; write [[study]] over each"),
    ('[[study]]\nname = "a"\n[[study]]\nname = "a"\n', "line 4: two studies are called a; give each [[study]] a name"),
    ('[[study]]\nname = "a/b"\n', "line 3: name must be a word that a folder can have, found 'a/b'"),
    ('[[study]]\n[[study]]\ncorpus = "x"\n', "line 4: no key is called corpus"),
    ('analyses = ["F33"]\n', "line 2: no analysis is called F33"),
    ('sources = ["x"]\n', "line 2: expected corpus, a folder that ingest wrote, or sources"),
    ('auxiliaries = ["es"]\n', "line 2: auxiliaries help those that are judged: name targets too"),
    ('targets = ["gl"]\nauxiliaries = ["es", "gl"]\n', "line 2: gl is judged and only helps; leave one out"),
    ('kind = "lm"\npreset = "paper"\n', "line 3: no key is called preset"),
    ('kind = "lm"\nstrategies = ["alone", "pooled", "control"]\n', "line 3: study: control: "),
    ('kind = "lm"\n[dictionaries]\nes-pt = "no.dix"\n', "no.dix: no such file"),
    ('kind = "lm"\n[settings]\nsize = "smal"\n', "line 4: size must be small"),
    ("targets = [", "not TOML ("),
    ('targets = ["gl"] x\n', "not TOML (Expected newline or end of document after a statement (at line 2"),
    ("seeds = 1\nseeds = 2\n", "not TOML (Cannot overwrite a value (at line 3"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[f"{i}-{m[:40]}" for i, (_, m) in enumerate(ERRORS)])
def test_what_cannot_be_is_named(text: str, message: str, tmp_path: Path, corpus: Corpus) -> None:
    """One line: the file, the line, what was found, and what is nearest; an empty grid is one study."""
    if not message:
        assert len(asked(tmp_path, PLAIN + text, corpus)) == 1
        return
    with pytest.raises(SettingsError) as error:
        questions_of(read(tmp_path, PLAIN + text), corpus)
    said = str(error.value)
    assert said.startswith(f"{tmp_path / 'study.toml'}") and message in said and "\n" not in said, said


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """A folder, nothing, bytes that are no text, and a file without text to read."""
    with pytest.raises(SettingsError, match="is a folder; name the study file"):
        read_study_file(tmp_path)
    with pytest.raises(SettingsError, match="no such file"):
        read_study_file(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not TOML"):
        read_study_file(tmp_path / "x.toml")
    with pytest.raises(SettingsError, match=r"expected corpus, .*found neither"):
        read_study_file(write(tmp_path, ""))


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Keys in tables, in lists of tables, in tables of these, dotted and quoted; comments and blanks count."""
    text = (
        'a = 1  # one\n\n[settings]\n  rate = 2\n"b c" = 3\n[[study]]\nname = "x"\n[study.grid]\nsizes = [\n 1,\n 2]\n'
        "[[study]]\n[study.settings]\nencoder.dim = 3\n"
    )
    at = read_located(write(tmp_path, text))
    wanted = {
        ("a",): 1, ("settings",): 3, ("settings", "rate"): 4, ("settings", "b c"): 5, ("study", "0"): 6,
        ("study", "0", "name"): 7, ("study", "0", "grid", "sizes"): 9, ("study", "1"): 12,
        ("study", "1", "settings"): 13, ("study", "1", "settings", "encoder", "dim"): 14,
    }  # fmt: skip
    assert {key: at.lines.get(key) for key in wanted} == wanted
    assert "line 11" in str(at.error("x", "study", "0", "grid", "sizes", word="2"))


def test_a_split_that_is_remembered_is_that_of_the_corpus_as_it_is(tmp_path: Path) -> None:
    """Asked twice it is the same; of a corpus that has grown it is another; what a caller takes out is not lost."""
    corpus = make_corpus(tmp_path, {"gl": 6, "pt": 6})
    first = place_corpus(corpus, Split())
    assert first.pop("gl").names == place_corpus(corpus, Split())["gl"].names
    assert place_corpus(corpus, Split(seed=1))["gl"].sides.tolist() != place_corpus(corpus, None)["gl"].sides.tolist()
    (tmp_path / "more").mkdir()
    grown = make_corpus(tmp_path / "more", {"gl": 9, "pt": 6})
    assert len(place_corpus(grown, Split())["gl"].names) == 9 > len(place_corpus(corpus, Split())["gl"].names)


EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "paper").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_of_the_paper_are_study_files(path: Path) -> None:
    """Each is read, says how it is carried out, asks an analysis, and takes three seeds, which a claim wants."""
    found = read_study_file(path)
    assert found.analyses and found.studies
    assert f"sprachbund run examples/paper/{path.name} --out" in path.read_text(encoding="utf-8")
    assert all(study.values.get("seeds", 3) >= 3 for study in found.studies)


def test_every_figure_of_the_paper_has_an_example() -> None:
    """By the names of analyses: F1, F3, F5 to F7 and T1 are `explaining`."""
    named = {name for path in EXAMPLES for name in read_study_file(path).analyses}
    assert {"explaining", "F2", "F4", "T2", "F8", "F9"} <= named
