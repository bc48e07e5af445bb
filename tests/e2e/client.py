"""Requests that a developer sends to the server."""

import contextlib
import http.client
import json
import uuid
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

PASSWORD = "securepassword123"


class Developer(NamedTuple):
    """An account with a profile and a key, each as a header."""

    email: str
    bearer: dict[str, str]
    api_key: dict[str, str]


def new_developer(url: str) -> Developer:
    """Registers an account, and creates its profile and key."""
    account = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    requests.post(f"{url}/api/register/", json=account).raise_for_status()
    bearer = {"Authorization": f"Bearer {requests.post(f'{url}/api/token/', json=account).json()['access']}"}
    profile = {"purpose": "testing", "organization": "Us"}
    requests.post(f"{url}/api/developer/profiles/", json=profile, headers=bearer).raise_for_status()
    key = requests.post(f"{url}/api-keys/", json={"name": "k"}, headers=bearer).json()["key"]
    return Developer(account["email"], bearer, {"Authorization": f"ApiKey {key}"})


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def raw(url: str, request_line: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    """The answer to a request with only these headers, written as in docs/usage-guide.md."""
    method, path, _ = request_line.split()
    server = urlsplit(url)
    kind = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(server.netloc, timeout=60)) as connection:
        connection.putrequest(method, server.path + path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def json_of(answer: Answer) -> Any:
    return json.loads(answer.body)
