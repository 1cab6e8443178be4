"""Training a recogniser: it learns, begins from another, goes on to the bit after a kill, and says when it has not."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_speech import TINY, common_voice, sentences

from sprachbund.errors import CorpusError, DivergenceError, FolderError, SettingsError
from sprachbund.lm.neural import course
from sprachbund.settings import change
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.judging import judge
from sprachbund.speech.measures import rate_of
from sprachbund.speech.recogniser import loop
from sprachbund.speech.recogniser.batches import Batches
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.network import ROWS, build, in_upper, loaded, log_probabilities, out_frames
from sprachbund.speech.recogniser.saved import read_recogniser, write_recogniser
from sprachbund.speech.recogniser.settings import NetworkSettings, RecogniserSettings, TrainingSettings
from sprachbund.speech.recogniser.start import begin
from sprachbund.speech.recogniser.training import to_hear, train_recogniser
from sprachbund.speech.store import SpeechCorpus

SHORT = change(TINY, {"epochs": 0.4, "evaluations": 3})


def same(one: Recogniser, other: Recogniser) -> bool:
    """Whether two have the same weights, to the bit."""
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_it_learns_to_write_what_new_voices_say(learned: Recogniser, tones: SpeechCorpus) -> None:
    """Of tones of voices and sentences that training has not heard, nine letters of ten at least are right."""
    assert learned.alphabet.letters == (" ", "a", "b", "e", "m", "o") and learned.languages == ("pt",)
    table = judge(learned, tones.sides("pt")["test"])
    assert rate_of(table).value < 0.1 and rate_of(table, "word_edits", "words").value < 0.3
    assert learned.curve[0][1] > 0.2 > learned.curve[-1][1]
    assert learned.heard == pytest.approx(to_hear([tones.sides("pt")["train"]], TINY), rel=0.02)


def test_the_same_seed_gives_the_same_bits_and_another_others(tones: SpeechCorpus) -> None:
    """With noise, masks, speeds and dropout."""
    settings = change(SHORT, {"speeds": (0.9, 1.0, 1.1), "noisy": 0.5, "time_masks": 1, "dropout": 0.2})
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"]]
    first, second = (train_recogniser(train, dev, settings, seed=3) for _ in range(2))
    assert same(first, second) and first.curve[-1][1] == second.curve[-1][1]
    assert not same(first, train_recogniser(train, dev, settings, seed=4))


@pytest.mark.parametrize("at", [1, 9, 14])
def test_a_killed_training_goes_on_to_the_bit(
    tones: SpeechCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Wherever it was killed; the checkpoint of other speech or settings is not taken up."""
    settings = change(SHORT, {"speeds": (0.9, 1.0), "noisy": 0.5, "dropout": 0.2})
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"]]
    whole = train_recogniser(train, dev, settings, seed=3)
    step, done = loop._step, []

    def killed(*arguments: object) -> None:
        if len(done) == at:
            raise KeyboardInterrupt
        done.append(0)
        step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "_step", killed)
    monkeypatch.setattr(course, "_KEPT", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train_recogniser(train, dev, settings, seed=3, checkpoints=tmp_path / "c")
    monkeypatch.setattr(loop, "_step", step)
    assert (tmp_path / "c/checkpoint.json").is_file()
    again = train_recogniser(train, dev, settings, seed=3, checkpoints=tmp_path / "c")
    assert same(whole, again)
    assert [point[:2] for point in whole.curve] == [point[:2] for point in again.curve]


def test_minutes_end_a_training(tones: SpeechCorpus) -> None:
    """A limit of a second leaves a recogniser, however far it came."""
    settings = change(TINY, {"epochs": 1_000.0, "minutes": 1 / 60})
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"]]
    found = train_recogniser(train, dev, settings, seed=1)
    assert len(found.curve) >= 1 and found.heard < 60_000


def test_patience_waits_for_the_first_letters(
    tones: SpeechCorpus, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing is written patience does not run, not even after a point that was better by chance."""
    written = ["", "a", "", "", "", "", "ae", "e", "m", "o"]
    settings = change(TINY, {"epochs": 1.0, "evaluations": 10, "patience": 2})
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"].take([0])]
    turn = iter(written)
    monkeypatch.setattr(loop, "text_of", lambda heard, alphabet: next(turn))
    monkeypatch.setattr(
        "sprachbund.speech.measures.character_edits", lambda said, text: len(said) - len(text) if text else len(said)
    )
    with caplog.at_level(logging.WARNING, "sprachbund"):
        found = train_recogniser(train, dev, settings, seed=1)
    # ae is the best; e and m are two points that write letters and are not better
    assert len(found.curve) == 9 and min(found.curve, key=lambda point: point[1]) == found.curve[6]
    assert "has not left the plateau" not in caplog.text
    monkeypatch.setattr(loop, "text_of", lambda heard, alphabet: "")
    with caplog.at_level(logging.WARNING, "sprachbund"):
        found = train_recogniser(train, dev, settings, seed=1)
    assert len(found.curve) == 10 and "it has not left the plateau" in caplog.text


def test_a_start_is_carried_over_by_its_letters(learned: Recogniser, tones: SpeechCorpus) -> None:
    """The same letter, then the same letter beneath its marks; the rest fresh; the blank always."""
    from sprachbund.speech.alphabet import Alphabet

    alphabet = Alphabet.of(["aãz mé"])
    counts = alphabet.counts(["aãz mé"])
    fresh = begin(learned.settings, alphabet, counts, 5).weights
    own, theirs = dict(enumerate(["", *alphabet.letters])), ["", *learned.alphabet.letters]
    begun = begin(learned.settings, alphabet, counts, 5, learned)
    expected = {"": "", " ": " ", "a": "a", "m": "m", "ã": "a", "é": "e", "z": None}
    for name in ROWS:
        for row, letter in own.items():
            source = expected[letter]
            wanted = fresh[name][row] if source is None else learned.weights[name][theirs.index(source)]
            assert np.array_equal(begun.weights[name][row], wanted), (name, letter)
    assert begun.carried == {"identical": 4, "near": 0, "given": 2, "none": 1}
    for name in set(fresh) - set(ROWS):
        assert np.array_equal(begun.weights[name], learned.weights[name])


@pytest.mark.parametrize(
    ("carry", "parts", "rows"),
    [
        ({"rows": "identical"}, {"lower", "upper"}, "identical"), ({"rows": "separate"}, {"lower", "upper"}, None),
        ({"upper": "separate"}, {"lower"}, "near"), ({"lower": "separate", "rows": "separate"}, {"upper"}, None),
        ({"rows": "permuted"}, {"lower", "upper"}, "permuted"),
    ],
)  # fmt: skip
def test_parts_are_carried_or_not(
    learned: Recogniser, carry: dict[str, str], parts: set[str], rows: str | None
) -> None:
    """What is carried separately begins afresh; permuted rows are all somebody's, and no letter's its own."""
    fresh = begin(learned.settings, learned.alphabet, learned.counts, 5).weights
    begun = begin(learned.settings, learned.alphabet, learned.counts, 5, learned, carry).weights  # type: ignore[arg-type]
    for name in fresh:
        if name in ROWS:
            continue
        part = "upper" if in_upper(name, learned.settings) else "lower"
        assert np.array_equal(begun[name], (learned.weights if part in parts else fresh)[name]), name
    theirs = learned.weights["rows.weight"]
    found = [
        next((n for n, row in enumerate(theirs) if np.array_equal(row, mine)), -1) for mine in begun["rows.weight"]
    ]
    if rows is None:
        assert found == [-1] * len(theirs)
    elif rows == "permuted":
        assert found[0] == 0 and sorted(found) == list(range(len(theirs)))
        kept = {n for place, n in enumerate(found) if n == place}
        assert kept == {0, 1 + learned.alphabet.letters.index(" ")}
    else:
        assert found == list(range(len(theirs)))


def test_a_table_maps_letters_by_hand(learned: Recogniser, tmp_path: Path) -> None:
    """z begins from b, because the table says so."""
    from sprachbund.speech.alphabet import Alphabet

    (tmp_path / "map.tsv").write_text("z\tb\n")
    alphabet = Alphabet.of(["az"])
    begun = begin(
        learned.settings, alphabet, alphabet.counts(["az"]), 5, learned, {"rows": "table"}, tmp_path / "map.tsv"
    )
    place = learned.alphabet.letters.index("b") + 1
    assert np.array_equal(begun.weights["rows.weight"][2], learned.weights["rows.weight"][place])


def test_frozen_parts_stay_for_their_share(learned: Recogniser, tones: SpeechCorpus) -> None:
    """To the end: they keep their bits; by default they are freed half way."""
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"]]
    for freeze, still in ((1.0, True), (0.5, False)):
        found = train_recogniser(train, dev, SHORT, seed=2, start=learned, frozen=("lower", "rows"), freeze=freeze)
        for name in learned.weights:
            part = "rows" if name in ROWS else "upper" if in_upper(name, SHORT) else "lower"
            kept = np.array_equal(found.weights[name], learned.weights[name])
            assert kept == (still and part != "upper"), (name, freeze)


def test_a_start_helps_and_the_alphabet_grows(learned: Recogniser, tmp_path: Path) -> None:
    """A neighbour that writes one letter otherwise is learned in a few steps; `same` keeps the start's letters too."""
    folder = common_voice(tmp_path / "gl", sentences(40, seed=9), locale="gl", seed=5)
    table = folder / "validated.tsv"
    head, *lines = table.read_text().splitlines()
    cells = [line.split("\t") for line in lines]
    table.write_text("\n".join([head, *("\t".join([c[0], c[1], c[2].replace("o", "ó"), c[3]]) for c in cells)]))
    sides = ingest_speech(folder, tmp_path / "S").sides("gl")
    train, dev = [sides["train"]], [sides["dev"]]
    helped, alone = (
        train_recogniser(train, dev, change(TINY, {"epochs": 2.0}), seed=1, start=start) for start in (learned, None)
    )
    assert helped.curve[-1][1] < 0.2 < alone.curve[-1][1]
    assert helped.alphabet.letters == (" ", "a", "b", "e", "m", "ó")
    kept = train_recogniser(train, dev, SHORT, seed=1, start=learned, carry={"rows": "same"})
    assert kept.alphabet.letters == (" ", "a", "b", "e", "m", "o", "ó")


def test_a_start_that_does_not_fit_is_refused(learned: Recogniser, tones: SpeechCorpus, tmp_path: Path) -> None:
    """Another shape, another sampling rate, parts that there are not, ways that there are not."""
    train, dev = [tones.sides("pt")["train"]], [tones.sides("pt")["dev"]]

    def refused(match: str, settings: RecogniserSettings = SHORT, **given: object) -> None:
        with pytest.raises(SettingsError, match=match):
            train_recogniser(train, dev, settings, start=learned, **given)  # type: ignore[arg-type]

    refused("width is 32 and the start's 48", change(SHORT, {"width": 32}))
    refused("it has rows, lower, upper", carry={"body": "same"})
    refused("it is carried same or separate", carry={"lower": "near"})
    refused("takes a table", carry={"rows": "table"})
    refused("nothing is carried over sideways", carry={"rows": "sideways"})
    refused("a share of the training", frozen=("rows",), freeze=2.0)
    common_voice(tmp_path / "cv", sentences(12))
    from sprachbund.speech.settings import SpeechSettings

    other = ingest_speech(tmp_path / "cv", tmp_path / "S", settings=SpeechSettings(sampling_rate=16_000)).sides("pt")
    with pytest.raises(SettingsError, match="sampling_rate is 16000 and the start's 8000"):
        train_recogniser([other["train"]], [other["dev"]], SHORT, start=learned)
    with pytest.raises(SettingsError, match="several sampling rates"):
        train_recogniser([*train, other["train"]], dev, SHORT)
    with pytest.raises(SettingsError, match="name it as the start"):
        train_recogniser(train, dev, SHORT, frozen=("rows",))


def test_too_little_speech_is_refused(tones: SpeechCorpus) -> None:
    """One utterance has no dev side; none has nothing."""
    train = tones.sides("pt")["train"]
    with pytest.raises(CorpusError, match=r"needs speech to stop on \(dev\)"):
        train_recogniser([train], [train.take([])], SHORT)
    with pytest.raises(CorpusError, match="needs speech to train on"):
        train_recogniser([train.take([])], [train], SHORT)
    found = train_recogniser([train.take([0])], [train.take([1])], SHORT)
    assert found.curve


def test_a_device_that_is_not_there_is_refused(tones: SpeechCorpus) -> None:
    """By its name."""
    away = replace(SHORT, training=replace(SHORT.training, device="meta"))
    with pytest.raises(SettingsError, match="device meta: expected one of torch that is here"):
        train_recogniser([tones.sides("pt")["train"]], [tones.sides("pt")["dev"]], away)


def test_a_loss_that_is_no_number_says_what_to_do(tones: SpeechCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where the last good state is."""
    import torch

    monkeypatch.setattr(torch.nn.functional, "ctc_loss", lambda told, *a, **k: told.sum((0, 2)) * float("nan"))
    with pytest.raises(DivergenceError, match=r"step 1 of .*no checkpoint was asked for; lower the rate"):
        train_recogniser([tones.sides("pt")["train"]], [tones.sides("pt")["dev"]], SHORT)


def test_company_in_a_batch_changes_nothing(learned: Recogniser) -> None:
    """An utterance is heard alike alone and beside longer and shorter ones; one without a frame has no row."""
    network = loaded(learned.settings, learned.alphabet.size, learned.weights)
    generator = np.random.default_rng(0)
    every = [generator.standard_normal((frames, 40)).astype(np.float32) for frames in (31, 200, 1, 77, 0, 3)]
    together = log_probabilities(network, every)
    for each, told in zip(every, together, strict=True):
        assert told.shape == (out_frames(len(each)), 7)
        assert np.abs(told - log_probabilities(network, [each])[0]).max(initial=0) < 1e-5
        assert np.exp(told).sum(1) == pytest.approx(np.ones(len(told)), abs=1e-5)


@pytest.mark.parametrize(("count", "size"), [(1, 5.0), (7, 1.0), (200, 20.0), (50, 1e9), (30, 1e-9)])
def test_batches(count: int, size: float) -> None:
    """Every utterance once an epoch, no batch empty, as many in each epoch; alike in length, first short to long."""
    seconds = np.random.default_rng(1).uniform(1, 12, count)
    batches = Batches(seconds, size, 0)
    for number in range(3):
        found = batches.epoch(number)
        assert len(found) == batches.steps and all(len(batch) for batch in found)
        assert sorted(np.concatenate(found).tolist()) == list(range(count))
    if count == 200:
        sums = [seconds[batch].sum() for batch in batches.epoch(0)]
        assert min(sums) > 8 and max(sums) < 40
        spread = np.mean([seconds[batch].max() - seconds[batch].min() for batch in batches.epoch(0)])
        assert spread < 4
        means = [[seconds[batch].mean() for batch in batches.epoch(number)] for number in range(3)]
        assert np.corrcoef(means[0], range(len(means[0])))[0, 1] > 0.9 > abs(np.corrcoef(means[1], means[2])[0, 1])


def test_saved_to_the_bit(learned: Recogniser, tmp_path: Path) -> None:
    """Weights, letters, counts, settings and curve; damage is found; a folder of something else is not replaced."""
    write_recogniser(learned, tmp_path / "R")
    again = read_recogniser(tmp_path / "R")
    assert same(learned, again) and repr(again) == repr(learned)
    for name in ("languages", "settings", "alphabet", "curve", "heard", "carried"):
        assert getattr(again, name) == getattr(learned, name), name
    assert np.array_equal(again.counts, learned.counts)
    write_recogniser(replace(learned, heard=1), tmp_path / "R")
    assert read_recogniser(tmp_path / "R").heard == 1
    weights = tmp_path / "R/weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-3] ^= 1
    weights.write_bytes(data)
    with pytest.raises(FolderError, match=r"weights\.safetensors"):
        read_recogniser(tmp_path / "R")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine.txt").write_text("x")
    with pytest.raises(FolderError, match=r"mine.txt: not written by sprachbund"):
        write_recogniser(learned, tmp_path / "other")


def test_the_usual_network_is_of_a_million_numbers() -> None:
    """Between half a million and five."""
    network = build(RecogniserSettings(), 40)
    assert 500_000 < sum(weight.numel() for weight in network.parameters()) < 5_000_000


def test_settings_are_refused_by_name() -> None:
    """As all others are."""
    for wrong in ({"rate": 2.0}, {"batch": 0.0}, {"precision": "int8"}, {"patience": -1}, {"cache": -1}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            TrainingSettings(**wrong)  # type: ignore[arg-type]


def test_layers_that_read_backwards_are_those_of_packed_sequences() -> None:
    """The network gives what torch's packed sequences give, for texts of any lengths, and the same gradients."""
    torch.manual_seed(3)
    settings = RecogniserSettings(network=NetworkSettings(channels=6, width=5, layers=3, dropout=0.0))
    network = build(settings, 7)
    frames = torch.tensor([31, 4, 18, 1])
    features = torch.randn(4, 31, settings.features.mels)
    rows = (frames + 2) // 3

    def packed() -> torch.Tensor:
        inside = torch.arange(31) < frames[:, None]
        hidden = torch.relu(network.first(features.transpose(1, 2))) * inside[:, None]
        hidden = network.norm(torch.relu(network.second(hidden)).permute(2, 0, 1))
        held = torch.nn.utils.rnn.pack_padded_sequence(hidden, rows, enforce_sorted=False)
        for layer, norm in zip(network.layers, network.norms, strict=True):
            held, _ = layer(held)
            held = held._replace(data=norm(held.data))
        return torch.log_softmax(network.rows(torch.nn.utils.rnn.pad_packed_sequence(held)[0]), -1)

    told = []
    for heard in (network(features, frames), packed()):
        network.zero_grad()
        sum(heard[: int(rows[text]), text].square().sum() for text in range(4)).backward()
        told.append((heard.detach(), [weight.grad.clone() for weight in network.parameters()]))
    (ours, own), (theirs, other) = told
    for text in range(4):
        np.testing.assert_allclose(ours[: rows[text], text], theirs[: rows[text], text], atol=1e-5)
    for one, two in zip(own, other, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-4)
