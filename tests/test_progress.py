"""Long work says how far it is, on a terminal or off it, and how long it will take."""

import logging
import subprocess
import sys

import pytest

from sprachbund import progress
from sprachbund.progress import LINES, Tally, duration, logger


def test_a_line_says_how_far_and_how_long() -> None:
    """After three minutes 1,200 of 5,000: 400 a minute, so 9.5 minutes are left."""
    tally = Tally("training (batches)", 5_000, 1_000.0)
    tally.advance(1_200)
    assert tally.line(1_180.0) == "training (batches): 1,200 of 5,000 (24%), 3 min so far, about 10 min left"
    tally.describe("(pt)")
    tally.advance(3_800)
    assert tally.line(1_300.0) == "training (batches) (pt): 5,000 of 5,000 (100%), 5 min so far"
    endless = Tally("reading", None, 0.0)
    endless.advance(7)
    assert endless.line(2.0) == "reading: 7, 2 s so far"
    assert Tally("waiting", 10, 0.0).line(30.0) == "waiting: 0 of 10 (0%), 30 s so far"


@pytest.mark.parametrize("slower", [1.0, 4.0])
def test_the_time_that_is_left_is_right_within_a_factor_of_two(slower: float) -> None:
    """For work of one rate from the second line on, and five minutes after it became four times as slow."""
    tally, total, change = Tally("work", 10_000, 0.0), 10_000, 3_000
    end = change / 10 + (total - change) / (10 / slower)
    wrong = []
    for now in range(30, int(end), 30):
        rate = 10 if now <= change / 10 else 10 / slower
        tally.advance(30 * rate)
        said = tally.line(float(now))
        if "left" not in said or now < change / 10 + 330:
            continue
        number, unit = said.split("about ")[1].split(" left")[0].split()
        left = float(number) * {"s": 1, "min": 60, "h": 3_600}[unit]
        if not (end - now) / 2 - 30 <= left <= 2 * (end - now) + 30:
            wrong.append((now, said, end - now))
    assert not wrong


def test_durations() -> None:
    """Seconds, then minutes, then hours with a decimal."""
    assert [duration(s) for s in (0, 99.4, 100, 720, 5_990, 12_600)] == [
        "0 s",
        "99 s",
        "2 min",
        "12 min",
        "100 min",
        "3.5 h",
    ]


def test_lines_come_also_while_a_step_takes_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a call to advance; none after the end, and none where nobody listens to that level."""
    monkeypatch.setattr(progress, "EVERY", 0.01)
    with caplog.at_level(LINES, "sprachbund"), progress.progress("work", 4) as bar:
        bar.advance()
        while len(caplog.records) < 2:
            pass
    told = len(caplog.records)
    assert {record.levelno for record in caplog.records} == {LINES}
    assert caplog.messages[-1].startswith("work: 1 of 4 (25%)")
    with caplog.at_level(logging.WARNING, "sprachbund"), progress.progress("silent", 4):
        assert not logger.isEnabledFor(LINES)
    assert len(caplog.records) == told


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ((), "work: 0 of 2 (0%), 0 s so far\nwarning: careful\n"),
        (("-q",), ""),
        (("-v",), "more\nwork: 0 of 2 (0%), 0 s so far\nwarning: careful\n"),
    ],
)
def test_quiet_and_verbose(option: tuple[str, ...], expected: str) -> None:
    """Progress and warnings; nothing; and what else there is to know. They exclude each other."""
    code = (
        "import sys, typer\n"
        "from sprachbund.cli import app, output\n"
        "from sprachbund.progress import LINES, Tally, logger\n"
        "def work():\n"
        "    logger.info('more')\n"
        "    logger.log(LINES, Tally('work', 2, 0.0).line(0.4))\n"
        "    logger.warning('careful')\n"
        "app.app.command('work')(work)\n"
        "output.log_warnings()\n"
        "sys.exit(app.run())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *option, "work"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, expected)
    both = subprocess.run([sys.executable, "-c", code, "-q", "-v", "work"], capture_output=True, text=True, check=False)
    assert both.returncode == 2 and "exclude each other" in both.stderr


def test_the_package_runs_as_a_module() -> None:
    """Where the script is not on the path."""
    done = subprocess.run(
        [sys.executable, "-m", "sprachbund", "--version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stdout.startswith("sprachbund ")
