"""The list of settings that every arm of a study tries.

The first is the preset itself. The others spread evenly over the grid: each value of a setting stands in the
list as often as any other (a Latin hypercube on a grid), shuffled by a fixed seed, so that a longer list begins like no
other but treats every setting alike. The list is the same for all arms; ``temperature`` means nothing to a model of
one language.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from sprachbund.retrieval.settings import Settings, preset

GRID: dict[str, tuple[Any, ...]] = {
    "rate": (0.01, 0.03, 0.05, 0.1),
    "scale": (5.0, 10.0, 20.0),
    "epochs": (1.0, 2.0, 4.0),
    "characters": ((), (4,), (4, 5)),
    "bigram_weight": (0.0, 0.0, 0.25),
    "min_count": (1, 2),
    "dim": (256, 256, 512),
    "temperature": (1.0, 2.0, 5.0),
}
MIXTURE_ONLY = ("temperature",)
FEATURES = ("characters", "bigram_weight", "min_count", "dim")
SEED = 7


def trial_list(count: int, fixed: Sequence[str] = ()) -> list[dict[str, Any]]:
    """``count`` sets of options without those that are ``fixed``; the first is empty, the preset as it is."""
    generator = np.random.default_rng(SEED)
    spread = {}
    for name, values in GRID.items():
        repeats = -(-max(0, count - 1) // len(values))
        order = np.concatenate([generator.permutation(len(values)) for _ in range(repeats)] or [np.empty(0, int)])
        spread[name] = [values[int(i)] for i in order[: max(0, count - 1)]]
    trials: list[dict[str, Any]] = [{}]
    for number in range(count - 1):
        options = {name: values[number] for name, values in spread.items()}
        if "temperature" not in fixed:
            options["mixture"] = "natural" if options["temperature"] == 1 else "temperature"
        if options["bigram_weight"]:
            # most bigrams occur once: their rows would fill the memory and learn nothing
            options["min_count"] = 2
        trials.append(options)
    return [{name: value for name, value in trial.items() if name not in fixed} for trial in trials[:count]]


def fixed_settings(settings: Settings) -> list[str]:
    """The settings of the grid that no trial may change: what the user set, and the features of ``paper``.

    What the user set is what differs from the preset.
    """
    usual = preset(settings.preset)
    own, default = ({**asdict(s.encoder), **asdict(s.training)} for s in (settings, usual))
    changed = {name for name in GRID if own[name] != default[name]}
    return sorted(changed | set(FEATURES if settings.preset == "paper" else ()))
