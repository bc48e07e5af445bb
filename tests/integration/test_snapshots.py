"""With SnapStart, all processes of a function start from one snapshot. What must be unique still is, in all of them.

Each function is initialised as Lambda does it, in a process whose copies (by fork) then answer the same request. What
both copies tell, but no process of another initialisation, was made during initialisation.
"""

import base64
import copy
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.server import ThreadedMotoServer

from events import build
from identity import accounts, api_keys, developers, sessions
from staging import jobs
from tests.integration.template import environment, resources

# of their own ways
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)")

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    Path(function["CodeUri"]).name
    for function in resources("AWS::Serverless::Function").values()
    if "SnapStart" in function
)
CREATING = [
    "api_keys",
    "convert",
    "deidentify",
    "generate",
    "register",
    "upload_create",
]  # they take an Idempotency-Key

# A line of stdin is an event. Everything that goes to AWS, to the log and to the client is written to stdout.
PROGRAM = """
import http.client, json, os, random, sys
from types import SimpleNamespace
from snapshot_restore_py import get_after_restore
import app

def start_and_answer(event):
    random.setstate(state)  # Python renews it after a fork, and not in a snapshot
    for function, arguments, named in get_after_restore():
        function(*arguments, **named)
    http.client.HTTPConnection.debuglevel = 1
    context = SimpleNamespace(
        function_name="function",
        function_version="1",
        aws_request_id="00000000-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: 29_000,
    )
    print(json.dumps(app.handler(event, context)))
    print("random", random.getrandbits(128).to_bytes(16, "big").hex())

with os.scandir("/proc/self/fd") as files:
    opened = [os.readlink(file.path) for file in files if int(file.name) > 2]
print(json.dumps(opened), flush=True)
state = random.getstate()
for line in sys.stdin:
    if not os.fork():
        start_and_answer(json.loads(line))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
    print("the end", flush=True)
"""

WORD = re.compile(r"[\w.+/=-]{8,}")
TIME = re.compile(r"(t=)?\d*\.?\d*|\d{8}T\d{6}Z|Signature=\w+")  # a signature of the SDK's follows from the time


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def events(aws: None) -> dict[str, dict[str, Any]]:  # noqa: ARG001
    """Requests of a developer with a key and an upload."""
    email, password = "ann@example.com", "securepassword123"
    accounts.register(email, password)
    account = accounts.authenticate(email, password, "192.0.2.1")
    developers.create_profile(account.user_id, "testing", "My Organization")
    key = api_keys.create(account.user_id, "key")["key"]
    upload = jobs.create(account.user_id, jobs.READ, {"file_name": "file.dcm", "options": {}}).id
    return build.events(build.Caller(email, password, **sessions.begin(account), api_key=key, upload=upload))


@pytest.mark.parametrize("name", NAMES)
def test_copies_of_a_process_share_nothing_that_must_be_unique(
    name: str, events: dict[str, dict[str, Any]], aws_url: str
) -> None:
    assert shared_by_copies(name, events[name], aws_url) == set()


@pytest.mark.parametrize("name", CREATING)
def test_nor_do_they_with_an_idempotency_key(name: str, events: dict[str, dict[str, Any]], aws_url: str) -> None:
    for headers, value in (("headers", "key"), ("multiValueHeaders", ["key"])):
        events[name][headers]["Idempotency-Key"] = value
    assert shared_by_copies(name, events[name], aws_url) == set()


def shared_by_copies(name: str, event: dict[str, Any], aws_url: str) -> set[str]:
    """The words that two copies of a process tell, and no copy of another process."""
    answer_again = repeatable()
    with initialised(name, aws_url) as answer:
        first, second = (answer_again(answer, event) for _ in range(2))
    with initialised(name, aws_url) as answer:
        other = answer_again(answer, event)
    assert first - second  # the random number, at the least
    return (first & second) - other


def repeatable() -> Callable[[Callable[[dict[str, Any]], set[str]], dict[str, Any]], set[str]]:
    """Sends requests to the tables as they are now, again each time."""
    tables = dynamodb_backends["123456789012"]["us-east-1"].tables
    kept = {name: copy.deepcopy(table.items) for name, table in tables.items()}

    def send(answer: Callable[[dict[str, Any]], set[str]], event: dict[str, Any]) -> set[str]:
        for name, table in tables.items():
            table.items = copy.deepcopy(kept[name])
        return answer(event)

    return send


@contextmanager
def initialised(name: str, aws_url: str) -> Iterator[Callable[[dict[str, Any]], set[str]]]:
    """A function's process after its initialisation; a call has a copy of it answer an event, and gives its words."""
    variables = {
        **environment(),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "functions" / name, ROOT / "shared"))),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "LAMBDA_TASK_ROOT": str(ROOT),
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout
        opened = json.loads(stdout.readline())
        assert not [file for file in opened if not file.startswith("/proc/")]  # files and connections

        def answer(event: dict[str, Any]) -> set[str]:
            stdin.write(f"{json.dumps(event)}\n")
            stdin.flush()
            told = list(iter(stdout.readline, "the end\n"))
            (answered,) = (json.loads(line) for line in told if line.startswith('{"statusCode"'))
            assert answered["statusCode"] < 300
            return words("".join(told) + plain(answered))

        yield answer
        stdin.close()
    assert process.returncode == 0


def plain(answered: dict[str, Any]) -> str:
    """A body in base64, and what is in the tokens that a body has."""
    body = answered["body"] or ""
    if answered["isBase64Encoded"]:
        return base64.b64decode(body).decode("latin-1")
    payloads = re.findall(r"eyJ[\w-]+\.(eyJ[\w-]+)\.", body)
    return "".join(base64.urlsafe_b64decode(f"{payload}===").decode() for payload in payloads)


def words(text: str) -> set[str]:
    """The words that could be unique, which times are not."""
    return {word for word in WORD.findall(text) if not TIME.fullmatch(word)}


RESTORED_WITH_CREDENTIALS = """
from snapshot_restore_py import get_after_restore
import tables
print("initialised", flush=True)
input()
for function, arguments, named in get_after_restore():
    function(*arguments, **named)
print(tables.CONNECTION.session.get_credentials().get_frozen_credentials().access_key)
"""


def test_credentials_of_a_snapshot_that_have_expired_are_renewed() -> None:
    connections: list[socket.socket] = []

    class Credentials(BaseHTTPRequestHandler):
        """Lambda's endpoint for them, whose first ones expire at once."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connections.append(self.connection)
            expiration = "2001-01-01T00:00:00Z" if len(connections) == 1 else "2999-01-01T00:00:00Z"
            keys = {"AccessKeyId": f"key {len(connections)}", "SecretAccessKey": "secret", "Token": "token"}
            body = json.dumps({**keys, "Expiration": expiration}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Credentials) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "shared"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        command = [sys.executable, "-c", RESTORED_WITH_CREDENTIALS]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=variables, text=True, **pipes) as process:
            assert process.stdout
            assert process.stdout.readline() == "initialised\n"
            connections[0].shutdown(socket.SHUT_RDWR)  # while the snapshot was stored
            told, _ = process.communicate("restored\n")
        server.shutdown()
    assert told == "key 2\n"
