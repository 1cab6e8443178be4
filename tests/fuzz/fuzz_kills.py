"""SIGKILL at random moments of every verb, with a reader at work: nothing is lost, and the end is that of no kill.

    python tests/fuzz/fuzz_kills.py --kills 1000         in rounds; killed itself, the same command goes on
    python tests/fuzz/fuzz_kills.py --verbs 'index add'  only these
    python tests/fuzz/fuzz_kills.py --verbs ingest --only 17   one round again; its folder is kept

A round is up to four kills of one verb: the first in a fresh folder, the others each where the one before was killed;
then the command once more, to its end. After each kill what was complete is still there, and is what there was before
or a step further on; a reader, which opens and asks all the while, meets nothing else.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from nursery import Nursery

__all__ = ["Round", "Stage", "run"]

KILLS_IN_A_ROUND = 4
BETWEEN: dict[str, list[Any]] = {"index": [[0, {}]]}
"""What there may be besides the state before and the last: an index is made empty, then filled."""
VERB_SHARES = {  # of the kills, in the order of work
    "ingest": 12,
    "ingest more": 12,
    "train": 8,
    "train on": 4,
    "transfer": 4,
    "index": 10,
    "index add": 10,
    "index delete": 10,
    "index merge": 10,
    "encode": 4,
    "encode to Parquet": 4,
    "export static": 4,
    "export over another": 4,
    "evaluate": 4,
}
"""In `kill_verbs` with all that they are; here without its imports."""


@dataclass(frozen=True)
class Round:
    """One round of kills of a verb. ``fault`` is empty where everything held."""

    verb: str
    seed: int
    number: int
    kills: int
    looks: int
    seconds: float
    fault: str


class Stage:
    """The folders before and after each verb, made once, and how long each verb takes."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self.nursery, self.folder = nursery, folder
        self.lengths: dict[str, float] = {}
        self.states: dict[str, tuple[Any, Any]] = {}
        self.results: dict[str, Any] = {}
        self.names: dict[str, list[str]] = {}

    def before(self, verb: str, after: tuple[str, ...]) -> Path:
        """The folder that a verb begins with."""
        key = "+".join(after) or "nothing"
        path = self.folder / key.replace(" ", "_")
        if not path.exists():
            if after:
                shutil.copytree(self.before(after[-1], after[:-1]), path, symlinks=True)
                self._done(after[-1], path)
            else:
                path.mkdir(parents=True)
                assert self.nursery.run("sources", path)[0] == 0
        return path

    def measure(self, verb: str, after: tuple[str, ...]) -> None:
        """Run a verb without a kill, twice: the second time all kernels are there."""
        before = self.before(verb, after)
        for number in range(2):
            path = self.folder / f"{verb}-{number}".replace(" ", "_")
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(before, path, symlinks=True)
            self.lengths[verb] = self._done(verb, path)
            ended = self.told(verb, path, "look"), self.told(verb, path, "result")
            if number:
                assert ended[1] == self.results[verb], f"{verb}: two runs differ\n{ended[1]}\n{self.results[verb]}"
            self.states[verb] = self.told(verb, before, "look"), ended[0]
            self.results[verb], self.names[verb] = ended[1], names(path)
            shutil.rmtree(path)

    def told(self, verb: str, path: Path, how: str) -> Any:
        """What look or result gives; an AssertionError where it raises."""
        said = self.nursery.look(verb, path, how)
        try:
            return json.loads(said.splitlines()[-1])
        except (ValueError, IndexError):
            raise AssertionError(f"{how}: {said}") from None

    def _done(self, verb: str, path: Path) -> float:
        code, took, said = self.nursery.run(verb, path)
        assert code == 0, f"{verb} ends with {code}: {said}"
        return took


