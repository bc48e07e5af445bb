"""Functions in the local server run as in Lambda, with the local AWS, and are loaded again after an edit."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug import exceptions

from local import aws_endpoint, environment, gateway_responses, limits, runner
from local.stack import Function
from local.worker import GatewayTimeout
from tests.e2e.server import LocalServer

OUR_FAULT = {"error": "Our fault."}


def ask(server: LocalServer, do: str, path: str = "/probe", **parameters: object) -> requests.Response:
    return requests.get(f"{server.url}{path}", params={"do": do, **parameters})


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("fail", "ProbeFunction raised ValueError"),
        ("leave", "ProbeFunction ended with exit code 3"),
        ("vanish", "ProbeFunction ended with exit code 4"),
        ("be_killed", "ProbeFunction was ended by SIGSEGV"),
        ("give_an_object", "ProbeFunction raised TypeError"),
        ("give_a_surrogate", "ProbeFunction raised TypeError"),
        ("give_no_answer", "An answer that API Gateway does not take"),
        ("no_such_thing", "ProbeFunction raised KeyError"),
    ],
)
def test_a_failing_function_is_a_502_and_the_next_request_is_served(
    small_server: LocalServer, do: str, said: str
) -> None:
    answer = ask(small_server, do)
    assert (answer.status_code, answer.json()) == (502, OUR_FAULT)
    assert ask(small_server, "show_event").status_code == 200
    small_server.wait_until(lambda: said in small_server.log())


@pytest.mark.parametrize("do", ["hang", "hang_deaf"])
def test_a_timeout_is_a_502_and_the_next_request_is_served(small_server: LocalServer, do: str) -> None:
    answer = ask(small_server, do, "/hasty")
    assert (answer.status_code, answer.json()) == (502, OUR_FAULT)
    assert ask(small_server, "show_event", "/hasty").status_code == 200
    small_server.wait_until(lambda: "HastyFunction timed out after 2 seconds" in small_server.log())


@pytest.fixture
def run(small_api: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Runs a function of `small_api` in up to two processes."""
    monkeypatch.setattr(runner, "WORKERS_AT_MOST", 2)
    function = Function("Probe", small_api / "functions" / "probe", "app.handler", "python3.13", 20, 128, {})
    library = small_api / "shared"
    made = runner.Runner(
        [function], library, partial(environment.variables, aws_endpoint.environment("http://x"), library)
    )

    def invoke(do: str, seconds: float = 60, **parameters: object) -> Any:
        event = {"queryStringParameters": {"do": do, **parameters}}
        return json.loads(json.loads(made.invoke("Probe", json.dumps(event).encode(), seconds))["body"])

    yield invoke
    made.close()


def test_the_gateway_does_not_wait_for_ever(run: Callable[..., Any]) -> None:
    with ThreadPoolExecutor(3) as pool:
        # Two requests occupy both workers, one waits.
        waiting = [pool.submit(run, "hang", 0.5) for _ in range(3)]
        assert {type(each.exception()) for each in waiting} == {GatewayTimeout}
    answer = gateway_responses.answer({}, exceptions.GatewayTimeout(), "1f")
    assert (answer.status_code, answer.get_json()) == (504, {"message": "Endpoint request timed out"})


