"""How these tests find what a client sent in the logs: they mark everything that they send.

MARK (tests/marked_files.py) is in each name, password, value, picture and header. The fixture `log` collects what is
written while a test runs. After the test it searches all of that for the mark, and for the caller's tokens, API key and
password. So a test has to send something and read the log; it fails by itself if anything sent was written.
"""

import base64
import importlib
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from urllib3 import encode_multipart_formdata

import imaging
from events import build
from identity import accounts, api_keys, developers, sessions
from staging import jobs
from tests.integration import functions
from tests.integration.lambda_context import CONTEXT
from tests.marked_files import MARK, is_in

EMAIL = f"{MARK}@example.com"
PASSWORD = f"{MARK}-password"

Answer = dict[str, Any]
Line = dict[str, Any]
ReadLog = Callable[[], list[Line]]


@pytest.fixture
def caller(aws: None) -> build.Caller:  # noqa: ARG001
    """A developer with an account, a profile, an API key and an upload, all of them marked."""
    accounts.register(EMAIL, PASSWORD)
    account = accounts.authenticate(EMAIL, PASSWORD, "192.0.2.1")
    user_id = account.user_id
    developers.create_profile(user_id, MARK, MARK)
    key = api_keys.create(user_id, MARK)["key"]
    upload = jobs.create(user_id, jobs.READ, {"file_name": f"{MARK}.dcm", "options": {}}).id
    return build.Caller(EMAIL, PASSWORD, **sessions.begin(account), api_key=key, upload=upload)


@pytest.fixture
def log(caller: build.Caller, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[ReadLog]:
    """A function that returns the lines written since its last call. After the test, all of them are searched."""
    caplog.set_level(logging.INFO)  # as in Lambda
    written: list[str] = []
    lines: list[Line] = []

    def read() -> list[Line]:
        output, errors = capfd.readouterr()
        written.extend((output, errors))
        assert errors == ""
        new = [json.loads(line) for line in output.splitlines()]
        lines.extend(new)
        return new

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        importlib.reload(imaging)  # silences the libraries, which the line above undid
        yield read
        read()
    written.append(caplog.text)
    written += [str(warning.message) for warning in warned if "samcli" not in warning.filename]
    assert lines, "The test wrote no line, so it proves nothing."
    assert_nothing_of(caller, "\n".join(written))


def assert_nothing_of(caller: build.Caller, text: str) -> None:
    assert not is_in(text)
    secret_of_key = caller.api_key.partition(".")[2]
    secrets = (caller.access, caller.refresh, caller.api_key, secret_of_key, caller.password)
    assert not [secret for secret in secrets if secret in text]


class Sender:
    """Sends requests to functions. Each has the mark in its headers."""

    def __init__(self, caller: build.Caller) -> None:
        self._examples = build.events(caller)
        self._apps = {name: functions.load(name) for name in self._examples}

    def __call__(self, name: str, body: Any = None, headers: dict[str, str] | None = None, /, **event: Any) -> Answer:
        """Sends the example request of the function `name`, with another body (bytes, or what becomes JSON), further
        headers, and other members of the event."""
        request = json.loads(json.dumps(self._examples[name]))
        marked = {"User-Agent": MARK, "Cookie": MARK, "X-Forwarded-For": MARK, MARK: MARK, **(headers or {})}
        request["headers"] |= marked
        request["multiValueHeaders"] |= {header: [value] for header, value in marked.items()}
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            request |= {"body": base64.b64encode(content).decode(), "isBase64Encoded": True}
        answer: Answer = self._apps[name].handler(request | event, CONTEXT)
        assert answer["statusCode"] < 500, answer
        return answer

    def status(self, name: str, body: Any = None, headers: dict[str, str] | None = None, /, **event: Any) -> int:
        """Sends the same, and returns the status of the answer."""
        status: int = self(name, body, headers, **event)["statusCode"]
        return status

    def form(self, name: str, fields: list[tuple[str, Any]], **headers: str) -> int:
        """Sends a multipart form, and returns the status of the answer."""
        body, content_type = encode_multipart_formdata(fields)
        return self.status(name, body, {"Content-Type": content_type, **headers})


@pytest.fixture
def send(caller: build.Caller) -> Sender:
    return Sender(caller)
