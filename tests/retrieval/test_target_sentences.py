"""Targets of less text: what is cut, what stays whole, and which runs two sizes share."""

import numpy as np
import pytest
from tiny import NOISE_SETTINGS

from sprachbund.errors import SettingsError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.settings import change
from sprachbund.retrieval.transfer import ask
from sprachbund.studies.jobs import Jobs

SETTINGS = change(NOISE_SETTINGS, characters=(4,), dim=16)


def of_size(noisy: EncodedCorpus, sentences: int) -> RetrievalKind:
    """Galician alone is cut."""
    return RetrievalKind(noisy.path, SETTINGS, targets=("gl",), target_sentences=sentences)


def test_less_text_is_the_first_of_more(noisy: EncodedCorpus) -> None:
    """So many training sentences, those of 20 among those of 40; dev, test and other languages as they were."""
    whole, small, large = (of_size(noisy, n).encoded for n in (0, 20, 40))
    sides = [np.asarray(each.language("gl").sides) for each in (whole, small, large)]
    assert [int((side == 0).sum()) for side in sides[1:]] == [20, 40]
    assert set(np.flatnonzero(sides[1] == 0)) < set(np.flatnonzero(sides[2] == 0)) < set(np.flatnonzero(sides[0] == 0))
    for side in sides[1:]:
        np.testing.assert_array_equal(side[sides[0] > 0], sides[0][sides[0] > 0])
    other = next(code for code in noisy.languages if code != "gl")
    np.testing.assert_array_equal(whole.language(other).sides, small.language(other).sides)


def test_the_queries_of_the_test_side_do_not_know_the_size(noisy: EncodedCorpus) -> None:
    """The same queries among the same candidates, by the pool's own hash; there is less to train on."""
    whole, small = of_size(noisy, 0), of_size(noisy, 20)
    assert whole.manifests("ic", "gl", ["unseen"]) == small.manifests("ic", "gl", ["unseen"])
    assert 0 < small.size("ic", "gl") < whole.size("ic", "gl")


def test_two_sizes_share_the_runs_of_other_languages(noisy: EncodedCorpus) -> None:
    """A run is named by the size where it reads a target, by itself or beside others, and nowhere else."""
    other = next(code for code in noisy.languages if code != "gl")
    one, two = (Jobs(of_size(noisy, n)) for n in (20, 40))
    plain, ours = Recipe("ic", {other: Share()}), Recipe("ic", {"gl": Share()})
    assert one.trial(plain, (other,)) == two.trial(plain, (other,))
    assert one.train(plain) == two.train(plain)
    assert one.baseline("ic", other) == two.baseline("ic", other)
    for recipe, languages in (
        (ours, ("gl",)),
        (plain, ("gl",)),
        (Recipe("ic", {other: Share()}, start=ours), (other,)),
    ):
        assert one.trial(recipe, languages) != two.trial(recipe, languages)
    assert one.baseline("ic", "gl") != two.baseline("ic", "gl")


def test_baselines_do_not_know_how_models_are_trained(noisy: EncodedCorpus) -> None:
    """Other features and another rate: BM25 is tuned and judged once; with other surroundings it is another."""
    settings = (SETTINGS, change(SETTINGS, rate=0.3, characters=(), dim=8), change(SETTINGS, reach=3))
    one, two, three = (Jobs(RetrievalKind(noisy.path, each)) for each in settings)
    assert one.baseline("ic", "gl") == two.baseline("ic", "gl") != three.baseline("ic", "gl")
    assert one.judge_baseline("ic", "gl", {}, ("unseen",)) == two.judge_baseline("ic", "gl", {}, ("unseen",))
    found = [RetrievalKind(noisy.path, each).tune_baselines("ic", "gl") for each in settings[:2]]
    assert found[0] == found[1]
    recipe = Recipe("ic", {"gl": Share()})
    assert one.trial(recipe, ("gl",)) != two.trial(recipe, ("gl",))


def test_languages_that_are_encoded_but_not_of_the_study_are_no_candidates(noisy: EncodedCorpus) -> None:
    """The pool of all languages is that of the study's; other pools do not name them, so that studies share runs."""
    languages = noisy.languages
    some = RetrievalKind(noisy.path, SETTINGS, languages=languages[:1])
    assert list(some.pool("ic", languages[0], "mixed").manifest()["sources"]) == [languages[0]]
    every = RetrievalKind(noisy.path, SETTINGS)
    recipe = Recipe("ic", {languages[0]: Share()})
    of = {languages[0]: {}}
    assert Jobs(some).judge(recipe, of, ("unseen",)) == Jobs(every).judge(recipe, of, ("unseen",))
    assert Jobs(some).judge(recipe, of, ("unseen", "mixed")) != Jobs(every).judge(recipe, of, ("unseen", "mixed"))


@pytest.mark.parametrize("wrong", [-1, 2.5])
def test_a_size_that_cannot_be_is_refused(wrong: float) -> None:
    """Before any corpus is opened."""
    with pytest.raises(SettingsError, match="target_sentences"):
        ask("nowhere", target_sentences=wrong)  # type: ignore[arg-type]
