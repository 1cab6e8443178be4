"""Whatever the description allows, and what it does not, is answered as the description says."""

import json
import os
import random
from typing import Any

import httpx
import pytest
import schemathesis
from fuzzing import CASES, OPERATIONS, described, fuzz
from schemathesis import GenerationMode
from talking import PATIENCE

EXAMPLES = int(os.environ.get("SPRACHBUND_FUZZ_EXAMPLES", "40"))
PIECES = (
    b"\\ud83d", b"null", b"NaN", b"1e999", b"-0", b"[[[", b"{}", b'""', b"\\u0000", b"\xff", b"\xed\xa0\x80"
)  # fmt: skip


@pytest.fixture(scope="module")
def description(address: str) -> schemathesis.BaseSchema:
    """The OpenAPI of a server process."""
    return described(address)


def test_every_operation_is_fuzzed(description: schemathesis.BaseSchema) -> None:
    """The list of operations has what the description has."""
    found = [operation.ok() for operation in description.get_all_operations()]
    assert sorted((one.method.upper(), one.path) for one in found) == sorted(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "mode"), CASES, ids=[f"{mode.value} {method} {path}" for method, path, mode in CASES]
)
def test_no_request_makes_the_service_fail(
    description: schemathesis.BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    """No 5xx, statuses and shapes that the description has, and nothing outside its schema accepted."""
    assert fuzz(description, method, path, mode, EXAMPLES) > 0


def damaged(body: bytes, chance: random.Random) -> bytes:
    """A body with some of its bytes changed, taken out, doubled or cut off."""
    found = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(5):
            case 0:
                found[at:at] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.randint(1, 3)]
            case 2:
                found[at:at] = chance.choice(
                    [
                        b"\\ud83d",
                        b"null",
                        b"NaN",
                        b"1e999",
                        b"-0",
                        b"[[[",
                        b"{}",
                        b'""',
                        b"\\u0000",
                        b"\xff",
                        b"\xed\xa0\x80",
                    ]
                )
            case 3:
                found[at:at] = found[at : at + 8]
            case _:
                del found[at:]
    return bytes(found)


def test_damaged_bodies_are_told_what_is_wrong(address: str) -> None:
    """Bytes of good bodies changed by a seed: 200 or 422 in the shape of all errors, never a failure."""
    chance = random.Random(10)
    bodies: list[tuple[str, Any]] = [
        ("/search", {"query": "rivière 河川 \U0001f600", "k": 3, "languages": ["en"], "why": True, "mode": "rrf"}),
        ("/search", {"query": '"a b" -c* title:「d」 x:y', "where": {"a": "b"}, "since": "2020", "group": True}),
        ("/embed", {"texts": ["a", "河川"], "language": "zh"}),
        ("/detect", {"texts": ["a", "河川", "ein Satz \u0301"]}),
        ("/similarity", {"pairs": [["a", "b"]], "left": None}),
        ("/v1/embeddings", {"input": ["a", "b"], "model": "m", "encoding_format": "base64", "user": None}),
    ]
    with httpx.Client(base_url=address, headers={"content-type": "application/json"}, timeout=PATIENCE) as client:
        for number in range(10 * EXAMPLES):
            path, body = bodies[number % len(bodies)]
            content = damaged(json.dumps(body, ensure_ascii=number % 2 == 0).encode(), chance)
            answer = client.post(path, content=content)
            assert answer.status_code in (200, 422), (content, answer.text)
            if answer.status_code == 422:
                message = answer.json()["error"]["message"]
                assert message and "\n" not in message
