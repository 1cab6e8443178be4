"""Named recipes: what is trained, on which text, with which settings. A row of the harness is rerun by its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sprachbund.lab.recipe import Options, Recipe, Share, check_recipe
from sprachbund.lab.strategies import EVERYONE, Ask, read_arm, recipe_for
from sprachbund.retrieval.declared import DECLARATION

TASK = "ic"
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
class Named:
    """One way to make the models of some languages: a strategy, how much text it has, and settings.

    Attributes:
        about: what is asked. arm: a strategy (`sprachbund.lab.strategies`) with its detail. One that begins from the
            model of all other languages begins from those that are no targets.
        options: settings over the preset ``best``. first: those of the model that it begins from.
        judging: settings over ``best`` of what surrounds a candidate; no model learns from them.
        targets: the languages that are judged; all of them are cut alike, whichever are asked for.
        sentences: training sentences that are left to every target; 0 for all. share: the same as a fraction.
        others: the fractions that are left to other languages; with 0 they have no part.
        passes: over the text of each other language for one over a target's.
    """

    about: str
    arm: str = "alone"
    options: Options = field(default_factory=dict)
    first: Options = field(default_factory=dict)
    judging: Options = field(default_factory=dict)
    targets: tuple[str, ...] = TARGETS
    sentences: int = 0
    share: float = 1.0
    others: Mapping[str, float] = field(default_factory=dict)
    passes: float = 1.0

    def helps(self, language: str) -> bool:
        """Whether a language is there for the others: it is no target, or the arm names it."""
        return language not in self.targets or language in read_arm(self.arm).sources

    def sentences_of(self, language: str, whole: int) -> int:
        """The training sentences that are left of a language's."""
        if self.helps(language):
            return round(self.others.get(language, 1.0) * whole)
        return min(self.sentences or round(self.share * whole), whole)


def recipe_of(named: Named, target: str, text: Mapping[str, int], seed: int) -> Recipe | None:
    """How the model of a target is made; None where it is not to have one: beside itself, or of no text.

    Args:
        text: the training sentences of each language that there is.
        seed: of the training, and of the sentences that are drawn where a language has fewer than all.

    Raises:
        SettingsError: the text does not allow it.
    """
    arm, declared = read_arm(named.arm), DECLARATION
    left = {language: named.sentences_of(language, whole) for language, whole in text.items()}
    if target in arm.sources or not left[target] or not all(left.get(source) for source in arm.sources):
        return None
    begins = arm.strategy == "continued"
    company = [code for code in text if left[code] and not (begins and code in named.targets and code != target)]
    made = recipe_for(
        Ask(
            arm, TASK, target, tuple(company), named.options, seed, left, {("pooled", EVERYONE): named.first},
            declared.rows, declared.body, declared.mixture_options, declared.shape_options,
        )
    )  # fmt: skip
    if made is None:
        return None
    made = _cut(made, named, left, text)
    for recipe in (made, *made.starts()):
        check_recipe(recipe, declared.parts)
    return made


def _cut(recipe: Recipe, named: Named, left: Mapping[str, int], whole: Mapping[str, int]) -> Recipe:
    """The recipe and its start with what is left of each language, read as often as is asked."""

    def share(language: str, own: Share) -> Share:
        passes = own.passes * (named.passes if named.helps(language) else 1.0)
        return Share(passes, left[language] if left[language] < whole[language] else 0)

    start = recipe.start
    return replace(
        recipe,
        text={language: share(language, own) for language, own in recipe.text.items()},
        text_seed=recipe.seed,
        start=_cut(start, named, left, whole) if isinstance(start, Recipe) else start,
    )


_OLD = {"scale": 20.0, "epochs": 1.0, "rate": 0.03}
_SLOW = {"rate": 0.01, "epochs": 8.0}
_JOINT = {"rate": 0.01, "epochs": 2.0, "mixture": "temperature", "temperature": 10.0}

