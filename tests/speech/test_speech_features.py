"""Features as Kaldi computes them, what training does to them, and how they are kept."""

import kaldi_native_fbank
import numpy as np
import numpy.typing as npt
import pytest
from made_speech import noise, say, tone

from sprachbund.errors import SettingsError
from sprachbund.speech.augmenting import AugmentSettings, masked, noisy
from sprachbund.speech.cache import Features
from sprachbund.speech.features import FeatureSettings, frames_in, log_mels, normalised
from sprachbund.speech.store import SpeechCorpus


def kaldis(samples: npt.NDArray[np.float32], rate: int, mels: int) -> npt.NDArray[np.float32]:
    """The features of the other implementation, without dither."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither, options.mel_opts.num_bins = rate, 0.0, mels
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(rate, (samples * 32768).tolist())
    bank.input_finished()
    frames = [bank.get_frame(number) for number in range(bank.num_frames_ready)]
    return np.stack(frames) if frames else np.empty((0, mels), np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050])
@pytest.mark.parametrize("sound", ["speech", "noise", "quiet", "loud", "silence"])
def test_features_are_kaldis(rate: int, sound: str) -> None:
    """To 1e-4, from silence to full scale; a frame is there where it lies wholly inside."""
    samples = {
        "speech": say("aeo bma", rate=rate),
        "noise": noise(1.7, rate),
        "quiet": noise(1.0, rate, 1e-4),
        "loud": 3.3 * tone(440, 1.0, rate) + noise(1.0, rate, 1e-3),
        "silence": np.zeros(rate, np.float32),
    }[sound]
    ours, theirs = log_mels(samples, FeatureSettings(rate)), kaldis(samples, rate, 40)
    assert ours.shape == theirs.shape == (frames_in(len(samples), rate), 40)
    # the other transforms in single precision, whose last bits are seen in the weak bands of a frame
    apart, near = np.abs(ours - theirs), theirs > theirs.max(1, keepdims=True) - 6
    assert np.quantile(apart[near], 0.99) <= 1e-4 and apart[near].max() <= 2e-4 and apart.max() <= 5e-3


def test_short_sound_has_no_frame() -> None:
    """Less than 25 ms."""
    assert log_mels(noise(0.0249), FeatureSettings()).shape == (0, 40) == kaldis(noise(0.0249), 8_000, 40).shape
    assert log_mels(noise(0.0251), FeatureSettings()).shape == (1, 40)
    assert normalised(np.empty((0, 40), np.float32)).shape == (0, 40)


def test_long_sound_in_blocks_is_the_same() -> None:
    """Three minutes give what their parts give."""
    samples = noise(180)
    whole = log_mels(samples, FeatureSettings())
    assert np.array_equal(whole[17_000:17_500], log_mels(samples[17_000 * 80 :], FeatureSettings())[:500])


def test_normalised() -> None:
    """Mean 0 and deviation 1 in every band; a band that hardly changes is not blown up."""
    features = log_mels(say("aeo bma"), FeatureSettings())
    found = normalised(features)
    assert found.mean(0) == pytest.approx(np.zeros(40), abs=1e-5) and found.std(0) == pytest.approx(
        np.ones(40), abs=1e-4
    )
    assert np.abs(normalised(np.full((9, 4), 3.0, np.float32))).max() == 0


def test_noise_is_as_loud_as_it_says() -> None:
    """At 10 decibels a tenth of the power is added, in some of the utterances, by the generator alone."""
    settings = AugmentSettings(noisy=1.0, loudest=10.0, quietest=10.0)
    features = log_mels(noise(5), FeatureSettings())
    heard = noisy(features, settings, np.random.default_rng(0))
    assert np.exp(heard.astype(float)).mean() / np.exp(features.astype(float)).mean() == pytest.approx(1.1, abs=0.01)
    assert (heard > features).all()
    assert np.array_equal(heard, noisy(features, settings, np.random.default_rng(0)))
    none = AugmentSettings(noisy=0.0)
    assert noisy(features, none, np.random.default_rng(0)) is features
    some = AugmentSettings(noisy=0.4)
    changed = sum(noisy(features, some, np.random.default_rng(seed)) is not features for seed in range(200))
    assert 60 <= changed <= 100


def test_masks_take_no_more_than_they_may() -> None:
    """Bands and moments at the mean, never more than the settings say; short utterances too."""
    settings = AugmentSettings(time_masks=1, time_share=0.2, band_masks=1, band_width=5)
    for frames in (1, 3, 100):
        features = np.ones((frames, 40), np.float32)
        for seed in range(50):
            out = masked(features, settings, np.random.default_rng(seed))
            assert (out == 0).all(0).sum() <= 5 or frames < 5
            assert (out == 0).all(1).sum() <= 0.2 * frames
            assert set(np.unique(out)) <= {0.0, 1.0}
    assert (features == 1).all()


def test_speed_moves_pitch_and_length() -> None:
    """What is spoken a tenth faster is a tenth shorter."""
    from sprachbund.speech.sound import resampled

    fast = resampled(tone(400, 1.1), 8_800, 8_000)
    assert len(fast) == pytest.approx(8_000, abs=2)
    assert np.abs(np.fft.rfft(fast)).argmax() * 8_000 / len(fast) == pytest.approx(440, abs=1)


def test_features_are_the_same_kept_or_computed(tones: SpeechCorpus) -> None:
    """The budget is kept to the byte, and changes no number."""
    part = tones.sides("pt")["train"]
    settings = FeatureSettings()
    kept, fresh = Features([part, part], settings, 1 << 30), Features([part, part], settings, 0)
    small = Features([part, part], settings, 100_000)
    for number in (0, 5, len(part), len(part) + 5):
        for speed in (1.0, 0.9):
            found = [each.of(number, speed) for each in (kept, fresh, small, kept)]
            assert all(np.array_equal(found[0], other) for other in found)
    assert np.array_equal(kept.of(3), kept.of(len(part) + 3)) and len(kept) == 2 * len(part)
    assert fresh.held == 0 and 0 < small.held <= 100_000 < kept.held
    assert kept.held == sum(each.nbytes for each in kept.kept.values())


def test_settings_that_cannot_work() -> None:
    """By their names."""
    with pytest.raises(SettingsError, match="sampling_rate"):
        FeatureSettings(100)
    with pytest.raises(SettingsError, match="mels"):
        FeatureSettings(mels=2)
    for wrong in ({"speeds": ()}, {"noisy": 2.0}, {"loudest": 40.0}, {"time_share": -1.0}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            AugmentSettings(**wrong)
