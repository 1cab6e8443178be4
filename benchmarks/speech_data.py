"""Speech of a crossing, from public recordings: Czech and Dutch to begin from, Polish and German to learn.

    python benchmarks/speech_data.py --fillets FILLETS --common-voice CV --artikulate POLISH --voices GERMAN \\
        --words content-de.json --out RECORDINGS
    sprachbund speech ingest RECORDINGS --test-source cv6.1 --out SPEECH

- FILLETS: the folder ``usr/share/games/fillets-ng`` of Debian's packages fillets-ng-data, -cs and -nl, unpacked: one
  game's dialogues in both languages (GPL-2), a character a speaker.
- CV: samples of Common Voice 6.1 (CC0), a folder a language with ``validated.tsv`` and ``clips``.
- POLISH: ``courses/basic/pl`` of KDE's artikulate-data (CC BY-SA 3.0), one voice.
- GERMAN: the folder ``de`` of GCompris's voices (GPL-3), one voice; ``content-de.json`` is in GCompris's ``lang.rcc``.

Nothing is copied: RECORDINGS gets a table a language, ``cs/clips.tsv`` and so on, that names the clips where they lie.
"""

import argparse
import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

Clip = tuple[Path, str, str, str, str]
"""The file, its text, speaker, source and licence."""
COLUMNS = ("path", "sentence", "client_id", "corpus", "licence")
LANGUAGES = ("cs", "nl", "pl", "de")
_SAID = re.compile(r'dialogId\("([^"]+)",\s*"([^"]*)".*?\)\s*dialogStr\("((?:[^"\\]|\\.)*)"\)', re.DOTALL)


def fillets(folder: Path, language: str) -> Iterator[Clip]:
    """The game's dialogues: a line is said by the character whose typeface it has."""
    for script in sorted(folder.glob(f"script/*/dialogs_{language}.lua")):
        for name, character, text in _SAID.findall(script.read_text("utf-8")):
            clip = folder / "sound" / script.parent.name / language / f"{name}.ogg"
            if clip.exists():
                yield clip, re.sub(r"\\(.)", r"\1", text), f"{language}-{character}", "fillets", "GPL-2"


def common_voice(folder: Path, language: str) -> Iterator[Clip]:
    """A sample of Common Voice."""
    with (folder / language / "validated.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield folder / language / "clips" / row["path"], row["sentence"], row["client_id"], "cv6.1", "CC0"


def artikulate(folder: Path) -> Iterator[Clip]:
    """A course of pronunciation."""
    for phrase in ET.parse(folder / "pl.xml").iter("phrase"):
        clip = folder / (phrase.findtext("soundFile") or "-")
        if clip.exists():
            yield clip, phrase.findtext("text") or "", "artikulate-pl", "artikulate", "CC BY-SA 3.0"


def gcompris(folder: Path, words: Path) -> Iterator[Clip]:
    """Words with their articles."""
    for name, text in json.loads(words.read_text("utf-8")).items():
        clip = folder / "words" / name
        if text.strip() and clip.exists():
            yield clip, text.strip(), "gcompris-de", "gcompris", "GPL-3"


def main() -> None:
    """Write the tables, and how many clips each has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("fillets", "common-voice", "artikulate", "voices", "words", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args()
    packs = {
        "cs": fillets(asked.fillets, "cs"),
        "nl": fillets(asked.fillets, "nl"),
        "pl": artikulate(asked.artikulate),
        "de": gcompris(asked.voices, asked.words),
    }
    for language in LANGUAGES:
        clips = [*packs[language], *common_voice(asked.common_voice, language)]
        folder = asked.out / language
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "clips.tsv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerow(COLUMNS)
            writer.writerows((str(clip.resolve()), *rest) for clip, *rest in clips)
        print(f"{language}: {len(clips):,} clips")


if __name__ == "__main__":
    main()