RECIPES = {
    "alone": Named("best, a model a language"),
    "pooled": Named("best, one model of all languages", "pooled"),
    "placebo": Named("pooled, the shared n-grams permuted", "placebo"),
    "untrained": Named("start rows alone: what training brings", options={"epochs": 0.0}),
    # settings, tried on dev
    "one-epoch": Named("what was best before: one epoch, scale 20", options=_OLD),
    "two-epochs": Named("two epochs in place of four", options={"epochs": 2.0}),
    "slow": Named("a third of the rate, six epochs", options={"epochs": 6.0, "rate": 0.01}),
    "scale-20": Named("a scale of 20", options={"scale": 20.0}),
    "scale-5": Named("a scale of 5, six epochs", options={"scale": 5.0, "epochs": 6.0}),
    "small-batches": Named("512 pairs a batch", options={"batch": 512}),
    "short-runs": Named("100 sentences of a document together", options={"run": 100}),
    "hard-negatives": Named("the 50 hardest distractors of each query", options={"top": 50}),
    "random-start": Named("start rows of one length", options={"start": "random"}),
    "words": Named("no character n-grams in the encoder", options={"characters": ()}),
    "characters-4-5": Named("character 4- and 5-grams", options={"characters": (4, 5)}),
    "dim-256": Named("256 numbers a vector", options={"dim": 256}),
    "dim-1024": Named("1,024 numbers a vector", options={"dim": 1024}),
    "wide-contexts": Named("trained on twelve sentences on each side", options={"window": 12}),
    # the ablation of what surrounds a candidate
    "no-surroundings": Named("each candidate by itself", judging={"reach": 0}),
    "near": Named("twelve sentences, fading fast", judging={"reach": 12, "decay": 0.85}),
    "no-sections": Named("the document, whatever the section", judging={"across": 1.0}),
    "own-section": Named("the section alone", judging={"across": 0.0}),
    # a large language cut: --data wikipedia_large; all of it is the recipe `alone`
    **{
        f"large-{percent}{name}": Named(f"{percent}% of a large language, alone", options=options,
                                        targets=("en", "de"), share=percent / 100)
        for percent in (1, 3, 10, 30)
        for name, options in (("", {}), ("-slow", _SLOW))
    },
    # little text: every target cut, the other languages whole
    **{
        f"{name}-{size}": Named(about, arm, options, first, targets=SMALL, sentences=sentences)
        for size, sentences in (("1k", 1_000), ("3k", 3_000), ("10k", 10_000), ("30k", 30_000))
        for name, about, arm, options, first in (
            ("alone", "little text, alone", "alone", _SLOW, {}),
            ("untrained", "little text, start rows alone", "alone", {"epochs": 0.0}, {}),
            ("joint", "little text, one model, languages drawn evenly", "pooled", _JOINT, {}),
            ("others-first", "little text, the other languages first", "continued", _SLOW,
             {"rate": 0.01, "epochs": 1.0}),
        )
    },
    # one other language at a time
    **{
        f"with-{code}-3k": Named(f"little text beside {code} alone", f"mixed:{code}=0.25", _SLOW, targets=SMALL,
                                 sentences=3_000)
        for code in OTHERS
    },
    # one large language beside the small ones: --data beside-english
    **{
        f"{name}-{size}-en-{percent}": Named(f"little text beside {percent}% of English", arm, _SLOW, first,
                                             targets=SMALL, sentences=sentences, others={"en": percent / 100},
                                             passes=passes)
        for size, sentences in (("3k", 3_000), ("10k", 10_000))
        for percent in (0, 1, 3, 10, 30, 100)
        for name, arm, first, passes in (
            ("beside", "pooled", {}, 0.25),
            ("after", "continued", {"rate": 0.01, "epochs": 2.0}, 1.0),
        )
        if percent or name == "beside"  # after nothing is alone
    },
}  # fmt: skip
