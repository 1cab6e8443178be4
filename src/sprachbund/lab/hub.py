"""The YAML head of a model's README, which model hubs index: languages, licence, what it was made from.

Every string is quoted, as JSON does, which is YAML too; so no parser reads a code or a name as something else (`no` is
a language, not a denial).
"""

import json
from collections.abc import Mapping, Sequence

from sprachbund.errors import LanguageError
from sprachbund.languages import find
from sprachbund.visible import visible_json

__all__ = ["front_matter", "language_tags", "licence_fields"]


def front_matter(fields: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Lines of YAML for fields that are texts or lists of texts; empty ones are left out."""
    lines = []
    for name, value in fields.items():
        if isinstance(value, str):
            lines += [f"{name}: {_quoted(value)}"] if value else []
        elif value:
            lines += [f"{name}:", *(f"- {_quoted(each)}" for each in value)]
    return lines


def language_tags(languages: Sequence[str]) -> list[str]:
    """The BCP 47 tags of languages by the corpus's codes, sorted, each once; a code that nobody knows stays."""
    return sorted({_tag(code) for code in languages})


def licence_fields(licence: str) -> dict[str, str]:
    """``license`` as a hub wants it: what its maker said, or that it follows from the text."""
    return {"license": licence} if licence else {"license": "other", "license_name": "as-the-training-text"}


def _tag(code: str) -> str:
    try:
        return find(code).bcp47
    except LanguageError:
        return code


def _quoted(text: str) -> str:
    return visible_json(json.dumps(text, ensure_ascii=False))
