"""Help, exit codes, where output goes, pipes that close and Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from terminal import COMMAND, SMALL, fail, sprachbund, succeed

VERBS = {
    "ingest": ("SOURCE", "--out", "--lang", "--strict", "--workers", "--memory", "--max-expansion", "--json"),
    "corpus": ("CORPUS", "--languages", "--seed", "--json"),
    "transfer": ("CORPUS", "--out", "--task", "--languages", "--seeds", "--trials", "--arms", "--pools", "--set"),
    "train": (
        "CORPUS",
        "--out",
        "--task",
        "--languages",
        "--preset",
        "--settings",
        "--set",
        "--dim",
        "--device",
        "--checkpoint",
    ),
    "evaluate": ("MODEL", "CORPUS", "--task", "--split", "--pools", "--trec", "--queries", "--qrels", "--json"),
    "encode": ("MODEL", "FILE", "--out", "--lang", "--json"),
    "search": ("INDEX", "QUERY", "--k", "--language", "--mode", "--why", "--queries", "--trec", "--json"),
    "detect": ("FILE", "--languages", "--lines", "--json"),
    "report": ("STUDY", "--json"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_each_verb(verb: str) -> None:
    """All options, in 80 columns."""
    shown = succeed(verb, "--help")
    assert all(name in shown for name in VERBS[verb])
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert succeed(verb, "-h") == shown


def test_help_keeps_what_stands_in_brackets() -> None:
    """Shapes and lists in square brackets are text, no markup."""
    assert "array [lines, dim]" in " ".join(succeed("encode", "--help").split())
    assert "--set characters=[4,5]" in " ".join(succeed("train", "--help").split())


def test_help_lists_the_verbs_and_the_version_is_told() -> None:
    """Without a verb the help comes too, as wrong usage on standard error."""
    shown = succeed("--help")
    assert all(re.search(rf"^  {verb} +\w.*\.$", shown, re.MULTILINE) for verb in VERBS)
    bare = sprachbund()
    assert (bare.returncode, bare.stdout) == (2, b"")
    assert bare.stderr.decode().strip() == shown.strip()
    assert re.fullmatch(r"sprachbund \S+\n", succeed("--version"))


def test_the_console_script_is_this_function() -> None:
    """`sprachbund` runs what these tests run, where the package is installed."""
    scripts = entry_points(group="console_scripts", name="sprachbund")
    assert [script.value for script in scripts] in ([], ["sprachbund.cli:main"])


def test_help_is_quick_because_it_loads_little() -> None:
    """No kernel compiler, no table library and no torch to print help."""
    code = (
        "import sys\n"
        "sys.argv = ['sprachbund', '--help']\n"
        "from sprachbund.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"
        "    print(sorted({'numba', 'polars', 'torch', 'scipy', 'rich.table'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["train", "c", "--nosuch"], "No such option: --nosuch"),
        (["train"], "Missing argument 'CORPUS'"),
        (["train", "c"], "Missing option '--out'"),
        (["train", "c", "--out", "m", "--dim", "0"], "--dim"),
        (["train", "c", "--out", "m", "--dim", "many"], "--dim"),
        (["transfer", "c", "--out", "s", "--seeds", "0"], "--seeds"),
        (["encode", "m", "a", "b"], "unexpected extra argument"),
        (["corpus", "c", "--seed", "-1"], "--seed"),
        (["train", "c", "--out", "m", "--checkpoint", "nan"], "--checkpoint"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], expected: str) -> None:
    """It names what is wrong and where help is."""
    message = fail(*arguments, code=2)
    assert expected in message
    verb = arguments[0] if arguments[0] in VERBS else ""
    assert message.endswith(f"; see sprachbund {verb} --help".replace("  ", " "))


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "nowhere", "--out", "PLACE"],
        ["transfer", "nowhere", "--out", "PLACE"],
        ["export", "nowhere", "--out", "PLACE"],
        ["index", "nowhere", "--out", "PLACE"],
        ["encode", "nowhere", "--out", "PLACE.npy"],
        ["evaluate", "nowhere", "nowhere", "--trec", "PLACE"],
        ["evaluate", "nowhere", "nowhere", "--queries", "no", "--qrels", "no", "--trec", "PLACE"],
        ["search", "nowhere", "--queries", "no", "--trec", "PLACE"],
    ],
    ids=lambda arguments: "-".join(arguments[:1] + arguments[-2:-1]),
)
def test_the_place_of_an_output_is_refused_before_anything_is_read(arguments: list[str], tmp_path: Path) -> None:
    """In the root, or two folders away: in one line, with the folder that lacks; nothing is made."""
    given = [argument.replace("PLACE", "/no-such-folder/x") for argument in arguments]
    assert fail(*given).startswith("/no-such-folder/x") and "the folder /no-such-folder does not exist" in fail(*given)
    given = [argument.replace("PLACE", str(tmp_path / "a" / "b" / "x")) for argument in arguments]
    assert f"the folder {tmp_path / 'a'} does not exist; make it first (mkdir -p)" in fail(*given)
    assert not Path("/no-such-folder").exists() and not list(tmp_path.iterdir())


def test_a_reader_that_goes_is_no_error(corpus: Path) -> None:
    """`sprachbund corpus CORPUS | head -1`: the first line, and nothing on standard error."""
    for arguments in (["corpus", str(corpus)], ["corpus", str(corpus), "--json"], ["train", "--help"]):
        writer = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert writer.stdout and writer.stderr
        writer.stdout.close()
        message = writer.stderr.read()
        writer.stderr.close()
        assert (message, writer.wait(60) in (0, 1)) == (b"", True)


def test_a_full_disk_is_one_line(corpus: Path) -> None:
    """An error of the system is told like any other."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, "corpus", str(corpus)], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"error: No space left on device\n")


@pytest.mark.parametrize("begun", ["work.json", "runs"], ids=["just begun", "workers at work"])
def test_interrupt_is_one_line_and_exit_code_130(corpus: Path, tmp_path: Path, begun: str) -> None:
    """Ctrl-C reaches the whole process group, the workers too: none of them says a word or stays.

    Args:
        begun: what lies in the study's folder when it comes.
    """
    long = ("--trials", "4", "--seeds", "3", "--set", "epochs=200")
    command = [*COMMAND, "transfer", str(corpus), "--out", str(tmp_path / "study"), *SMALL, *long]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    while not (tmp_path / "study" / begun).exists() and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    shown, message = process.communicate(timeout=300)
    assert message.decode() == "interrupted; the same command goes on from what is complete\n"
    assert (process.returncode, shown) == (130, b"")
    until = time.monotonic() + 300
    while time.monotonic() < until and _alive(process.pid):
        time.sleep(0.1)
    assert not _alive(process.pid)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
