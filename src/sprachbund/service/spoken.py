"""The languages that a caller names: by code or name, in any case, against those of the index."""

from collections.abc import Sequence

from sprachbund import languages
from sprachbund.errors import LanguageError
from sprachbund.service.problems import Problem


def among(asked: Sequence[str], have: tuple[str, ...], param: str) -> tuple[str, ...]:
    """The codes of languages of an index.

    Args:
        asked: codes or names. have: codes of the index. param: the field that they came in.

    Raises:
        Problem: the index lacks one.
    """
    try:
        return tuple(languages.among(asked, have, "this index"))
    except LanguageError as error:
        raise Problem(422, str(error), param) from None


def known(code: str, param: str = "language") -> str:
    """The code of any language, named by code or name; empty for an empty one.

    Args:
        param: the field that it came in.

    Raises:
        Problem: nobody knows it.
    """
    try:
        return languages.spoken(code) if code else ""
    except LanguageError as error:  # about the code alone: it knows nothing of this machine
        raise Problem(422, f"{param}: {error}", param) from None
