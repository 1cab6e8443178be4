"""The command line as a process of its own, and a corpus small enough that every verb takes seconds."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import forked
import numpy as np

# on a machine that is busy with other things a command may take longer than half a minute: no lines then
PREPARED = "import sprachbund.progress; sprachbund.progress.EVERY = 3_600; "
COMMAND = [sys.executable, "-c", PREPARED + "from sprachbund.cli import main; main()"]
"""In an interpreter that starts with nothing imported."""
SMALL = ("--set", "dim=16", "--set", "characters=[3]", "--set", "batch=64")


def sprachbund(
    *arguments: str | Path, standard_input: bytes = b"", folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end; the output is no terminal."""
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    return forked.run([*map(str, arguments)], standard_input, folder, environment, seconds=240)


def succeed(*arguments: str | Path, standard_input: bytes = b"") -> str:
    """What a command that must succeed, without a word on standard error, prints."""
    done = sprachbund(*arguments, standard_input=standard_input)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


def fail(*arguments: str | Path, code: int = 1, standard_input: bytes = b"") -> str:
    """The error of a command that must fail: one line, nothing on standard output, no traceback."""
    done = sprachbund(*arguments, standard_input=standard_input)
    message = done.stderr.decode()
    assert done.stdout == b""
    assert message.startswith("error: ") and message.count("\n") == 1 and message.endswith("\n"), message
    assert done.returncode == code
    return message.removeprefix("error: ").removesuffix("\n")


def write_source(
    path: Path, languages: Sequence[str] = ("gl", "pt", "tr"), documents: int = 40, sentences: int = 6, seed: int = 0
) -> Path:
    """JSON Lines with gold sentences: a document's sentences take most of their words from the document's topic."""
    generator = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8") as handle:
        for place, language in enumerate(languages):
            words = [word(4000 * place * (i % 3 > 0) + i) for i in range(200)]
            for number in range(documents):
                topic = generator.choice(200, 8, replace=False)
                body = [
                    " ".join(words[i] for i in [*generator.choice(topic, 4), *generator.choice(200, 2)])
                    for _ in range(sentences)
                ]
                row = {"id": f"{language}-{number}", "lang": language, "title": f"{language} {number}"}
                row["sections"] = [{"title": "", "sentences": [body]}]  # type: ignore[assignment]
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def word(number: int) -> str:
    """A made-up word without digits."""
    syllables = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    return syllables[number % 80] + syllables[number // 80 % 80] + syllables[(number * 7 + 3) % 80]
