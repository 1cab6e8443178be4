"""Where numba keeps compiled kernels: a place that can be written, or none.

numba writes them beside the source, else into the user's cache folder, and where it can write to neither it refuses to
define the function: a person without a home, with a package that belongs to root, could not start at all. Then they go
into a folder of this user alone in the temporary folder, since what is read from there is run; and where nothing can be
written they stay in memory, which costs the seconds of compiling at every start.
"""

import atexit
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOMS = (
    "cognates",
    "lab",
    "lm",
    "lm/ngram",
    "ngrams",
    "retrieval/encoder",
    "retrieval/ranking",
    "search",
    "simulation",
    "speech/recogniser",
    "statistics",
    "vectors",
)
"""The folders with kernels."""
VARIABLE = "NUMBA_CACHE_DIR"


def prepare_cache(package: Path = PACKAGE) -> None:
    """See that numba can keep kernels, before the first is defined; sets ``NUMBA_CACHE_DIR`` where that is needed."""
    given = os.environ.get(VARIABLE)
    if given and can_write(Path(given)):
        return
    # with a folder given that cannot be written numba goes on with the other places, as without one
    if all(_beside(package / room) for room in ROOMS):
        return
    home = user_folder()
    if home is not None and can_write(home):
        return
    own = temporary_folder()
    if own is None:
        _keep_in_memory()
        return
    os.environ[VARIABLE] = str(own)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(own)


def can_write(folder: Path) -> bool:
    """Whether files can be written into a folder, which is made where it lacks: what numba itself tries."""
    if not folder.is_absolute():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _beside(room: Path) -> bool:
    """Whether kernels can be written beside their source; asked, not tried, for it is so nearly always."""
    cache = room / "__pycache__"
    return os.access(cache if cache.exists() else room, os.W_OK | os.X_OK)


def user_folder() -> Path | None:
    """The folder of the user that numba writes to where it cannot write beside the source; None without a home."""
    if sys.platform != "darwin" and (cache := os.environ.get("XDG_CACHE_HOME")):
        return Path(cache) / "numba"
    try:
        home = Path.home()
    except RuntimeError:  # no HOME, and no such user: numba would make a folder that is called ~
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "numba"


def temporary_folder() -> Path | None:
    """A folder for this user alone, the same at every start; one for this process where somebody else has its name."""
    for parent in _temporary_places():
        folder = parent / f"sprachbund-kernels-{os.geteuid()}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            pass
        except OSError:
            continue
        if is_private(folder) and can_write(folder):
            return folder
        try:
            folder = Path(tempfile.mkdtemp(prefix="sprachbund-kernels-", dir=parent))
        except OSError:
            continue
        atexit.register(_remove, folder, os.getpid())
        return folder
    return None


def _temporary_places() -> list[Path]:
    try:
        return [Path(tempfile.gettempdir()), Path("/dev/shm")]
    except FileNotFoundError:  # a container without any folder that can be written still has this one
        return [Path("/dev/shm")]


def is_private(folder: Path) -> bool:
    """Whether a folder is no link, belongs to this user, and nobody else may write or read it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not in a child that was forked
        shutil.rmtree(folder, ignore_errors=True)


def _keep_in_memory() -> None:
    from numba.core.dispatcher import Dispatcher

    setattr(Dispatcher, "enable_caching", lambda self: None)  # noqa: B010
