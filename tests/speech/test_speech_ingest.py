"""Clips and texts to a corpus: what is kept to the sample, what is left out and why, whatever lies in the folder."""

import json
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from made_speech import RATE, common_voice, noise, say, sentences, tone, write

from sprachbund.errors import CorpusError, FolderError, LanguageError, SourceError
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.store import SpeechCorpus

TEXTS = sentences(24)


def table(folder: Path, rows: list[tuple[str, str]]) -> Path:
    """A TSV of clips, each of a speaker of its own."""
    lines = ["path\ttext\tspeaker", *(f"{path}\t{text}\ts{number}" for number, (path, text) in enumerate(rows))]
    (folder / "transcripts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_common_voice_is_kept_to_the_sample(tmp_path: Path) -> None:
    """16 bits in, the same 16 bits out; text, letters, speaker, seconds and hash are those of the clip."""
    corpus = ingest_speech(common_voice(tmp_path / "cv", TEXTS), tmp_path / "out")
    assert corpus.languages == ("pt",) and not corpus.manifest["left_out"]
    own = corpus.utterances("pt")
    assert list(own.table["letters"]) == TEXTS and own.table["speaker"].n_unique() == 6
    for number in (0, 7, 23):
        expected, _ = soundfile.read(tmp_path / "cv/clips" / f"pt_{number}.wav", dtype="int16")
        row = own.table.row(number, named=True)
        stored = own.sound[row["first"] : row["first"] + row["samples"]]
        # half of a step of 16 bits is lost at most on the way by floating point
        assert np.abs(stored.astype(int) - expected).max() <= 1
        assert row["seconds"] == len(expected) / RATE
        assert own.samples(number) == pytest.approx(expected / 32767, abs=1e-4)


@pytest.mark.parametrize(
    ("rate", "channels", "kind", "ending"),
    [
        (8_000, 1, "PCM_U8", ".wav"), (48_000, 1, "PCM_24", ".wav"), (44_100, 2, "FLOAT", ".wav"),
        (16_000, 5, "PCM_16", ".wav"), (16_000, 1, "PCM_16", ".flac"), (16_000, 1, "VORBIS", ".ogg"),
        (22_050, 1, "DOUBLE", ".wav"), (16_000, 2, "ULAW", ".au"), (24_000, 1, "PCM_32", ".aiff"),
        (44_100, 1, "MPEG_LAYER_III", ".mp3"), (48_000, 1, "OPUS", ".opus"), (11_025, 1, "PCM_S8", ".aiff"),
    ],
)  # fmt: skip
def test_every_way_to_write_sound_gives_the_same_tone(
    tmp_path: Path, rate: int, channels: int, kind: str, ending: str
) -> None:
    """440 Hz stay 440 Hz, as loud and as long, from any rate, width, codec and number of channels."""
    fading = tone(440, 1.0, rate) * np.linspace(1, 0.2, rate)
    samples = np.repeat(fading[:, None], channels, 1)
    options = {"format": "OGG"} if ending == ".opus" else {}
    write(tmp_path / "in" / f"a{ending}", samples, rate, subtype=kind, **options)
    (tmp_path / "in/a.txt").write_text("lá")
    corpus = ingest_speech(tmp_path / "in", tmp_path / "out", language="pt")
    heard = corpus.utterances("pt").samples(0)
    assert len(heard) == pytest.approx(8_000, abs=500)  # mp3 pads its frames
    spectrum = np.abs(np.fft.rfft(heard[1_000:7_000] * np.hanning(6_000)))
    assert spectrum.argmax() * 8_000 / 6_000 == pytest.approx(440, abs=1.4)
    expected = 0.3 * np.linspace(1, 0.2, 8_000)[2_000:6_000] / np.sqrt(2)
    assert np.sqrt(np.square(heard[2_000:6_000]).mean()) == pytest.approx(np.sqrt(np.square(expected).mean()), rel=0.05)


def test_floats_beyond_full_scale_are_scaled_not_cut(tmp_path: Path) -> None:
    """A float file three times too loud keeps its shape."""
    write(tmp_path / "in/a.wav", 3 * tone(440, 1.0) / 0.3, subtype="FLOAT")
    (tmp_path / "in/a.txt").write_text("lá")
    heard = ingest_speech(tmp_path / "in", tmp_path / "out", language="pt").utterances("pt").samples(0)
    assert np.corrcoef(heard, tone(440, 1.0))[0, 1] > 0.9999 and np.abs(heard).max() == pytest.approx(1, abs=0.01)


def test_what_cannot_serve_is_counted_by_reason_and_the_rest_is_kept(tmp_path: Path) -> None:
    """Every bad clip of the list costs itself, and is named with what is wrong."""
    folder = tmp_path / "in"
    good = [(f"good{number}.wav", text) for number, text in enumerate(TEXTS)]
    for number, (name, text) in enumerate(good):
        write(folder / name, say(text, seed=number))
    (folder / "film.wav").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(5_000))
    (folder / "web.wav").write_bytes(b"\x1aE\xdf\xa3" + bytes(5_000))
    (folder / "text.wav").write_text("this is no sound at all\n" * 50)
    (folder / "empty.wav").write_bytes(b"")
    whole = write(folder / "whole.wav", say("aeio bdlm")).read_bytes()
    (folder / "head.wav").write_bytes(whole[:30])
    write(folder / "zero.wav", np.zeros(0))
    write(folder / "silent.wav", np.zeros(20_000))
    write(folder / "whisper.wav", noise(2, loud=1e-3))
    write(folder / "clipped.wav", np.clip(20 * tone(200, 2.0), -1, 1))
    write(folder / "hour.flac", np.zeros(3_600 * 1_000, np.int16), 1_000)
    write(folder / "long.wav", noise(31))
    write(folder / "blink.wav", noise(0.02))
    write(folder / "short.wav", tone(300, 0.2))
    write(folder / "waits.wav", noise(20))
    nan = tone(300, 1.0)
    nan[100] = np.nan
    write(folder / "nan.wav", nan, subtype="FLOAT")
    bad = {
        "film.wav": ("lá", "no sound that can be read"), "web.wav": ("lá", "no sound that can be read"),
        "text.wav": ("lá", "no sound that can be read"), "empty.wav": ("lá", "no sound that can be read"),
        "head.wav": ("lá", "no sound that can be read"), "nan.wav": ("lá", "no sound that can be read"),
        "zero.wav": ("lá", "no samples"), "silent.wav": ("lá", "silent"), "whisper.wav": ("lá", "silent"),
        "clipped.wav": ("lá", "clipped"), "hour.flac": ("lá", "too long"), "long.wav": ("lá", "too long"),
        "blink.wav": ("l", "too short"), "short.wav": ("dez palavras", "too short for its text"),
        "waits.wav": ("lá", "too long for its text"), "absent.wav": ("lá", "missing sound"),
        "good0.wav ": ("", "no text"), "good1.wav ": ("🎉🎉", "no letters"), "good2.wav ": ("!?…", "no letters"),
        "good3.wav ": ("às 10:30h", "a number that cannot be spelled out"),
        "good0.wav  ": ("привет мир", "another script"), "good1.wav  ": ("[risos]", "notes of annotators"),
    }  # fmt: skip
    rows = good + [(name.strip(), text) for name, (text, _) in bad.items()] + [good[0]]
    corpus = ingest_speech(table(folder, rows), tmp_path / "out", language="pt")
    assert sorted(corpus.table["item"]) == sorted(name for name, _ in good)
    found = {(row["item"], row["reason"]) for row in corpus.left_out.to_dicts()}
    assert found == {(name.strip(), reason) for name, (_, reason) in bad.items()} | {("good0.wav", "twice")}
    assert sum(corpus.manifest["left_out"].values()) == len(bad) + 1
    details = {row["item"]: row["detail"] for row in corpus.left_out.to_dicts()}
    assert "ffmpeg" in details["film.wav"] and "short.wav" in details and "12 letters" in details["short.wav"]


