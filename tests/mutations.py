"""Damage for folders of ours, by a seed: what bad disks do, and what somebody does who can make the hashes right.

    for damage in mutations(folder, seed, 100):
        with damage.applied(folder):    # the folder is as it was afterwards
            ...

The folder is any that has manifests (``*.json`` with ``kind`` and ``files``), or none: plain files are damaged too.
"""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file, save_file

from sprachbund.files import sealed, sha256_file

__all__ = ["Damage", "kept", "mutations", "seal_all"]

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 10**30, -(2**63), 1e308, "", "x", "../../etc/passwd", "\ufffd\0", [], {}, [[]], {"a": {}},
)  # fmt: skip
"""Values in the place of others."""
DEEP = 100_000


@dataclass(frozen=True)
class Damage:
    """A damage: what it does, and to which file.

    Attributes:
        name: says it all, for the message of a test. file: relative to the folder. sealed: whether the manifests are
            written again, so that every hash is right.
    """

    name: str
    file: str
    sealed: bool
    _do: Callable[[Path], None]

    @contextmanager
    def applied(self, folder: Path) -> Iterator[None]:
        """Damage the folder while the body runs."""
        with kept(folder):
            self._do(folder / self.file)
            if self.sealed:
                seal_all(folder)
            yield


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """The folder is afterwards as it was, whatever the body makes of it."""
    backup = folder.with_name(f"{folder.name}.whole")
    shutil.copytree(folder, backup, symlinks=True)
    try:
        yield
    finally:
        shutil.rmtree(folder)
        backup.rename(folder)


