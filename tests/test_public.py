"""The front door: what `sprachbund` offers, and how little it loads until it is used."""

import pkgutil
import subprocess
import sys

import pytest

import sprachbund


def test_every_public_name_is_there() -> None:
    """`from sprachbund import ...` gives classes with their methods, settings and the verbs."""
    from sprachbund import Corpus, Encoder, Vocabulary, change, evaluate, index, ingest, preset, train, transfer

    assert set(sprachbund.__all__) == set(sprachbund._PLACES)
    assert all(getattr(sprachbund, name).__doc__ for name in sprachbund.__all__)
    assert callable(Corpus.open) and callable(Encoder.load) and callable(Encoder.encode) and callable(Vocabulary.load)
    verbs = (evaluate, index, ingest, train, transfer)
    assert [verb.__name__ for verb in verbs] == ["evaluate", "index_sources", "ingest", "train", "transfer"]
    assert change(preset("best"), dim=128).encoder.dim == 128 and isinstance(preset("paper"), sprachbund.Settings)


def test_no_public_name_is_a_rooms() -> None:
    """A room that is imported becomes an attribute of the package, and would hide a function of that name."""
    rooms = {module.name for module in pkgutil.iter_modules(sprachbund.__path__)}
    assert not rooms & set(sprachbund.__all__)


def test_other_names_are_no_attributes() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = sprachbund.nonsense


def test_import_is_light() -> None:
    """No kernel compiler, no table library and no torch before they are asked for."""
    code = (
        "import sys, sprachbund\n"
        "print(sorted({'numba', 'polars', 'torch', 'typer', 'rich'} & set(sys.modules)))\n"
        "sprachbund.Corpus\n"
        "print('polars' in sys.modules, 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True False"]


def test_training_needs_no_torch() -> None:
    """The linear encoder trains and serves on numpy and numba."""
    code = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from sprachbund import Encoder, evaluate, train, transfer\n"
        "print('torch' in sys.modules and sys.modules['torch'] is None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
