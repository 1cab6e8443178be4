"""Whatever the description allows, and what it does not, is answered as the description says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

EXAMPLES = 40
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
        # a schema cannot say which languages an index has, or that two fields exclude each other
        case.call_and_validate(excluded_checks=[schemathesis.checks.positive_data_acceptance])

    ask()
