"""Requests as the service's description allows them and as it does not: each is answered as the description says."""

import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode

TOO_LARGE = 413
OPERATIONS = {
    ("POST", "/search"): True,
    ("POST", "/embed"): True,
    ("POST", "/detect"): True,
    ("POST", "/similarity"): True,
    ("POST", "/v1/embeddings"): True,
    ("GET", "/neighbours"): True,
    ("GET", "/document"): True,
    ("GET", "/map"): False,
    ("GET", "/info"): False,
    ("GET", "/health"): False,
    ("GET", "/metrics"): False,
}
"""Whether an operation takes something that could be invalid."""
CASES = [
    (method, path, mode)
    for (method, path), takes in OPERATIONS.items()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if takes or mode == GenerationMode.POSITIVE
]


def described(address: str) -> schemathesis.BaseSchema:
    """The OpenAPI of a server process."""
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def fuzz(
    description: schemathesis.BaseSchema,
    method: str,
    path: str,
    mode: GenerationMode,
    examples: int,
    start: int | None = None,
) -> int:
    """Ask so many requests of one operation; how many were asked.

    Args:
        start: the seed; None for the same requests each time.

    Raises:
        AssertionError: one made the service fail, or had another status or shape than the description has, or was
            accepted outside its schema.
    """
    operation = description[path][method]
    asked = 0

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=start is None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        response = case.call()
        # a schema cannot say which languages an index has, or that two fields exclude each other
        left_out = [schemathesis.checks.positive_data_acceptance]
        if response.status_code == TOO_LARGE:
            # a rejection as good as the others, of what is too large to be read; the check does not know it
            left_out.append(schemathesis.checks.negative_data_rejection)
        case.validate_response(response, excluded_checks=left_out)

    (ask if start is None else seed(start)(ask))()
    return asked


def fuzz_all(address: str, examples: int, start: int) -> int:
    """`fuzz` of every operation of the service at an address, as many requests in all, or some fewer; how many."""
    description = described(address)
    each = max(1, examples // len(CASES))
    return sum(fuzz(description, *case, each, start) for case in CASES)
