"""Ours: the functions that read and make files, from API Gateway's event to the answer, with AWS in memory."""

import base64
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from urllib3 import encode_multipart_formdata

from bench import aws
from local import limits

ROOT = Path(__file__).parents[1]  # bench/instructions.py sets another checkout

OPERATIONS = {"deidentify": "deidentifying", "convert": "converting"}  # modules of imaging.rewriting

Form = dict[str, str | tuple[str, bytes, str]]
Answer = dict[str, Any]
Made = Answer | bytes | bytearray


def read(content: bytes) -> Callable[[], Made]:
    """Reads with functions/read. A file that has to be staged is read as by the upload worker, once it has the file."""
    if len(content) > limits.DIRECT_FILE:
        return _staged(content)
    return _load("read")({"file": ("file.dcm", content, "application/dicom")})


def generate(content: bytes) -> Callable[[], Answer]:
    return _load("generate")(
        {"file_name": "file", "PatientName": "Bench^Mark", "image": ("picture", content, "image/*")}
    )


def deidentify(content: bytes) -> Callable[[], Made]:
    return _rewritten("deidentify", content, {})


def convert(content: bytes, target: str) -> Callable[[], Made]:
    return _rewritten("convert", content, {"transfer_syntax": target})


def _rewritten(name: str, content: bytes, options: dict[str, str]) -> Callable[[], Made]:
    if len(content) <= limits.DIRECT_FILE:
        return _load(name)({"file": ("file.dcm", content, "application/dicom"), **options})
    sys.path.insert(0, str(ROOT / "shared"))
    from imaging.budget import PART, Budget
    from imaging.rewriting import direct
    from imaging.rewriting.operation import DICOM

    operation = importlib.import_module(f"imaging.rewriting.{OPERATIONS[name]}").operation(options, "a secret" * 2)

    def rewrite() -> bytes | bytearray:
        made = direct.rewrite("file.dcm", content, operation, DICOM, Budget(limits=PART))
        return made.content

    return rewrite


class Context:
    """The parts of Lambda's context object that functions use."""

    function_name = function_version = aws_request_id = "1"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


def _staged(content: bytes) -> Callable[[], bytearray]:
    sys.path.insert(0, str(ROOT / "shared"))
    from imaging.answers.options import ReadOptions
    from imaging.answers.read import write_answer

    def read() -> bytearray:
        written = bytearray()
        write_answer("file.dcm", content, ReadOptions(), written.extend)
        return written

    return read


@cache
def _load(name: str) -> Callable[[Form], Callable[[], Answer]]:
    """Imports functions/<name>/app.py, and returns a function that turns a form into a call of its handler."""
    os.environ.update(aws.VARIABLES)
    sys.path.insert(0, str(ROOT / "shared"))
    aws.stand_in()
    specification = importlib.util.spec_from_file_location(f"{name}_app", ROOT / f"functions/{name}/app.py")
    assert specification
    assert specification.loader
    app = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(app)
    example = json.loads((ROOT / f"events/{name}.json").read_text())

    def call(form: Form) -> Callable[[], Answer]:
        event = _with_form(example, form)

        def invoke() -> Answer:
            aws.calls.clear()
            aws.objects.clear()
            answer: Answer = app.handler(event, Context())
            return answer

        return invoke

    return call


def _with_form(event: dict[str, Any], form: Form) -> dict[str, Any]:
    """The event with this multipart form as its body."""
    body, content_type = encode_multipart_formdata(form)
    headers = {**event["headers"], "Content-Type": content_type, "Content-Length": str(len(body))}
    multiple = {name: [value] for name, value in headers.items()}
    return event | {"body": base64.b64encode(body).decode(), "headers": headers, "multiValueHeaders": multiple}


def answer(given: Made) -> bytes:
    """What the client gets in the end. Raises RuntimeError if it is no success."""
    if isinstance(given, bytes | bytearray):
        return bytes(given)
    if given["statusCode"] == 303:
        (stored,) = aws.objects.values()
        return bytes(stored)
    if given["statusCode"] != 200:
        raise RuntimeError(f"{given['statusCode']}: {given['body']}")
    text: str = given["body"]
    return base64.b64decode(text) if given["isBase64Encoded"] else text.encode()


def facts(_: Made) -> dict[str, Any]:
    return {"calls": list(aws.calls)}
