"""Everything its own description allows, and much that it does not: schemathesis asks, the API never breaks."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from schemathesis import GenerationMode

from tests.api.conftest import make_client, make_token

pytestmark = pytest.mark.django_db
application = get_wsgi_application()  # not that of `ror.wsgi`, which at once reads words in the database of the demo
EXAMPLES = 12  # for each address, right ones and wrong ones
LABELS = (
    "GET /api/v1/etablissements/",
    "GET /api/v1/etablissements/{cle}/",
    "GET /api/v1/nomenclature/",
    "GET /api/v1/nomenclature/{systeme}/",
    "GET /api/v1/uo/{cle}/",
)
MODES = {"right": GenerationMode.POSITIVE, "wrong": GenerationMode.NEGATIVE}


@pytest.fixture
def headers(world, settings) -> dict[str, str]:
    """Of a client that may ask as much as it likes. The application runs here, on the connection of the test."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {make_token(make_client())}"}
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def schema(headers):
    found = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, headers=headers)
    # « q » or « code » is asked for, a commune or a code must exist: no schema can say so.
    found.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "400", "404"]
    return found


def test_every_address_of_the_schema_is_tried(schema):
    assert sorted(found.ok().label for found in schema.get_all_operations()) == sorted(LABELS)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", LABELS)
def test_it_does_what_it_says(schema, headers, world, label, mode):
    [operation] = [found.ok() for found in schema.get_all_operations() if found.ok().label == label]
    if mode == "wrong" and not (operation.path_parameters or operation.query):
        pytest.skip("rien à demander de travers")
    known = {"cle": world.uo.cle if "/uo/" in label else world.eg.cle, "systeme": "TRE_R211"}

    @given(case=operation.as_strategy(generation_mode=MODES[mode]))
    @hypothesis(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        response = case.call_and_validate(headers=headers)
        assert response.status_code < 500

    ask()
    if "{" in label and mode == "right":  # what is there, which chance does not find, at each level
        name = label.partition("{")[2].partition("}")[0]
        for niveau in (1, 2, 3):
            shown = {"Authorization": f"Bearer {make_token(make_client(niveau))}"}
            case = operation.Case(path_parameters={name: known[name]})
            assert case.call_and_validate(headers=shown).status_code == 200