def mutations(folder: Path, seed: int, count: int) -> Iterator[Damage]:
    """So many damages of a folder, the same for a seed: every kind of file, every way that fits it."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    chance = random.Random(seed)
    for number in range(count):
        file = files[number % len(files)] if number < len(files) else chance.choice(files)
        ways = [*ANY, *(way for ending, found in WAYS.items() if file.endswith(ending) for way in found)]
        # what knows the format is likelier than blind damage
        way = chance.choice(ways[len(ANY) :] if len(ways) > len(ANY) and chance.random() < 0.6 else ways)
        again = chance.random() < 0.5
        own = chance.randrange(1 << 30)
        name = f"{number}: {way.__name__.strip('_')} of {file} (seed {own}{', sealed' if again else ''})"
        yield Damage(name, file, again, _bound(way, own))


def _bound(way: Callable[[Path, random.Random], None], seed: int) -> Callable[[Path], None]:
    def do(path: Path) -> None:
        try:
            way(path, random.Random(seed))
        except (OSError, ValueError, TypeError, LookupError, OverflowError, RecursionError, pl.exceptions.PolarsError):
            if path.is_file():  # not every value fits every column, nor every file the format of its name
                _bit_flip(path, random.Random(seed))

    return do


def seal_all(folder: Path) -> None:
    """Make every hash right again, the innermost manifests first."""
    # what is no regular file might never end
    paths = sorted((path for path in folder.rglob("*.json") if path.is_file()), key=lambda path: -len(path.parts))
    for path in paths:
        with suppress(OSError, ValueError, RecursionError):
            said = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(said, dict) or "kind" not in said:
                continue
            with suppress(AttributeError, TypeError):
                for name in said.get("files", {}):
                    if (path.parent / name).is_file():
                        said["files"][name] = sha256_file(path.parent / name)
                for name in said.get("hashes", {}):  # of the manifests that an index names
                    if (path.parent / name).is_file():
                        said["hashes"][name] = sha256_file(path.parent / name)
                for name in said.get("bytes", {}):
                    if (path.parent / name).is_file():
                        said["bytes"][name] = (path.parent / name).stat().st_size
            path.write_text(json.dumps(sealed(said)), encoding="utf-8")


# ---- any file


def _bit_flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def _garbage(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(path.stat().st_size))


def _truncation(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(max(1, path.stat().st_size)))


def _extension(path: Path, chance: random.Random) -> None:
    with path.open("ab") as handle:
        handle.write(chance.randbytes(chance.randrange(1, 5_000)))


def _emptying(path: Path, chance: random.Random) -> None:
    path.write_bytes(b"")


def _swap(path: Path, chance: random.Random) -> None:
    """With a neighbour of the same kind, where there is one."""
    others = sorted(other for other in path.parent.rglob(f"*{path.suffix}") if other.is_file() and other != path)
    if others:
        other = chance.choice(others)
        one, two = path.read_bytes(), other.read_bytes()
        path.write_bytes(two)
        other.write_bytes(one)


def _folder_instead(path: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


def _missing(path: Path, chance: random.Random) -> None:
    path.unlink()


def _link(path: Path, chance: random.Random) -> None:
    """To nothing, to itself, to a device that never ends, to its own folder."""
    path.unlink()
    path.symlink_to(chance.choice(["/nowhere", path.name, "/dev/zero", "."]))


def _pipe(path: Path, chance: random.Random) -> None:
    """Nobody ever writes into it."""
    path.unlink()
    os.mkfifo(path)


ANY = (_bit_flip, _garbage, _truncation, _extension, _emptying, _swap, _folder_instead, _missing, _link, _pipe)


# ---- JSON


def _change_json(path: Path, chance: random.Random) -> None:
    """A value becomes another, or goes; anywhere in the tree, near the root more often."""
    value = json.loads(path.read_text(encoding="utf-8"))
    place, key = value, None
    while isinstance(place, (dict, list)) and place:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or chance.random() < 0.4:
            break
        place = inner
    if key is None:
        value = chance.choice(ODD)
    elif chance.random() < 0.3:
        del place[key]
    else:
        place[key] = chance.choice(ODD)
    path.write_text(json.dumps(value), encoding="utf-8")


def _deep_json(path: Path, chance: random.Random) -> None:
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}")])
    path.write_text(opening * DEEP + ("0" if opening != "[" else "") + closing * DEEP, encoding="utf-8")


def _no_json(path: Path, chance: random.Random) -> None:
    path.write_text(chance.choice(["", "null", "[]", "{}", "NaN", "1e999", '{"kind": NaN}', '"\\ud800"', "\x00"]))


def _change_line(path: Path, chance: random.Random) -> None:
    """One line of JSON Lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    number = chance.randrange(len(lines))
    said = json.loads(lines[number])
    key = chance.choice(sorted(said))
    if chance.random() < 0.3:
        del said[key]
    else:
        said[key] = chance.choice(ODD)
    lines[number] = (
        chance.choice([json.dumps(said), "{", "[]", "", "null"]) if chance.random() < 0.3 else json.dumps(said)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# ---- arrays


def _values(path: Path, chance: random.Random) -> None:
    """Numbers out of every range, some or all."""
    array = np.array(np.load(path))
    if not array.size:
        return
    flat = array.reshape(-1)
    info = np.iinfo(array.dtype) if array.dtype.kind in "iu" else None
    odd = [0, 1, -1, 7] if info is None else [int(info.min), int(info.max), 0, len(flat), min(int(info.max), 2**31 - 1)]
    part = slice(None) if chance.random() < 0.4 else slice(chance.randrange(len(flat)), None, chance.randrange(1, 9))
    with np.errstate(all="ignore"):
        flat[part] = np.array(odd[chance.randrange(len(odd))]).astype(array.dtype)
    np.save(path, flat.reshape(array.shape))


def _shuffled(path: Path, chance: random.Random) -> None:
    array = np.array(np.load(path))
    np.random.default_rng(chance.randrange(1 << 30)).shuffle(array)
    np.save(path, array)


def _random_values(path: Path, chance: random.Random) -> None:
    array = np.load(path)
    raw = np.random.default_rng(chance.randrange(1 << 30)).bytes(array.nbytes)
    made = np.frombuffer(raw, np.uint8) & 1 if array.dtype == bool else np.frombuffer(raw, array.dtype)
    np.save(path, made.astype(array.dtype).reshape(array.shape))


def _other_type(path: Path, chance: random.Random) -> None:
    array = np.load(path)
    with np.errstate(all="ignore"):
        np.save(path, array.astype(chance.choice(["<f8", "<i8", "<i4", "<u1", ">i4", "<U3", "<c16", "<M8[s]"])))


def _other_shape(path: Path, chance: random.Random) -> None:
    array = np.load(path)
    made = [
        array[:0],
        array[:-1],
        np.concatenate((array, array)),
        array[None],
        array.reshape(-1),
        np.array(0, array.dtype),
    ]
    np.save(path, chance.choice(made))


def _array_header(path: Path, chance: random.Random) -> None:
    """A header that claims what is not there, or is code."""
    said = chance.choice(
        [
            "{'descr': '<i4', 'fortran_order': False, 'shape': (10**12,), }",
            "{'descr': '<i4', 'fortran_order': False, 'shape': (-5,), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
            "{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999,), }",
            "(" * 5_000,
            "__import__('os').abort()",
        ]
    )
    header = said.encode().ljust(118) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + (len(header) & 0xFFFF).to_bytes(2, "little") + header + bytes(64))