def test_no_file_that_begins_well_ends_an_ingest(tmp_path: Path) -> None:
    """Clips cut anywhere, and with bytes exchanged anywhere, of every codec, cost at most themselves."""
    folder, generator, rows = tmp_path / "in", np.random.default_rng(0), []
    for ending, subtype, form in (
        (".wav", "PCM_16", "WAV"), (".flac", "PCM_16", "FLAC"), (".ogg", "VORBIS", "OGG"), (".opus", "OPUS", "OGG"),
        (".mp3", "MPEG_LAYER_III", "MP3"),
    ):  # fmt: skip
        rate = 48_000 if ending == ".opus" else 16_000
        whole = write(folder / f"whole{ending}", say("aeio bdlm", rate=rate), rate, subtype=subtype, format=form)
        data = whole.read_bytes()
        rows.append((whole.name, "aeio bdlm"))
        for number in range(6):
            broken = bytearray(data[: int(generator.integers(4, len(data)))] if number % 2 else data)
            for place in generator.integers(0, len(broken), 20 if number > 1 else 0):
                broken[place] = generator.integers(256)
            (folder / f"broken{number}{ending}").write_bytes(bytes(broken))
            rows.append((f"broken{number}{ending}", "aeio bdlm"))
    corpus = ingest_speech(table(folder, rows), tmp_path / "out", language="pt")
    assert {name for name, _ in rows if "whole" in name} <= set(corpus.table["item"])
    assert len(corpus.table) + len(corpus.left_out) == len(rows)


