"""What was wanted against what was written, sign by sign, as one short text: ``==s=d=i``.

=  the same      s  another one in its place (substitution)      d  left out (deletion)      i  put in (insertion)
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

__all__ = ["DELETED", "EDITS", "INSERTED", "SAME", "SUBSTITUTED", "confusions", "fits", "runs"]

SAME, SUBSTITUTED, DELETED, INSERTED = EDITS = ("=", "s", "d", "i")


def fits(reference: str, hypothesis: str, edits: str) -> bool:
    """Whether edits lead from one text to the other."""
    if set(edits) - set(EDITS):
        return False
    inserted, deleted = edits.count(INSERTED), edits.count(DELETED)
    if (len(edits) - inserted, len(edits) - deleted) != (len(reference), len(hypothesis)):
        return False
    return all((edit == SAME) == (one == other) for edit, one, other in _columns(reference, hypothesis, edits))


def _columns(reference: str, hypothesis: str, edits: str) -> Iterator[tuple[str, str, str]]:
    wanted, written = iter(reference), iter(hypothesis)
    for edit in edits:
        yield edit, "" if edit == INSERTED else next(wanted), "" if edit == DELETED else next(written)


def runs(reference: str, hypothesis: str, edits: str) -> Iterator[tuple[str, str, str]]:
    """(edit, wanted, written) of every run of the same edit."""
    for edit, columns in groupby(_columns(reference, hypothesis, edits), key=lambda column: column[0]):
        _, wanted, written = zip(*columns, strict=True)
        yield edit, "".join(wanted), "".join(written)


def confusions(reference: str, hypothesis: str, edits: str) -> Counter[tuple[str, str]]:
    """How often each sign was written as another; "" stands for none, on either side."""
    return Counter(
        (wanted, written) for edit, wanted, written in _columns(reference, hypothesis, edits) if edit != SAME
    )
