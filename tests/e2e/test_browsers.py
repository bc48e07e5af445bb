"""CORS: pages of other origins may use the API, in preflights, answers and the gateway's own refusals."""

import pytest
import requests

from tests.dicom_files import file_bytes
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import Server
from tests.integration.template import resources

ORIGIN = {"Origin": "https://viewer.example.com"}
ROUTES = sorted(
    (event["Properties"]["Method"], event["Properties"]["Path"])
    for function in resources("AWS::Serverless::Function").values()
    for event in function.get("Events", {}).values()
    if event["Properties"]["Method"] != "OPTIONS"
)
READ = "/api/dicom/read/file/"


@pytest.fixture(scope="module")
def developer(server: Server) -> Developer:
    return new_developer(server.url)


def listed(answer: requests.Response, header: str) -> set[str]:
    return {name.strip().lower() for name in answer.headers[header].split(",")}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_preflight_allows_the_request(server: Server, method: str, path: str, slash: str) -> None:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
    answer = requests.options(server.url + path.format(id="1", name="docs.js") + slash, headers=ORIGIN | asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert method.lower() in listed(answer, "Access-Control-Allow-Methods")
    assert {"authorization", "content-type"} <= listed(answer, "Access-Control-Allow-Headers")
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_a_preflight_counts_nothing(server: Server, developer: Developer) -> None:
    url = f"{server.url}/api/developer/profiles/activity-summary/"
    before = requests.get(url, headers=developer.bearer).json()
    requests.options(server.url + READ, headers=ORIGIN | {"Access-Control-Request-Method": "POST"}).raise_for_status()
    assert requests.get(url, headers=developer.bearer).json() == before


def test_a_page_sees_answers_and_the_headers_that_it_needs(server: Server, developer: Developer) -> None:
    form = {"files": {"file": ("a.dcm", file_bytes("CT_small.dcm"))}, "data": {"fields": "Modality"}}
    answer = requests.post(server.url + READ, headers=ORIGIN | developer.api_key, **form)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    exposed = listed(answer, "Access-Control-Expose-Headers")
    assert {"content-disposition", "etag", "location", "retry-after", "warning", "www-authenticate"} <= exposed
    assert {"ratelimit", "ratelimit-policy", "x-request-id", "x-amzn-remapped-www-authenticate"} <= exposed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_page_sees_what_a_function_refuses(server: Server) -> None:
    answer = requests.post(server.url + READ, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, "*")
    assert {"retry-after", "www-authenticate"} <= listed(answer, "Access-Control-Expose-Headers")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/nothing/", b"", 404),
        ("PUT", READ, b"", 404),
        ("OPTIONS", "/api/nothing/", b"", 404),
        ("POST", READ, bytes(5_000_000), 413),
    ],
)
def test_a_page_sees_what_the_gateway_refuses(server: Server, method: str, path: str, body: bytes, status: int) -> None:
    answer = requests.request(method, server.url + path, headers=ORIGIN, data=body)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
    assert "x-request-id" in listed(answer, "Access-Control-Expose-Headers")
    assert list(answer.json()) == ["error"]


def test_a_page_sees_nothing_of_more_than_the_gateway_takes(server: Server) -> None:
    answer = requests.post(server.url + READ, headers=ORIGIN, data=bytes(11_000_000))
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "text/plain")
    assert "Access-Control-Allow-Origin" not in answer.headers