def test_all_layouts_give_the_same_utterances(tmp_path: Path) -> None:
    """Common Voice, JSON Lines, CSV, audiofolder, Kaldi with and without segments, files beside, tar and zip."""
    clips = {f"u{number}.wav": text for number, text in enumerate(TEXTS[:5])}

    def clipped(folder: Path) -> Path:
        for number, (name, text) in enumerate(clips.items()):
            write(folder / name, say(text, seed=number))
        return folder

    made = {}
    made["cv"] = tmp_path / "cv"
    clipped(made["cv"] / "clips")
    lines = [f"x\t{name}\t{text}" for name, text in clips.items()]
    (made["cv"] / "validated.tsv").write_text("\n".join(["client_id\tpath\tsentence", *lines]))
    for other in ("train", "invalidated", "other"):
        (made["cv"] / f"{other}.tsv").write_text("client_id\tpath\tsentence\nx\tu0.wav\tlied")
    made["nemo"] = clipped(tmp_path / "nemo")
    rows = [{"audio_filepath": str(made["nemo"] / name), "text": text, "duration": 1} for name, text in clips.items()]
    (made["nemo"] / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    made["audiofolder"] = tmp_path / "audiofolder"
    clipped(made["audiofolder"] / "data")
    cells = [f'data/{name},"{text}",1' for name, text in clips.items()]
    (made["audiofolder"] / "metadata.csv").write_text("\n".join(["file_name,transcription,speaker_id", *cells]))
    made["kaldi"] = clipped(tmp_path / "kaldi")
    (made["kaldi"] / "wav.scp").write_text("".join(f"{name[:-4]} {made['kaldi'] / name}\n" for name in clips))
    (made["kaldi"] / "text").write_text("".join(f"{name[:-4]} {text}\n" for name, text in clips.items()))
    (made["kaldi"] / "utt2spk").write_text("".join(f"{name[:-4]} s\n" for name in clips))
    made["beside"] = clipped(tmp_path / "beside")
    for number, (name, text) in enumerate(clips.items()):
        (made["beside"] / name).with_suffix(".lab" if number % 2 else ".txt").write_text(text)
    with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as tar:
        tar.add(made["cv"], "anything")
    made["tar"] = tmp_path / "packed.tar.gz"
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in sorted(made["beside"].iterdir()):
            archive.write(path, f"x/{path.name}")
    made["zip"] = tmp_path / "packed.zip"
    made["jsonl"] = made["nemo"] / "manifest.jsonl"
    said = {}
    for name, source in made.items():
        table_of = ingest_speech(source, tmp_path / f"out-{name}", language="gl").table
        said[name] = set(table_of.select("letters", "sha256").rows())
    assert all(rows == said["cv"] for rows in said.values()) and len(said["cv"]) == 5


def test_kaldis_segments_are_cut_and_its_commands_never_run(tmp_path: Path) -> None:
    """A part of a recording is that part; what is a command is counted."""
    long = np.concatenate([say("aei"), say("obd"), say("lma")])
    write(tmp_path / "in/rec.wav", long)
    ends = np.cumsum([len(say(text)) for text in ("aei", "obd", "lma")]) / RATE
    (tmp_path / "in/wav.scp").write_text(f"rec rec.wav\nevil touch {tmp_path}/ran |\n")
    (tmp_path / "in/segments").write_text(
        f"a rec 0 {ends[0]:.4f}\nb rec {ends[0]:.4f} {ends[1]:.4f}\nc rec {ends[1]:.4f} -1\nd evil 0 1\ne rec 3 x\n"
    )
    (tmp_path / "in/text").write_text("a aei\nb obd\nc lma\nd aei\ne aei\n")
    corpus = ingest_speech(tmp_path / "in", tmp_path / "out", language="pt")
    assert dict(zip(corpus.table["item"], corpus.table["letters"], strict=True)) == {"a": "aei", "b": "obd", "c": "lma"}
    assert corpus.utterances("pt").samples(1) == pytest.approx(say("obd"), abs=1e-3)
    assert corpus.manifest["left_out"] == {"a command, which is not run": 1, "a line that cannot be read": 1}
    assert not (tmp_path / "ran").exists()


def test_languages_by_folder_column_and_option(tmp_path: Path) -> None:
    """The option wins, then the column, then the nearest folder or archive; "wav" means none."""
    for code in ("pt", "es"):
        common_voice(tmp_path / "two" / code, TEXTS[:4], locale=code)
    with tarfile.open(tmp_path / "two/gl.tar", "w") as tar:
        write(tmp_path / "g/a.wav", say("aei"))
        (tmp_path / "g/a.txt").write_text("aei")
        tar.add(tmp_path / "g", "wav")
    corpus = ingest_speech(tmp_path / "two", tmp_path / "out")
    assert corpus.languages == ("es", "gl", "pt")
    assert corpus.language("Galician") == "gl"
    forced = ingest_speech(tmp_path / "two", tmp_path / "out2", language="Italian")
    assert forced.languages == ("it",)
    with pytest.raises(LanguageError, match="give --lang"):
        ingest_speech(tmp_path / "g", tmp_path / "out3")


def test_a_table_of_strangers_costs_its_lines(tmp_path: Path) -> None:
    """A quotation mark that is never closed, cells too many or too few, and JSON that is none."""
    for number in range(3):
        write(tmp_path / "in" / f"{number}.wav", say("aei", seed=number))
    (tmp_path / "in/t.tsv").write_text(
        'path\ttext\n0.wav\t"aei\n1.wav\t"aei ""oi"""\n2.wav\taei\tmore\n\n\t\nx\n', encoding="utf-8"
    )
    (tmp_path / "in/u.jsonl").write_text('{"path": "2.wav", "text": "aei"}\n{"path": 3, "text": "a"}\nnull\n{\n')
    corpus = ingest_speech(tmp_path / "in", tmp_path / "out", language="pt")
    assert sorted(corpus.table["letters"]) == ["aei", "aei", "aei oi"]
    assert corpus.manifest["left_out"] == {"a line that cannot be read": 3, "no path": 1, "no text": 1}


def test_archives_are_bounded_and_lead_nowhere(tmp_path: Path) -> None:
    """A member called ../x lies inside, a link is passed over, a bomb ends with its archive; the others go on."""
    common_voice(tmp_path / "in/pt", TEXTS[:4])
    write(tmp_path / "a.wav", say("aei"))
    (tmp_path / "a.txt").write_text("aei")
    with tarfile.open(tmp_path / "in/es.tar", "w") as tar:
        tar.add(tmp_path / "a.wav", "../../a.wav")
        tar.add(tmp_path / "a.txt", "../../a.txt")
        link = tarfile.TarInfo("b.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with (
        zipfile.ZipFile(tmp_path / "in/gl.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zero.wav", "w") as member,
    ):
        for _ in range(80):
            member.write(bytes(1 << 20))
    (tmp_path / "in/fr.tar.gz").write_bytes(b"\x1f\x8b\x08\0broken")
    corpus = ingest_speech(tmp_path / "in", tmp_path / "out")
    assert corpus.manifest["languages"]["es"]["utterances"] == 1 and corpus.languages == ("es", "pt")
    assert set(corpus.left_out["reason"]) <= {
        "an archive that cannot be read", "a damaged member of an archive", "an archive that is damaged or cut",
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "a.wav", "in", "out"]


def test_refusals_say_what_is_wrong(tmp_path: Path) -> None:
    """No folder, a folder of something else, a file that is no table, nothing left, a folder of another's."""
    with pytest.raises(SourceError, match="no such file"):
        ingest_speech(tmp_path / "absent", tmp_path / "out", language="pt")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/notes.txt").write_text("no sound here")
    with pytest.raises(SourceError, match="no recorded speech with its text; expected a table"):
        ingest_speech(tmp_path / "other", tmp_path / "out", language="pt")
    with pytest.raises(SourceError, match="expected a table"):
        ingest_speech(tmp_path / "other/notes.txt", tmp_path / "out", language="pt")
    (tmp_path / "other/t.tsv").write_text("path\ttext\nx.wav\tlá\n")
    with pytest.raises(CorpusError, match="no utterance is left of 1: 1 missing sound"):
        ingest_speech(tmp_path / "other", tmp_path / "out", language="pt")
    with pytest.raises(FolderError, match="not written by sprachbund"):
        ingest_speech(common_voice(tmp_path / "cv", TEXTS[:3]), tmp_path / "other")
    assert (tmp_path / "other/notes.txt").exists()


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order in which the system lists it."""
    common_voice(tmp_path / "one/cv", TEXTS[:6])
    first = ingest_speech(tmp_path / "one/cv", tmp_path / "out1")
    (tmp_path / "two/cv/clips").mkdir(parents=True)
    for path in sorted((tmp_path / "one/cv/clips").iterdir(), reverse=True):
        shutil.copy(path, tmp_path / "two/cv/clips" / path.name)
    shutil.copy(tmp_path / "one/cv/validated.tsv", tmp_path / "two/cv")
    second = ingest_speech(tmp_path / "two/cv", tmp_path / "out2")
    assert first.content_hash() == second.content_hash()
    assert (tmp_path / "out1/pt.s16").read_bytes() == (tmp_path / "out2/pt.s16").read_bytes()


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    """A clip with such a name, and a text beside it."""
    folder = tmp_path / "in"
    write(folder / "a.wav", say("aei"))
    (folder / "a.wav").rename(os.fsdecode(os.fsencode(folder) + b"/\xe9.wav"))
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xe9.txt"))).write_text("aei")
    corpus = ingest_speech(folder, tmp_path / "out", language="pt")
    assert list(corpus.table["item"]) == ["\\xe9.wav"]


@pytest.mark.parametrize("file", ["pt.s16", "utterances.parquet", "left_out.parquet", "speech.json"])
def test_damage_is_found_when_it_is_opened(tmp_path: Path, file: str) -> None:
    """A byte that is another, a file that is cut, one that is gone: each by its name."""
    ingest_speech(common_voice(tmp_path / "cv", TEXTS[:6]), tmp_path / "out")
    path = tmp_path / "out" / file
    data = path.read_bytes()
    path.write_bytes(data[:-10] + bytes([data[-10] ^ 1]) + data[-9:])
    with pytest.raises(FolderError, match=file if file != "speech.json" else "speech.json"):
        SpeechCorpus.open(tmp_path / "out")
    path.write_bytes(data[:-10])
    with pytest.raises(FolderError):
        SpeechCorpus.open(tmp_path / "out", check=False)
    path.unlink()
    with pytest.raises(FolderError):
        SpeechCorpus.open(tmp_path / "out", check=False)


def test_a_setting_that_cannot_work_is_refused(tmp_path: Path) -> None:
    """By its name."""
    from sprachbund.errors import SettingsError

    for wrong in ({"sampling_rate": 1}, {"longest": 0.0}, {"silence": 3.0}, {"clipped": 0.0}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            SpeechSettings(**wrong)
    with pytest.raises(SettingsError, match="sum to 1"):
        SpeechSplit(shares=(0.5, 0.1, 0.1))


def test_real_clips(shared_data: Path, tmp_path: Path) -> None:
    """Portuguese: 628 clips, of which one is there twice; the test side has Common Voice's speakers alone."""
    pack = shared_data / "speech/pt.tar"
    if not pack.is_file():
        pytest.skip("no recorded speech among the real corpora")
    corpus = ingest_speech(pack, tmp_path / "out", split=SpeechSplit(judged=("cv6.1",)))
    assert corpus.manifest["languages"]["pt"]["utterances"] == 627 and corpus.manifest["left_out"] == {"twice": 1}
    sides = corpus.sides("pt")
    assert set(sides["test"].table["source"]) == set(sides["dev"].table["source"]) == {"cv6.1"}
    speakers = [set(own.table["speaker"]) for own in sides.values()]
    assert not (speakers[0] & speakers[1] or speakers[0] & speakers[2] or speakers[1] & speakers[2])
    assert corpus.table.filter(pl.col("seconds") > 30).is_empty()