# ---- safetensors


def _tensor_values(path: Path, chance: random.Random) -> None:
    tensors = {name: np.array(tensor) for name, tensor in load_file(path).items()}
    name = chance.choice(sorted(tensors))
    tensors[name].reshape(-1)[:: chance.randrange(1, 5)] = chance.choice([np.nan, np.inf, -np.inf, 3e38])
    save_file(tensors, path)


def _other_tensors(path: Path, chance: random.Random) -> None:
    tensors = {name: np.array(tensor) for name, tensor in load_file(path).items()}
    name = chance.choice(sorted(tensors))
    old = tensors.pop(name)
    made = [
        old.astype(np.float16),
        old.astype(np.float64),
        old[:-1],
        old[..., :-1] if old.ndim > 1 else old[None],
        None,
    ]
    new = chance.choice(made)
    if new is not None:
        tensors[chance.choice([name, name, "other"])] = np.ascontiguousarray(new)
    save_file(tensors, path)


def _tensor_header(path: Path, chance: random.Random) -> None:
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    said = json.loads(data[8 : 8 + size])
    name = chance.choice([key for key in said if key != "__metadata__"])
    entry = said[name]
    key = chance.choice(["dtype", "shape", "data_offsets"])
    entry[key] = chance.choice([[-4, 4], [0, 2**62], [8, 4], "F64", "I32", [2**40, 2**40], [], "x", None, {"a": 1}])
    header = chance.choice([json.dumps(said).encode(), b"[" * 5_000, b"null", b""])
    length = chance.choice([len(header), len(header), 2**63, 2**40, 0])
    path.write_bytes(length.to_bytes(8, "little") + header + data[8 + size :])


# ---- Parquet


def _other_table(path: Path, chance: random.Random) -> None:
    """A column goes, is of another type, has nulls, has odd values; rows go or come twice."""
    frame = pl.read_parquet(path)
    column = chance.choice(frame.columns)
    kind = frame.schema[column]
    text = ["", "\0"]
    odd = [float("nan"), float("inf"), -1e308] if kind.is_float() else [-1, 2**31 - 1] if kind.is_numeric() else text
    other = pl.col(column).cast(pl.String) if kind.is_numeric() else pl.lit(5)
    value = pl.lit(chance.choice(odd)).cast(kind, strict=False)
    some = pl.int_range(pl.len()) % chance.randrange(1, 5) == 0
    made = [
        lambda: frame.drop(column),
        lambda: frame.with_columns(other.alias(column)),
        lambda: frame.with_columns(pl.when(some).then(None).otherwise(pl.col(column)).alias(column)),
        lambda: frame.with_columns(pl.when(some).then(value).otherwise(pl.col(column)).alias(column)),
        lambda: frame.head(frame.height // 2),
        lambda: pl.concat([frame, frame]),
        lambda: frame.clear(),
        lambda: frame.reverse(),
        lambda: frame.rename({column: "other"}),
        lambda: frame.with_columns(pl.lit([1, 2]).alias(column)),
        lambda: pl.DataFrame(),
    ]  # fmt: skip
    chance.choice(made)().write_parquet(path)


# ---- TOML


def _other_toml(path: Path, chance: random.Random) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    number = chance.randrange(len(lines))
    value = chance.choice(["-1", "nan", "[]", "{}", "true", "1979-05-27", "[[1]]"])
    changed = [*lines[:number], f"{lines[number].partition('=')[0]}= {value}", *lines[number + 1 :]]
    whole = ["a = " + "[" * 5_000, "study = 3", "study = []\nnotes = 1"]
    path.write_text(chance.choice(["\n".join(lines[:number]), "\n".join(changed), *whole]))


WAYS: dict[str, tuple[Callable[[Path, random.Random], None], ...]] = {
    ".json": (_change_json, _change_json, _change_json, _deep_json, _no_json),
    ".jsonl": (_change_line, _change_line),
    ".npy": (_values, _values, _random_values, _shuffled, _other_type, _other_shape, _array_header),
    ".safetensors": (_tensor_values, _other_tensors, _tensor_header),
    ".parquet": (_other_table, _other_table),
    ".toml": (_other_toml,),
}
