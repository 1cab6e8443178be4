"""What reaches a terminal: nothing of strangers acts on it, whatever it can encode, and a reader may go at any time."""

import ast
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import COMMAND, SMALL, fail, sprachbund, succeed

from sprachbund import cli
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.passages import Document

NASTY = "\x1b]0;x\x07\x1b[31m[red]\u202eevil\u200b"
SHOWN = r"\x1b]0;x\x07\x1b[31m[red]\u202eevil\u200b"


@pytest.fixture(scope="module")
def nasty(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose source's name is full of escapes, and an index whose ids, titles and headings are.

    `ingest` takes controls out of ids; whoever adds documents from Python may leave them in.
    """
    folder = tmp_path_factory.mktemp("nasty")
    rows = [
        {
            "id": f"{NASTY}{number}",
            "lang": "gl",
            "title": f"{NASTY} title",
            "sections": [{"title": f"{NASTY} heading", "sentences": [["babebo cidofu babebo", "cidofu babebo"]]}],
        }
        for number in range(2)
    ]
    source = folder / f"{NASTY}.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    done = sprachbund("ingest", source, "--out", folder / "corpus")
    assert done.returncode == 0
    create(folder / "index", model, IndexSettings(map_points=0))
    texts = ["babebo cidofu babebo", "cidofu babebo"]
    documents = [
        Document(f"{NASTY}{number}", f"{NASTY} title", (f"{NASTY} heading",), str(number), texts, (0, 0))
        for number in range(2)
    ]
    add(folder / "index", {"gl": documents})
    return folder


def is_quiet(output: str) -> bool:
    """Whether nothing in an output acts on a terminal."""
    return not {"\x1b", "\x07", "\u202e", "\u200b", "\r", "\x9b"} & set(output)


def test_ids_titles_and_names_of_files_are_escaped(nasty: Path) -> None:
    """In tables, results, reasons, lists of many queries; square brackets are text."""
    shown = succeed("corpus", nasty / "corpus")
    assert is_quiet(shown) and SHOWN in shown.replace("\n", "")
    for arguments in (["babebo"], ["babebo", "--why"]):
        shown = succeed("search", nasty / "index", *arguments)
        assert is_quiet(shown) and f"gl:{SHOWN}0#0" in shown and "[red]" in shown
    queries = nasty / "queries"
    queries.write_text(json.dumps({"_id": f"{NASTY}q", "text": "babebo"}) + "\n")
    shown = succeed("search", nasty / "index", "--queries", queries)
    assert is_quiet(shown) and f"{SHOWN}q" in shown


def test_data_are_not_changed(nasty: Path) -> None:
    """`--json` has the very ids, escaped as JSON does it; a run on disk has them as they are."""
    shown = succeed("search", nasty / "index", "babebo", "--json")
    found = json.loads(shown)
    assert is_quiet(shown) and {row["document"] for row in found} == {f"{NASTY}0", f"{NASTY}1"}
    shown = succeed("corpus", nasty / "corpus", "--json")
    assert is_quiet(shown) and json.loads(shown)["sources"][0]["name"] == f"{NASTY}.jsonl"


def test_errors_warnings_and_usage_are_escaped(nasty: Path, model: Path) -> None:
    """Names of files, unknown verbs, settings, languages and lines of files that are quoted in a message."""
    messages = [
        fail("corpus", nasty / f"{NASTY}no"),
        fail("search", nasty / "index", "a", "--language", NASTY),
        fail("search", nasty / "index", "a", "--mode", NASTY),
        fail(NASTY, code=2),
        fail("train", nasty / "corpus", "--out", nasty / "m", "--set", f"{NASTY}=1"),
    ]
    assert all((is_quiet(message) and SHOWN.strip() in message) or "mode" in message for message in messages)
    out = nasty / f"{NASTY}.npy"
    done = sprachbund("encode", model, "--out", out, standard_input=b"\n")
    assert is_quiet(done.stdout.decode() + done.stderr.decode()) and SHOWN in done.stdout.decode()
    assert out.exists()


def test_a_progress_bar_shows_names_as_text() -> None:
    """Brackets are no markup, escapes no escapes, on a terminal itself."""
    code = (
        "from sprachbund.progress import progress\n"
        f"with progress('[red]' + {NASTY!a}, 2) as bar:\n"
        f"    bar.describe({NASTY!a} + '[/nosuch]')\n"
        "    bar.advance(1)\n"
    )
    main, other = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", code], stderr=other, env={**os.environ, "COLUMNS": "200"})
    os.close(other)
    shown = b""
    while True:
        try:
            if not (piece := os.read(main, 4096)):
                break
        except OSError:
            break
        shown += piece
    assert process.wait() == 0
    text = shown.decode()
    assert SHOWN in text and "[/nosuch]" in text
    assert "\x1b]0;" not in text and "\u202e" not in text and "\x07" not in text


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_an_output_that_cannot_encode(nasty: Path, environment: dict[str, str]) -> None:
    """Letters that it lacks are escaped; JSON stays the same value; no traceback."""
    source = nasty / "polish.jsonl"
    source.write_text(
        json.dumps(
            {
                "id": "za\u017c\u00f3\u0142\u0107\u4e2d",
                "lang": "pl",
                "title": "",
                "sections": [{"title": "", "sentences": [["ola babebo"]]}],
            }
        )
        + "\n"
    )
    env = {**os.environ, **environment}
    for verb in (
        ["ingest", str(source), "--out", str(nasty / f"c-{len(environment)}-{environment.get('PYTHONIOENCODING')}")],
        ["corpus", str(nasty / "corpus")],
        ["--help"],
    ):
        done = subprocess.run([*COMMAND, *verb], capture_output=True, env=env, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run(
        [*COMMAND, "corpus", str(nasty / "\u4e2d"), "--json"], capture_output=True, env=env, check=False
    )
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    done = subprocess.run(
        [*COMMAND, "search", str(nasty / "index"), "babebo", "--json"], capture_output=True, env=env, check=False
    )
    assert {row["document"] for row in json.loads(done.stdout.decode("ascii"))} == {f"{NASTY}0", f"{NASTY}1"}


def test_closed_streams_and_readers_that_go(nasty: Path) -> None:
    """No standard output, error or input at all, a reader that goes early, one of the errors: never a traceback."""
    search = " ".join(f"'{part}'" for part in [*COMMAND, "search", str(nasty / "index"), "babebo"])
    encode = search.replace("'search'", "'corpus'")
    for line, code in (
        (f"{search} >&-", 0),
        (f"{search} 2>&-", 0),
        (f"{search} --mode no 2>&-", 1),
        (f"{encode} nosuch <&- 2>&1", 2),
        (f"({search} --json; echo $? >&3) 3>&1 >/dev/null | head -c 0", None),
        (f"({search} --mode no; echo $? >&3) 2>&1 3>/dev/null | head -c 0", None),
    ):
        done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
        assert b"Traceback" not in done.stdout + done.stderr and b"Exception ignored" not in done.stdout + done.stderr
        assert code is None or done.returncode == code, (line, done)


def test_a_name_that_is_no_utf8(model: Path, corpus: Path, tmp_path: Path) -> None:
    """Its bytes are shown, in lines and in JSON."""
    out = os.fsdecode(os.fsencode(tmp_path) + b"/v\xff.npy")
    done = sprachbund("encode", model, "--out", out, standard_input=b"babebo\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith(f"{tmp_path}/v\\xff.npy: 1 vectors")
    done = sprachbund("encode", model, "--out", out, "--json", standard_input=b"babebo\n")
    assert json.loads(done.stdout)["vectors"] == out
    message = fail("corpus", os.fsdecode(os.fsencode(tmp_path) + b"/no\xff"))
    assert message == f"{tmp_path}/no\\xff: expected a corpus folder, found nothing"
    assert "\\xff" in fail("train", corpus, "--out", tmp_path / "m", *SMALL, "--settings", out + "x")


def test_everything_is_printed_in_one_place() -> None:
    """No verb prints by itself: what it shows goes through `cli/output.py`."""
    folder = Path(cli.__file__).parent
    for path in folder.glob("*.py"):
        if path.name in ("output.py", "__init__.py"):
            continue
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        assert not names & {"print", "Console"}, path
        echoes = [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "echo"]
        assert len(echoes) == (2 if path.name == "app.py" else 0), path  # the help and the version
