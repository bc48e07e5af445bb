"""Makes events/*.json, an example event for each function: `python -m events.build`, or `make events`.

An event is a request as the gateway passes it on, a message as SQS does, or a step of a rotation as Secrets Manager
does. Its account, token, key and upload are made up, as no real ones last. `make sam-local` writes the same events with
real ones into .aws-sam/local/events.
"""

import importlib.metadata
import json
from pathlib import Path
from typing import Any, NamedTuple

from urllib3 import encode_multipart_formdata

from local import aws_names, template
from local.gateway import Gateway
from local.runner import Runner

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER.parent / "template.yaml"
PORT = 8080


ROTATION = {
    "Step": "createSecret",
    "SecretId": aws_names.NAMES["AWS::SecretsManager::Secret"]("SigningSecret")["Ref"],
    "ClientRequestToken": "00000000-0000-4000-8000-000000000000",
}


class Caller(NamedTuple):
    """Whom requests come from; by default the user of docs/usage-guide.md."""

    email: str = "user5@example.com"
    password: str = "securepassword123"  # noqa: S105
    access: str = "<access_token>"
    refresh: str = "<refresh_token>"
    api_key: str = "amRqSgZZ.CLevHmvt7WJucw2gKA5sGhEUs2Fh6Svq"
    upload: str = "00000000-0000-4000-8000-000000000000"


class Recorder(Runner):
    """Runs nothing: it keeps each function's event."""

    def __init__(self) -> None:
        super().__init__((), FOLDER, lambda _: {})
        self.events: dict[str, dict[str, Any]] = {}

    def invoke(self, name: str, event: bytes, _seconds: float) -> bytes:
        self.events[name] = json.loads(event)
        return b'{"statusCode": 200, "body": "{}"}'


def events(caller: Caller = Caller()) -> dict[str, dict[str, Any]]:  # noqa: B008
    """An event for each function, by the name of its folder."""
    stack = template.read(TEMPLATE, {})
    recorder = Recorder()
    api = template.api(stack)
    client = Gateway(api, recorder, {}, PORT).app.test_client()
    common = {"Host": f"localhost:{PORT}", "User-Agent": "example", "Accept": "*/*"}
    for method, path, headers, body in _requests(caller):
        client.open(path, method=method, headers={**common, **headers}, data=body)
    for route in sorted(api.routes, key=lambda route: route.path):
        if route.function_name not in recorder.events and "GET" in route.methods and "{" not in route.path:
            client.get(route.path, headers=common)
    for event in recorder.events.values():
        # The only things that differ each time.
        event["requestContext"] |= {
            "requestId": "00000000-0000-4000-8000-000000000000",
            "requestTime": "05/Jan/2025:12:00:00 +0000",
            "requestTimeEpoch": 1736078400000,
        }
    made = {
        function.directory.name: recorder.events[function.name]
        for function in template.functions(stack)
        if function.name in recorder.events
    }
    return {
        **made,
        "upload_worker": _message(_arrival(caller.upload), "WorkQueue"),
        "dead_letters": _message({"job": caller.upload, "part": 0}, "DeadLetterQueue"),
        "rotate_signing_secret": ROTATION,
    }


def write(folder: Path, caller: Caller = Caller()) -> None:  # noqa: B008
    """Writes <folder>/<function>.json for each function."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, event in events(caller).items():
        (folder / f"{name}.json").write_text(json.dumps(event, indent=2) + "\n")


def _requests(caller: Caller) -> list[tuple[str, str, dict[str, str], bytes]]:
    """Method, path, headers and body of a request to each function; one that is not here gets a plain GET."""
    json_type = {"Content-Type": "application/json"}
    bearer = {"Authorization": f"Bearer {caller.access}"}
    key = {"Authorization": f"ApiKey {caller.api_key}"}
    form_type = {"Content-Type": "multipart/form-data; boundary=boundary"}
    account = _json(email=caller.email, password=caller.password)
    return [
        ("POST", "/api/register/", json_type, _json(email="user5@example.com", password="securepassword123")),  # noqa: S106
        ("POST", "/api/token/", json_type, account),
        ("POST", "/api/token/refresh/", json_type, _json(refresh=caller.refresh)),
        (
            "POST",
            "/api/password/",
            json_type | bearer,
            _json(old_password=caller.password, new_password="a better password"),  # noqa: S106
        ),
        ("GET", "/api/developer/profiles/", bearer, b""),
        ("POST", "/api-keys/", json_type | bearer, _json(name="New API Key")),
        ("DELETE", "/api-keys/delete/1/", bearer, b""),
        ("GET", "/api/developer/profiles/activity-summary/", bearer, b""),
        ("GET", "/api/dicom-format/allowed-fields/?fields__contains=Patient", key, b""),
        ("GET", "/api/dicom-format/required-field-type/", key, b""),
        ("POST", "/api/dicom/read/file/", form_type | key, _read_form()),
        ("POST", "/api/dicom/generate/", form_type | key, _generate_form()),
        ("POST", "/api/dicom/deidentify/", form_type | key, _deidentify_form()),
        ("POST", "/api/dicom/convert/", form_type | key, _convert_form()),
        ("POST", "/api/dicom/uploads/", json_type | key, _json(file_name="MR_small.dcm", return_format="jpeg")),
        ("GET", "/api/dicom/uploads/?limit=10", key, b""),
        ("GET", f"/api/dicom/uploads/{caller.upload}/", key, b""),
        ("DELETE", f"/api/dicom/uploads/{caller.upload}/", key, b""),
    ]


def _arrival(upload: str) -> dict[str, Any]:
    """What S3 tells of an upload."""
    stored = {"key": f"uploads/{upload}", "size": 9830, "eTag": "5d3b4d4fd2e7a8b1e1a9d8c5b6f7a0e3", "sequencer": "00"}
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": "2025-01-05T12:00:00.000Z",
                "eventName": "ObjectCreated:Post",
                "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "stagingbucket"}, "object": stored},
            }
        ]
    }


def _message(body: dict[str, Any], queue: str) -> dict[str, Any]:
    """What Lambda makes of a message of the queue."""
    return {
        "Records": [
            {
                "messageId": "00000000-0000-4000-8000-000000000000",
                "receiptHandle": "receipt",
                "body": json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1736078400000"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": aws_names.NAMES["AWS::SQS::Queue"](queue)["Arn"],
                "awsRegion": "us-east-1",
            }
        ]
    }


def _read_form() -> bytes:
    return _form(file=_mr(), fields="PatientName,Modality", return_format="png")


def _deidentify_form() -> bytes:
    return _form(file=_mr(), options="retain-modified-dates")


def _convert_form() -> bytes:
    return _form(file=_mr(), transfer_syntax="jpeg-ls", uids="new")


def _mr() -> tuple[str, bytes, str]:
    pydicom = importlib.metadata.distribution("pydicom")
    content = Path(str(pydicom.locate_file("pydicom/data/test_files/MR_small.dcm"))).read_bytes()
    return "MR_small.dcm", content, "application/dicom"


def _generate_form() -> bytes:
    picture = (FOLDER / "picture.png").read_bytes()
    image = ("picture.png", picture, "image/png")
    return _form(file_name="example_dicom", image=image, PatientName="Doe^John", Modality="OT")


def _form(**fields: str | tuple[str, bytes, str]) -> bytes:
    return encode_multipart_formdata(fields, boundary="boundary")[0]


def _json(**members: str) -> bytes:
    return json.dumps(members).encode()


if __name__ == "__main__":
    write(FOLDER)
