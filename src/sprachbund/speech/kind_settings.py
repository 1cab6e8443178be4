"""The settings of a study of recognisers: those of a recogniser, and how much speech of each language is heard."""

from dataclasses import dataclass, field

from sprachbund.errors import SettingsError
from sprachbund.speech.augmenting import AugmentSettings
from sprachbund.speech.features import FeatureSettings
from sprachbund.speech.recogniser.settings import NetworkSettings, RecogniserSettings, TrainingSettings

__all__ = ["SpeechStudySettings"]


@dataclass(frozen=True)
class SpeechStudySettings:
    """What no trial of a study changes.

    Attributes:
        target_minutes: of training speech of each language that is judged, at most; 0 for all. Fewer minutes are among
            more; dev and test stay whole. source_minutes: the same of the languages that only help.
        features, network, training, augment: of every recogniser, see `recogniser.settings`.
    """

    target_minutes: float = 0.0
    source_minutes: float = 0.0
    features: FeatureSettings = field(default_factory=FeatureSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            SettingsError: names the setting, its value and what is allowed.
        """
        for name in ("target_minutes", "source_minutes"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} must be at least 0 (0 for all), found {getattr(self, name):g}")

    @property
    def recogniser(self) -> RecogniserSettings:
        """Those of a recogniser."""
        return RecogniserSettings(self.features, self.network, self.training, self.augment)
