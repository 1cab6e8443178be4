"""Libraries that take seconds to import: the first test that uses one does so, not whoever collects the tests."""

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Later:
    """A module by its name; a test that reaches into it where it is not installed is skipped."""

    module: str

    def __getattr__(self, name: str) -> Any:
        return getattr(pytest.importorskip(self.module), name)
