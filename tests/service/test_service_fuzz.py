"""Whatever the description allows, and what it does not, is answered as the description says."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

EXAMPLES = int(os.environ.get("SPRACHBUND_FUZZ_EXAMPLES", "40"))
TOO_LARGE = 413
OPERATIONS = {
    ("POST", "/search"): True,
    ("POST", "/embed"): True,
    ("POST", "/similarity"): True,
    ("POST", "/v1/embeddings"): True,
    ("GET", "/neighbours"): True,
    ("GET", "/map"): False,
    ("GET", "/info"): False,
    ("GET", "/health"): False,
    ("GET", "/metrics"): False,
}
"""Whether an operation takes something that could be invalid."""
CASES = [
    pytest.param(*operation, mode, id=f"{mode.value} {' '.join(operation)}")
    for operation, takes in OPERATIONS.items()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if takes or mode == GenerationMode.POSITIVE
]
BOUNDED = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def description(address: str) -> schemathesis.BaseSchema:
    """The OpenAPI of a server process."""
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_every_operation_is_fuzzed(description: schemathesis.BaseSchema) -> None:
    """The list above has what the description has."""
    found = [operation.ok() for operation in description.get_all_operations()]
    assert sorted((one.method.upper(), one.path) for one in found) == sorted(OPERATIONS)


@pytest.mark.parametrize(("method", "path", "mode"), CASES)
def test_no_request_makes_the_service_fail(
    description: schemathesis.BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    """No 5xx, statuses and shapes that the description has, and nothing outside its schema accepted."""
    operation = description[path][method]

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        response = case.call()
        # a schema cannot say which languages an index has, or that two fields exclude each other
        left_out = [schemathesis.checks.positive_data_acceptance]
        if response.status_code == TOO_LARGE:
            # a rejection as good as the others, of what is too large to be read; the check does not know it
            left_out.append(schemathesis.checks.negative_data_rejection)
        case.validate_response(response, excluded_checks=left_out)

    ask()
