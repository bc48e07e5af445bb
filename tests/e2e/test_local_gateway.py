"""The local gateway has API Gateway's routes, events and answers, and no 5xx for what a client sends."""

import http.client
import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.e2e.server import LocalServer

NOT_HERE = {"error": "Not here."}
MEBIBYTE = 1024 * 1024


def test_an_event_as_api_gateway_makes_it(small_server: LocalServer) -> None:
    address = f"{small_server.url}/probe/?tag=a&tag=%C3%A9+b&empty="
    event = requests.post(address, data=b"\xff\x00", headers={"X-Custom": "1", "User-Agent": "tester"}).json()
    assert (event["httpMethod"], event["path"], event["resource"]) == ("POST", "/probe/", "/probe")
    assert event["queryStringParameters"] == {"tag": "é b", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"tag": ["a", "é b"], "empty": [""]}
    assert event["headers"]["X-Custom"] == "1"
    assert event["multiValueHeaders"]["X-Custom"] == ["1"]
    assert event["pathParameters"] is None
    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)
    assert event["requestContext"]["stage"] == "prod"
    assert event["requestContext"]["identity"]["userAgent"] == "tester"
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"


def test_an_event_without_anything(small_server: LocalServer) -> None:
    event = requests.get(f"{small_server.url}/probe").json()
    assert (event["body"], event["queryStringParameters"], event["multiValueQueryStringParameters"]) == (None,) * 3


def test_every_request_has_an_id_of_its_own(small_server: LocalServer) -> None:
    contexts = [requests.get(f"{small_server.url}/probe").json()["requestContext"] for _ in range(2)]
    assert uuid.UUID(contexts[0]["requestId"]) != uuid.UUID(contexts[1]["requestId"])
    assert contexts[0]["requestTimeEpoch"] < contexts[1]["requestTimeEpoch"]


def test_a_path_parameter_is_decoded(small_server: LocalServer) -> None:
    event = requests.delete(f"{small_server.url}/probe/%C3%A9%20%25").json()
    assert event["pathParameters"] == {"id": "é %"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/probe/further/on"),
        ("GET", "/probe//"),
        ("GET", "/%ff"),
        ("DELETE", "/probe//id"),
        ("PUT", "/probe"),
        ("HEAD", "/probe"),
        ("OPTIONS", "/probe"),
        ("OPTIONS", "*"),
        ("NONSENSE", "/probe"),
    ],
)
def test_no_such_route(small_server: LocalServer, method: str, path: str) -> None:
    connection = http.client.HTTPConnection(small_server.url.removeprefix("http://"))
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    assert (answer.status, answer.headers["X-Hint"]) == (404, "look elsewhere")
    assert answer.headers["Content-Type"] == "application/json"
    if method != "HEAD":
        assert json.loads(body) == NOT_HERE


def whole_and_in_chunks(size: int) -> Iterator[Any]:
    yield b"x" * size
    yield iter([b"x" * (size // 2), b"x" * (size - size // 2)])


@pytest.mark.parametrize("size", [10 * MEBIBYTE, 5 * MEBIBYTE])
def test_too_large_once_in_base64_for_lambda(small_server: LocalServer, size: int) -> None:
    for body in whole_and_in_chunks(size):
        answer = requests.post(f"{small_server.url}/probe", data=body)
        assert (answer.status_code, answer.json()) == (413, {"error": "Too large."})


def test_too_large_for_the_gateway_itself_is_said_in_words_that_nobody_can_configure(small_server: LocalServer) -> None:
    for body in whole_and_in_chunks(10 * MEBIBYTE + 1):
        answer = requests.post(f"{small_server.url}/probe", data=body)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "text/plain")
        assert answer.text == "HTTP content length exceeded 10485760 bytes."


def test_a_challenge_has_its_name_of_aws_beside_the_own(small_server: LocalServer) -> None:
    headers = requests.get(f"{small_server.url}/probe?do=challenge").headers
    assert headers["WWW-Authenticate"] == headers["x-amzn-Remapped-WWW-Authenticate"] == "ApiKey"


def test_the_gateways_own_answer_tells_the_requests_id(small_server: LocalServer) -> None:
    ids = [requests.get(f"{small_server.url}/nothing").headers["X-Request-Id"] for _ in range(2)]
    assert uuid.UUID(ids[0]) != uuid.UUID(ids[1])


def test_as_large_as_can_be(small_server: LocalServer) -> None:
    # The event comes back as JSON in JSON. Its base64 body needs no escapes, so the size stays nearly the same.
    answer = requests.post(f"{small_server.url}/probe", data=b"x" * 4_600_000)
    assert len(answer.json()["body"]) > 6_000_000


def test_a_body_in_chunks(small_server: LocalServer) -> None:
    assert requests.post(f"{small_server.url}/probe", data=iter([b"ab", b"c"])).json()["body"] == "YWJj"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/png;q=0.5", None, "no/sense;q=x,,"])
def test_bytes_for_every_client(small_server: LocalServer, accept: str | None) -> None:
    answer = requests.get(f"{small_server.url}/probe?do=give_bytes", headers={"Accept": accept})
    assert answer.content == bytes(range(256))
    assert answer.headers["Content-Type"] == "application/dicom"


def test_no_content(small_server: LocalServer) -> None:
    answer = requests.get(f"{small_server.url}/probe?do=give_nothing")
    assert (answer.status_code, answer.content) == (204, b"")


def exchange(server: LocalServer, request: bytes) -> bytes:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


GET = b"GET /probe HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /probe HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /probe HTTP/1.x\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET http://[::1/probe HTTP/1.1\r\n\r\n",
        b"GET /probe?\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /probe/\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /probe HTTP/1.1\r\nHost: " + b"x" * 64 + b".com\r\n\r\n",
        GET + b"X: a\r\n" * 200 + b"\r\n",
        GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        POST + b"Content-Length: 50\r\n\r\nless",
        POST + b"Content-Length: 99999999999999999999\r\n\r\nless",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx",
        POST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nx",
        POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\nx",
    ],
)
def test_broken_http_is_the_clients_error(small_server: LocalServer, request_: bytes) -> None:
    assert exchange(small_server, request_).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /probe HTTP/1.0\r\n\r\n",
        b"GET probe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://elsewhere/probe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /probe?tag=%ff%ed%a0%80%00%zz&&=%& HTTP/1.1\r\nHost: x\r\n\r\n",
        GET + b"no colon\r\n: no name\r\nX: \x00\x01\xff\xfe\r\nCookie: \xff=;\r\n\r\n",
        GET + b"Range: bytes=0-1\r\nIf-None-Match: *\r\nOrigin: \xff\r\nX-Amz-Tenant-Id: a\r\nAccept: ;;/\xff\r\n\r\n",
        POST + b"\r\n",
        POST + b"Content-Length: 0\r\n\r\n",
        POST + b"Content-Length: -5\r\n\r\nhello",
        POST + b"Content-Length: five\r\n\r\nhello",
        POST + b"Content-Type: ;;=\xff;charset=\x00\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_odd_http_reaches_the_function(small_server: LocalServer, request_: bytes) -> None:
    head, _, body = exchange(small_server, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["resource"] == "/probe"


def test_100_continue_is_said_once(small_server: LocalServer) -> None:
    answer = exchange(small_server, POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