def names(folder: Path) -> list[str]:
    """All files of a folder, hidden ones too, without what is named after its content or by chance."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def one_round(
    stage: Stage, verb: str, after: tuple[str, ...], seed: int, number: int, kept: Path | None = None
) -> Round:
    """Kill a verb a few times, then let it end."""
    r = Random(f"{seed} {verb} {number}")
    home = Path(tempfile.mkdtemp(prefix="kills-", dir=stage.folder))
    folder = home / "folder"
    shutil.copytree(stage.before(verb, after), folder, symlinks=True)
    (home / "current").write_text(str(folder))
    stage.nursery.begin_reading(verb, home / "current")
    kills, fault, took = 0, "", 0.0
    before, end = stage.states[verb]
    moments = []
    try:
        state = before
        for _ in range(KILLS_IN_A_ROUND):
            moments.append(round(r.uniform(0, 1) * stage.lengths[verb], 4))
            code, took, said = stage.nursery.run(verb, folder, moments[-1])
            assert code in (0, -signal.SIGKILL), f"ends with {code} where another was killed: {said}"
            kills += code == -signal.SIGKILL
            now = stage.told(verb, folder, "look")
            assert further(state, now, [*BETWEEN.get(verb, []), end]), (
                f"after a kill at {moments}: {state} has become {now}; the end is {end}"
            )
            state = now
            if code == 0:
                stage.lengths[verb] = 0.7 * stage.lengths[verb] + 0.3 * took
                break
        code, took, said = stage.nursery.run(verb, folder)
        assert code == 0, f"given again after kills at {moments} it ends with {code}: {said}"
        assert "Traceback" not in said, said
        result = stage.told(verb, folder, "result")
        assert result == stage.results[verb], (
            f"another result after kills at {moments}: {difference(result, stage.results[verb])}"
        )
        left = sorted(set(names(folder)) - set(stage.names[verb]))
        gone = sorted(set(stage.names[verb]) - set(names(folder)))
        assert not left and not gone, f"left after kills at {moments}: {left[:8]}; missing: {gone[:8]}"
        stage.lengths[verb] = max(stage.lengths[verb], 0.5 * took)
    except AssertionError as error:
        fault = str(error)[-3_000:]
    stage.nursery.stop_reading()
    looks = (home / "looks").stat().st_size if (home / "looks").exists() else 0
    said = (home / "reader.txt").read_text(errors="replace") if (home / "reader.txt").exists() else ""
    if "Traceback" in said:
        fault = f"{fault}\na reader at kills at {moments}: {said[-3_000:]}".strip()
    if fault and kept is not None:
        shutil.copytree(home, kept, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    return Round(verb, seed, number, kills, looks, took, fault)


def further(before: Any, now: Any, steps: list[Any]) -> bool:
    """Whether a state is the one before or a later step, or between: of things that come one by one none is lost."""
    later = steps[steps.index(before) :] if before in steps else steps
    if now == before or now in later:
        return True
    end = steps[-1]
    return isinstance(end, list) and all(isinstance(one, str) for one in now) and set(before) <= set(now) <= set(end)


def difference(one: Any, other: Any) -> str:
    """The names under which two results differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return ", ".join(
            f"{k}: {difference(one.get(k), other.get(k))}" for k in one | other if one.get(k) != other.get(k)
        )
    return f"{str(one)[:200]} and {str(other)[:200]}"


def run(kills: int, seed: int, verbs: list[str], ledger: Path, folder: Path) -> list[Round]:
    """Rounds until every verb has its share of the kills; those of the ledger are not done again."""
    ledger.parent.mkdir(parents=True, exist_ok=True)
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    done = [one for one in (Round(**json.loads(line)) for line in lines) if one.seed == seed]
    nursery = Nursery()
    stage = Stage(nursery, folder)
    total = sum(VERB_SHARES[verb] for verb in verbs)
    try:
        for verb in verbs:
            wanted = -(-kills * VERB_SHARES[verb] // total)
            mine = [one for one in done if one.verb == verb]
            if sum(one.kills for one in mine) >= wanted:
                continue
            after = tuple(nursery.after(verb))
            stage.measure(verb, after)
            while sum(one.kills for one in mine) < wanted:
                number = len(mine)
                one = one_round(
                    stage, verb, after, seed, number, ledger.with_name(f"kills-{verb}-{number}".replace(" ", "_"))
                )
                mine.append(one)
                done.append(one)
                with ledger.open("a") as handle:
                    handle.write(json.dumps(asdict(one)) + "\n")
                if one.fault:
                    print(f"FAULT {verb} seed {seed} round {number}: {one.fault}", flush=True)
    finally:
        nursery.close()
    return done


def print_table(rounds: list[Round]) -> None:
    """In Markdown, as the log has it."""
    print("| verb | kills | rounds | failures | looks of a reader |\n|---|---|---|---|---|")
    for verb in VERB_SHARES:
        mine = [one for one in rounds if one.verb == verb]
        if mine:
            kills, looks = sum(one.kills for one in mine), sum(one.looks for one in mine)
            print(f"| {verb} | {kills:,} | {len(mine)} | {sum(bool(one.fault) for one in mine)} | {looks:,} |")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbs", default=",".join(VERB_SHARES))
    parser.add_argument("--only", type=int, help="a round")
    parser.add_argument(
        "--save", type=Path, default=Path("build/fuzz"), help="the ledger, and folders of rounds that failed"
    )
    given = parser.parse_args()
    verbs = given.verbs.split(",")
    with tempfile.TemporaryDirectory(prefix="fuzz-kills-") as folder:
        if given.only is not None:
            nursery = Nursery()
            stage = Stage(nursery, Path(folder))
            after = tuple(nursery.after(verbs[0]))
            stage.measure(verbs[0], after)
            rounds = [one_round(stage, verbs[0], after, given.seed, given.only, given.save / "again")]
            print(rounds[0].fault)
            nursery.close()
        else:
            rounds = run(given.kills, given.seed, verbs, given.save / "kills.jsonl", Path(folder))
    print_table(rounds)
    return int(any(one.fault for one in rounds))


if __name__ == "__main__":
    sys.exit(main())