def test_an_answer_of_6_mb_and_no_more(small_server: LocalServer) -> None:
    # {"statusCode":200,"body":"…"} takes 28 bytes, each pair three.
    assert ask(small_server, "give_many", pairs=(limits.RESPONSE - 28) // 3).status_code == 200
    assert ask(small_server, "give_many", pairs=(limits.RESPONSE - 28) // 3 + 1).status_code == 502
    small_server.wait_until(lambda: "ProbeFunction answered" in small_server.log())


def test_the_context(small_server: LocalServer) -> None:
    first, second = (ask(small_server, "show_context").json() for _ in range(2))
    assert first["aws_request_id"] != second["aws_request_id"]
    assert first["function_name"] == "ProbeFunction"
    assert first["function_version"] == "$LATEST"
    assert first["memory_limit_in_mb"] == "256"
    assert first["invoked_function_arn"] == "arn:aws:lambda:us-east-1:123456789012:function:ProbeFunction"
    assert 0 < first["left"] < 25_000


def test_the_environment(small_server: LocalServer, small_api: Path) -> None:
    process = ask(small_server, "show_process").json()
    environment = process["environment"]
    assert environment["ANSWER"] == "42"
    assert environment["COLOUR"] == "blue"  # given to the server
    assert environment["FLAG"] == "true"
    assert (environment["TZ"], environment["LANG"]) == (":UTC", "C.UTF-8")
    assert environment["TABLE"] == "Table"
    assert environment["GOT"] == "arn:aws:dynamodb:us-east-1:123456789012:table/Table"
    assert environment["SUBSTITUTED"] == f"arn:aws:s3:::{environment['BUCKET']}/*"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "ProbeFunction"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_ENDPOINT_URL"] == small_server.facts["aws_endpoint_url"]
    assert process["directory"] == environment["LAMBDA_TASK_ROOT"] == str(small_api / "functions" / "probe")
    assert process["path"][:2] == [str(small_api / "functions" / "probe"), str(small_api / "shared")]
    # The server's own environment is not passed on.
    assert "MY_SECRET" not in environment
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "local"


def test_output_is_shown_without_metrics(small_server: LocalServer) -> None:
    ask(small_server, "write_output")
    ask(small_server, "fail")  # its traceback follows
    for text in ("something to read", "something from stderr", "ProbeFunction raised ValueError"):
        small_server.wait_until(lambda text=text: text in small_server.log())
    assert "CloudWatchMetrics" not in small_server.log()


def test_requests_run_side_by_side_each_in_a_process_of_its_own(small_server: LocalServer, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(small_server, "meet", directory=tmp_path, guests=4), range(4)))
    assert len({answer.json() for answer in answers}) == 4


def test_more_requests_than_workers_wait_their_turn(run: Callable[..., Any], tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        processes = set(pool.map(lambda _: run("meet", directory=str(tmp_path), guests=1), range(8)))
    assert 1 <= len(processes) <= 2


def test_dynamodb_counts_exactly(small_server: LocalServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: ask(small_server, "count").json(), range(100)))
    assert sorted(counts) == list(range(1, 101))


def test_a_presigned_url_leads_the_client_to_s3(small_server: LocalServer) -> None:
    answer = ask(small_server, "store")
    assert (answer.history[0].status_code, answer.status_code, answer.content) == (303, 200, b"stored")
    assert answer.headers["Content-Type"] == "application/dicom"


def test_what_cloudformation_would_have_made(small_server: LocalServer) -> None:
    made = ask(small_server, "show_aws").json()
    assert made["time_to_live"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert len(made["secret"]) == 64
    assert made["secret"].isalnum()


def test_an_edit_counts_from_the_next_request_on(small_server: LocalServer, small_api: Path) -> None:
    url = f"{small_server.url}/edited"
    function, library = small_api / "functions" / "edited" / "app.py", small_api / "shared" / "colours.py"
    first = requests.get(url).json()
    assert requests.get(url).json() == first  # the same process
    for colour in ("brown", "black", "green", "turquoise"):  # three files of the same size within a second
        library.write_text(f'FAVOURITE = "{colour}"\n')
        assert requests.get(url).json()["colour"] == colour
    source = function.read_text()
    function.write_text(source.replace("colours.FAVOURITE", '"none at all"'))
    assert requests.get(url).json()["colour"] == "none at all"
    function.write_text(source + "\nthis is no Python\n")
    broken = requests.get(url)
    assert (broken.status_code, broken.json()) == (502, OUR_FAULT)
    small_server.wait_until(lambda: "SyntaxError" in small_server.log())
    function.write_text(source)
    assert requests.get(url).json()["colour"] == "turquoise"


def test_it_calls_nobody_outside(small_server: LocalServer, outside: socket.socket) -> None:
    # SAM CLI sends telemetry in batches of fifty events.
    for _ in range(60):
        ask(small_server, "show_event")
    with pytest.raises(BlockingIOError):
        outside.accept()
