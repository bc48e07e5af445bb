"""Attacks on every function that takes input: none causes a defect, or takes more than the function has.

The functions have the time and memory of template.yaml. Their work is measured in processor time, not by the clock,
and a function that hangs is ended with its test.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pydicom.datadict import dictionary_VR

from events import build
from identity import accounts, api_keys, developers, sessions
from local import limits
from staging import jobs
from tests import attacks
from tests.integration import functions, uploads
from tests.integration.template import context_of, resources
from tests.integration.work import MEGABYTE, TooMuchWork, at_most

# in SAM's own code
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sam(cli|translator)"),
    pytest.mark.filterwarnings("ignore:::pydicom"),
]

FULL_PROCESSOR = 1769  # MB of memory at which a function has a whole processor
# Names of exceptions, and phrases of Python and numpy.
INTERNAL = re.compile(
    r"\w(Error|Exception)\b|NoneType|Traceback|0x[0-9a-f]{4}|<class|argument \d|out of range|cannot reshape|codec can"
)


@pytest.fixture
def caller(aws: None) -> build.Caller:  # noqa: ARG001
    """A developer with an API key."""
    email, password = "ann@example.com", "securepassword123"
    accounts.register(email, password)
    account = accounts.authenticate(email, password, "192.0.2.1")
    user_id = account.user_id
    developers.create_profile(user_id, "testing", "My Organization")
    key = api_keys.create(user_id, "key")["key"]
    upload = jobs.create(user_id, jobs.READ, {"file_name": "file.dcm", "options": {}}).id
    return build.Caller(email, password, **sessions.begin(account), api_key=key, upload=upload)


class Function:
    """A function of the template, named by its folder, and its usual event."""

    def __init__(self, folder: str, caller: build.Caller) -> None:
        name = "".join(part.title() for part in folder.split("_")) + "Function"
        self.handler = functions.load(folder).handler
        self.event = build.events(caller)[folder]
        self.context = context_of(name)
        self.memory = self.context.memory_limit_in_mb
        seconds = self.context.get_remaining_time_in_millis() / 1000
        assert name in resources("AWS::Serverless::Function")
        # Half of the time, as Lambda's processors are not the fastest.
        self.seconds = seconds * min(1, self.memory / FULL_PROCESSOR) / 2

    def wrong(self, **changes: Any) -> str:
        """What is wrong with the answer to the changed event; "" if nothing is."""
        event = {**self.event, **changes}
        assert len(json.dumps(event)) <= limits.RESPONSE
        try:
            with at_most(self.seconds, self.memory * MEGABYTE):
                answer = self.handler(event, self.context)
        except TooMuchWork:
            return f"takes more than {self.seconds} s of the processor"
        if len(json.dumps(answer)) > limits.RESPONSE:
            return "is too large"
        body = answer["body"] or ""
        if answer["statusCode"] >= 500 or "more memory than there is" in body:
            return f"{answer['statusCode']} {body[:200]}"
        return internal(body if answer["statusCode"] >= 400 else said(body))


def said(body: str) -> str:
    """The warnings at the end of an answer to a read; "" if there are none."""
    return body[body.rfind('"Warnings":') :] if '"Warnings":' in body else ""


def internal(words: str) -> str:
    found = INTERNAL.search(words)
    return f"says {found[0]} in {words[:200]}" if found else ""


def form(*parts: tuple[str, str | None, bytes]) -> dict[str, Any]:
    """The changes that give an event a form with these parts: name, file name and content."""
    body = b"".join(
        b'--boundary\r\nContent-Disposition: form-data; name="%s"' % name.encode()
        + (b'; filename="%s"' % file.encode() if file is not None else b"")
        + b"\r\n\r\n%s\r\n" % content
        for name, file, content in parts
    )
    return {"body": base64.b64encode(body + b"--boundary--\r\n").decode(), "isBase64Encoded": True}


def wrong_of(cases: Iterable[tuple[str, Callable[[], str]]]) -> dict[str, str]:
    """What is wrong, by the names of the cases."""
    return {name: wrong for name, try_it in cases if (wrong := try_it())}


def read_form(attack: attacks.Attack) -> dict[str, Any]:
    options = [(name, None, text.encode()) for name, text in attack.options.items()]
    return form(("file", attack.file_name, attack.make()), *options)


@pytest.mark.parametrize(
    ("accept", "files"),
    [("application/json", attacks.READ), ("application/dicom+json", attacks.WRITTEN)],
)
def test_files_that_are_read(caller: build.Caller, accept: str, files: list[attacks.Attack]) -> None:
    function = Function("read", caller)
    headers = {**function.event["headers"], "Accept": accept}
    assert not wrong_of(
        (attack.name, lambda attack=attack: function.wrong(headers=headers, **read_form(attack))) for attack in files
    )


def staged(function: Function, job_id: str, content: bytes) -> str:
    """What is wrong after all messages of an upload. Each message must be done at its first attempt."""
    waiting = [uploads.put(job_id, content)]
    while waiting:
        try:
            with at_most(function.seconds, function.memory * MEGABYTE):
                answer = function.handler(uploads.sqs_event(waiting.pop()), function.context)
        except TooMuchWork:
            return f"takes more than {function.seconds} s of the processor"
        if answer["batchItemFailures"]:
            return "is to come again"
        waiting += uploads.sent()
    job = uploads.job(job_id)
    if job.status not in (jobs.DONE, jobs.FAILED):
        return f"is still {job.status}"
    return internal(job.error or "")


def test_files_that_are_uploaded(caller: build.Caller) -> None:
    function = Function("upload_worker", caller)
    function.seconds = 30  # of the 300 seconds that a part has

    def wrong(attack: attacks.Attack) -> str:
        return staged(function, uploads.new_job(attack.file_name, **attack.options), attack.make())

    assert not wrong_of((attack.name, lambda attack=attack: wrong(attack)) for attack in attacks.UPLOADED)


ASKED = {"deidentify": ("ultrasound", None, b"true"), "convert": ("transfer_syntax", None, b"htj2k")}


@pytest.mark.parametrize("folder", jobs.REWRITE)
def test_files_that_are_rewritten(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)

    def wrong(attack: attacks.Attack) -> str:
        return function.wrong(**form(("file", attack.file_name, attack.make()), ASKED[folder]))

    assert not wrong_of((attack.name, lambda attack=attack: wrong(attack)) for attack in attacks.REWRITTEN[::3])


@pytest.mark.parametrize("folder", jobs.REWRITE)
def test_files_that_are_uploaded_to_be_rewritten(caller: build.Caller, folder: str) -> None:
    function = Function("upload_worker", caller)
    function.seconds = 30  # of the 300 seconds that a part has

    def wrong(attack: attacks.Attack) -> str:
        return staged(function, uploads.new_job(attack.file_name, **uploads.OPERATIONS[folder]), attack.make())

    assert not wrong_of((attack.name, lambda attack=attack: wrong(attack)) for attack in attacks.REWRITTEN[1::9])


REWRITING_OPTIONS = {
    "deidentify": {
        "options": ["," * 900_000, "retain-uids," * 70_000, "x" * 900_000, "\0"],
        "keep": ["(0009,1010)," * 80_000, "PatientName," * 70_000, "x" * 900_000],
        "remove": ["(0009,1010)," * 80_000, "PixelData", "\U0001f600"],
        "replace": ["PatientName=" * 70_000, "PatientName=a;" * 60_000, "PatientID=" + "x" * 900_000, "Rows=1"],
        "regions": ["0,0,1,1;" * 100_000, "9" * 900_000, "0,0,65535,65535", "-1,-1,1,1", "٣,0,1,1"],
        "ultrasound": ["true", "yes"],
        "date_shift": ["9" * 900_000, "0", "-36525", "٣"],
        "key": ["x" * 900_000, "\u0301" * 20],
    },
    "convert": {
        "transfer_syntax": ["1." * 400_000, "explicit\0", "1.2.840.10008.1.2.4.94", "x" * 900_000, "jpeg-xl"],
        "lossy": ["true", "yes"],
        "quality": ["0", "٣", "9" * 900_000],
        "ratio": ["nan", "1e9", "9" * 900_000, "0"],
        "set": [
            *("{" * 400_000, '{"PatientName":' * 60_000, "PatientName=a\n" * 60_000, "a." * 400_000, "=" * 900_000),
            *('{"PatientName": 1e999}', '{"PatientName": "\\ud800"}', "PatientName=" + "x" * 900_000, "Rows=1"),
            *("SpecificCharacterSet=" + "ISO 2022 IR 87\\" * 50_000, "A[999999].B=1", "PatientID=\0"),
        ],
        "remove": ["PatientName," * 70_000, "(0009,1010)," * 80_000, "A[0]." * 150_000, "SOPInstanceUID"],
        "uids": ["new", "NEW\0"],
    },
}


@pytest.mark.parametrize("folder", jobs.REWRITE)
def test_options_of_new_files(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)
    file = ("file", "a.dcm", attacks.SMALL)
    assert not wrong_of(
        (
            f"{name} {text[:20]!r}",
            lambda name=name, text=text: function.wrong(**form(file, (name, None, text.encode()))),
        )
        for name, texts in REWRITING_OPTIONS[folder].items()
        for text in texts
    )


OPTIONS = {
    "fields": ["(0009,1010)," * 80_000, "," * 900_000, "x" * 900_000, "\0", "Patient\U0001f600Name"],
    "frames": ["1-", "-", "9" * 900_000, "1," * 400_000, "0-999999999"],
    "window": ["nan,nan", "inf,1", "1e999,1", "1" * 900_000, ",,,,,,", "1,1,\u0130"],
    "viewport": ["1,1,1", "8193,1", "-1,-1", "9" * 5000 + ",1"],
    "quality": ["0", "101", "٣", "1" * 5000],
    "return_format": ["bmp", "PNG\0", "x" * 900_000],
    "overlays": ["yes", "TRUE\n\n"],
    "animation": ["true", "0" * 900_000],
}


def test_options_of_a_read(caller: build.Caller) -> None:
    function = Function("read", caller)
    file = ("file", "a.dcm", attacks.SMALL)
    assert not wrong_of(
        (
            f"{name} {text[:20]!r}",
            lambda name=name, text=text: function.wrong(**form(file, (name, None, text.encode()))),
        )
        for name, texts in OPTIONS.items()
        for text in texts
    )


def a_form(body: bytes, content_type: str = "multipart/form-data; boundary=boundary") -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True, "headers": {"Content-Type": content_type}}


PART = b'--boundary\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FORMS = {
    "nothing": a_form(b""),
    "no boundary": a_form(b"x" * MEGABYTE, "multipart/form-data"),
    "a boundary of 8 KB": a_form(b"x", "multipart/form-data; boundary=" + "x" * 8000),
    "a boundary of no text": a_form(b"x", 'multipart/form-data; boundary="\udc80\\"'),
    "parameters": a_form(b"x", "multipart/form-data" + "; boundary=x" * 600),
    "quotes": a_form(b"x", "multipart/form-data; boundary=" + '"\\' * 4000),
    "boundaries": a_form(b"--boundary\r\n" * (MEGABYTE // 12)),
    "line breaks": a_form(b"\r\n" * MEGABYTE),
    "hyphens": a_form(b"--boundary\r\nContent-Disposition: form-data; name=x\r\n\r\n" + b"\r\n-" * MEGABYTE),
    "parts": a_form(b"".join(PART % (b"%d" % number, b"") for number in range(50_000)) + b"--boundary--"),
    "names": a_form(b"".join(PART % (b"%d" % n + b"\xc3\xa9" * 1900, b"") for n in range(999)) + b"--boundary--"),
    "the same name": a_form(PART % (b"fields", b"x") * 999 + b"--boundary--"),
    "headers": a_form(b"--boundary\r\n" + b"x: y\r\n" * (MEGABYTE // 2)),
    "a header of a megabyte": a_form(b"--boundary\r\nx: " + b"y" * MEGABYTE),
    "folded headers": a_form(b"--boundary\r\nx: y\r\n" + b" y\r\n" * (MEGABYTE // 2)),
    "lengths": a_form(b"--boundary\r\nContent-Length: " + b"9" * 4000 + b"\r\n\r\n"),
    "another charset": a_form(b"--boundary\r\nContent-Disposition: form-data; name*=x''%ff\r\n\r\n\r\n--boundary--"),
    "a name of no text": a_form(PART % (b"\xff\xfe", b"") + b"--boundary--"),
    "no text": a_form(PART % (b"fields", b"\xff\xfe") + b"--boundary--"),
    "no form": {"body": "{}", "isBase64Encoded": False, "headers": {"Content-Type": "application/json"}},
    "no type": {"body": "x", "isBase64Encoded": False, "headers": {}},
}


@pytest.mark.parametrize("folder", ["read", "generate", *jobs.REWRITE])
def test_forms(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)

    def wrong(changes: dict[str, Any]) -> str:
        return function.wrong(**{**changes, "headers": {**function.event["headers"], **changes["headers"]}})

    assert not wrong_of((name, lambda changes=changes: wrong(changes)) for name, changes in FORMS.items())


NAME = ("file_name", None, b"a")


def test_images(caller: build.Caller) -> None:
    direct, worker = Function("generate", caller), Function("upload_worker", caller)
    worker.seconds = 30
    png, jpeg = attacks.IMAGES["more data than pixels"](), attacks.jpeg_of()
    assert not wrong_of(
        [
            *(
                (name, lambda make=make: direct.wrong(**form(NAME, ("image", "a.png", make()))))
                for name, make in attacks.IMAGES.items()
            ),
            *(
                (f"{name}, uploaded", lambda make=make: staged(worker, uploads.new_job("a.png"), make()))
                for name, make in attacks.IMAGES.items()
            ),
            *(
                (
                    f"999 images, {way.decode()}",
                    lambda way=way: direct.wrong(
                        **form(NAME, ("compression", None, way), *[("image", "a.jpg", jpeg)] * 998)
                    ),
                )
                for way in (b"none", b"jpeg", b"rle")
            ),
            ("images alike and not", lambda: direct.wrong(**form(NAME, ("image", "", jpeg), ("image", "", png)))),
        ]
    )


def _attributes() -> dict[str, dict[str, str]]:
    decimals = [keyword for keyword in build_keywords() if dictionary_VR(keyword) == "DS"]
    return {
        "decimals of 60 KB": dict.fromkeys(decimals[:40], "1\\" * 30_000),
        "one decimal of 60 KB": {"FrameTimeVector": "1\\" * 30_000},
        "as many values as may be": {"FrameTimeVector": "1\\" * 9_000},
        "unknown keywords": {f"x{number}": "1" for number in range(900)},
        "every keyword": dict.fromkeys(build_keywords()[:900], "1"),
        "carets": {"PatientName": "^" * 200_000},
        "dots": {"SOPInstanceUID": "1." * 100_000},
        "digits": {"InstanceNumber": "9" * 200_000, "PatientAge": "9" * 60_000},
        "no text": {"PatientID": "\0", "StudyDescription": "\ud7ff\u202e", "PatientComments": "\x1b$B"},
        "exponents": {"RescaleSlope": "1e308", "RescaleIntercept": "-1e308", "WindowCenter": "1e-308"},
        "dates": {"StudyDate": "00000000", "StudyTime": "999999", "AcquisitionDateTime": "9" * 26},
        "tags": {"FrameIncrementPointer": "(gggg,eeee)", "OffendingElement": "(0010,0010)\\" * 5000},
    }


def build_keywords() -> list[str]:
    import dicom_dictionary

    return list(dicom_dictionary.table()["types"])


def test_attributes(caller: build.Caller) -> None:
    direct, create = Function("generate", caller), Function("upload_create", caller)
    image = ("image", "a.jpg", attacks.jpeg_of())

    def wrong(attributes: dict[str, str]) -> str:
        fields = [(name, None, text.encode()) for name, text in attributes.items()]
        uploaded = json.dumps({"file_name": "a.png", "attributes": attributes})
        return direct.wrong(**form(NAME, image, *fields)) or create.wrong(body=uploaded, isBase64Encoded=False)

    assert not wrong_of((name, lambda given=given: wrong(given)) for name, given in _attributes().items())


MARKS = "e" + "\u0301\u0316" * 60_000
TEXTS = {
    "combining marks": MARKS,
    "a megabyte": "x" * MEGABYTE,
    "an address of a megabyte": "x" * MEGABYTE + "@example.com",
    "signs": "@" * 100_000,
    "dots": "a@" + "a." * 50_000 + "com",
    "an IDN": "a@" + "ü" * 50_000 + ".com",
    "zero": "\0",
    "a token": "e30." * 100_000,
    "three parts": "eyJhbGciOiJub25lIn0.e30.",
    "one kind of digits": "٣" * 1000,
    "emoji": "\U0001f600" * 1000,
    "a path": "../../x",
    "ranges": ",".join(["1-500"] * 100_000),
    "nothing": "",
}
BODIES = {
    "nothing": "",
    "no JSON": "x" * 6_000_000,
    "a string of 6 MB": '{"email": "' + "x" * 6_000_000 + '"}',
    "null": "null",
    "a list": "[]",
    "lists": "[" * MEGABYTE,
    "objects": '{"a":' * (MEGABYTE // 5),
    "no number": '{"email": NaN}',
    "a long number": '{"email": ' + "9" * MEGABYTE + "}",
    "a large number": '{"email": 1e999}',
    "half a character": '{"email": "\\ud800", "password": "\\udc00"}',
    "members": "{" + ",".join(f'"{number}": 1' for number in range(100_000)) + "}",
    "names": "{" + ",".join(f'"{number}{"é" * 1000}": ""' for number in range(1000)) + "}",
    "one member again and again": "{" + ",".join(['"email": "a"'] * 100_000) + "}",
}
JSON = {
    "token": ("email", "password"),
    "register": ("email", "password"),
    "token_refresh": ("refresh",),
    "password": ("old_password", "new_password"),
    "profile": ("purpose", "organization"),
    "api_keys": ("name", "expires"),
    "upload_create": ("file_name", "fields", "frames", "return_format", "attributes", "compression", "window"),
}
USUAL = {"email": "a@example.com", "password": "securepassword123", "purpose": "x", "organization": "x", "name": "x"}


@pytest.mark.parametrize("folder", JSON)
def test_json(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)
    usual = {name: USUAL.get(name, "a.dcm") for name in JSON[folder] if name in USUAL or name == "file_name"}
    others: list[Any] = [None, 1, True, [], {}, {"a": "b"}, [["x"] * 1000]]
    bodies = {
        **BODIES,
        **{
            f"{what} as {name}": json.dumps({**usual, name: text})
            for name in JSON[folder]
            for what, text in TEXTS.items()
        },
        **{f"{other} as {name}": json.dumps({**usual, name: other}) for name in JSON[folder] for other in others},
    }
    post = {
        "httpMethod": "POST",
        "isBase64Encoded": False,
        "headers": {**function.event["headers"], "Content-Type": "application/json"},
    }
    assert not wrong_of((name, lambda body=body: function.wrong(**post, body=body)) for name, body in bodies.items())


FILTERS = ("fields__contains", "fields__startswith", "fields__endswith", "fields__regex")
QUERIES: dict[str, dict[str, list[str]]] = {
    "one filter again and again": {"fields__regex": ["."] * 600},
    "empty": {key: [""] for key in FILTERS},
    "all": {key: ["Patient"] for key in FILTERS},
    "others": {f"x{number}": ["1"] for number in range(1000)},
    "no text": {"fields__contains": ["\udc80"], "fields__regex": ["\udc80"]},
    "zero": {"fields__contains": ["\0"], "fields__regex": ["\0"]},
    **{
        f"pattern {pattern[:30]}": {"fields__regex": [pattern]}
        for pattern in (
            *("(x+x+)+y", ".{1000}", "(.*){400}z", "((.{30}){30})", "(?i)(.?){100}x"),
            r"(?:[a-zA-Z]{0,40}[b-y]){0,25}\d",
            *(r"(?:[a-zA-Z]{0,20}[b-y]){0,8}\d", r"([aeiou]\w{9}|[b-t]\w{14}|e\w{17}){3}", r"\pL{1000}", "(" * 900),
            *("|" * 999, "(a|b|c|d|e|f|g|h){1000}", "[", r"\C", "(?P<", "x" * 1001, "(?:(?:x{900}){900}){900}"),
        )
    },
}


def test_queries(caller: build.Caller) -> None:
    function = Function("allowed_fields", caller)
    assert not wrong_of(
        (
            name,
            lambda query=query: function.wrong(
                queryStringParameters={key: texts[-1] for key, texts in query.items()},
                multiValueQueryStringParameters=query,
            ),
        )
        for name, query in QUERIES.items()
    )


PATHS = ["", " ", "0", "-1", "9" * 8000, "1" * 19, "1e5", "\0", "..", "%2e%2e", "a/b", "x" * 8000]
PATHS += ["é" * 2000, "\udc80", "٣"]


@pytest.mark.parametrize("folder", ["api_key_delete", "upload_delete", "upload_status"])
def test_paths(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)
    ((name, last),) = function.event["pathParameters"].items()
    assert not wrong_of(
        (
            text[:20],
            lambda text=text: function.wrong(
                pathParameters={name: text}, path=function.event["path"].replace(last, text)
            ),
        )
        for text in PATHS
    )


HEADERS = {
    "media ranges": {"Accept": "*/*;q=0.1," * 800},
    "qualities": {"Accept": "application/dicom+json;" + "q=" * 4000},
    "no quality": {"Accept": ";;;,,,;q=1.2345;q=nan"},
    "a long key": {"Authorization": "ApiKey " + "x" * 8000},
    "a key of nothing": {"Authorization": "ApiKey ."},
    "dots": {"Authorization": "Bearer " + "." * 8000},
    "an unsigned token": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
    "a token of no text": {"Authorization": "Bearer \udc80.\u0301.é"},
    "a scheme": {"Authorization": "x" * 8000},
    "spaces": {"Authorization": " " * 8000},
    "no text": {"Authorization": "ApiKey \udc80"},
    "an idempotency key": {"Idempotency-Key": "\u0301" * 8000},
    "an idempotency key of no text": {"Idempotency-Key": "\udc80"},
    "a media type": {"Content-Type": "x" * 8000},
    "an origin": {"Origin": "x" * 8000, "Host": "\udc80", "X-Forwarded-Proto": "x"},
}


BY_MESSAGE = {"dead_letters", "rotate_signing_secret", "upload_worker"}


@pytest.mark.parametrize(
    "folder", sorted({path.parent.name for path in functions.FOLDER.glob("*/app.py")} - BY_MESSAGE)
)
def test_headers(caller: build.Caller, folder: str) -> None:
    function = Function(folder, caller)
    usual = function.event["headers"]

    def wrong(headers: dict[str, str]) -> str:
        several = {name: [text] for name, text in {**usual, **headers}.items()}
        return function.wrong(headers={**usual, **headers}, multiValueHeaders=several)

    assert not wrong_of((name, lambda headers=headers: wrong(headers)) for name, headers in HEADERS.items())


def test_each_filter_once(caller: build.Caller) -> None:
    function = Function("allowed_fields", caller)

    def answer(**query: list[str]) -> tuple[int, Any]:
        event = {**function.event, "multiValueQueryStringParameters": query, "queryStringParameters": None}
        given = function.handler(event, function.context)
        return given["statusCode"], json.loads(given["body"])

    for name in FILTERS:
        status, body = answer(**{name: ["Patient", "Name"]})
        assert (status, list(body["fields"])) == (400, [name])
    status, body = answer(fields__regex=["^Rows$|^Columns$"], fields__endswith=["s"])
    assert (status, body["allowedFields"]) == (200, ["Rows", "Columns"])
    assert answer(fields__regex=["[x-z]{1000}[a-c]{1000}"])[0] == answer(fields__regex=["(x"])[0] == 400


@pytest.mark.parametrize("name", ["read", *jobs.REWRITE])
def test_with_no_time_left_a_request_says_so_in_time(caller: build.Caller, name: str) -> None:
    function = Function(name, caller)
    for milliseconds, status in ((function.context.get_remaining_time_in_millis(), 200), (7000, 413), (0, 413)):
        function.context.get_remaining_time_in_millis = lambda left=milliseconds: left
        answer = function.handler(function.event, function.context)
        assert answer["statusCode"] == status
    error = json.loads(answer["body"])["error"]
    assert "staged upload" in error
    assert ("frames and fields" in error) == (name == "read")


def test_with_no_time_left_an_upload_fails_with_a_reason(caller: build.Caller) -> None:
    function = Function("upload_worker", caller)
    function.context.get_remaining_time_in_millis = lambda: 30_000
    job_id = uploads.new_job()
    assert staged(function, job_id, uploads.CONTENT) == ""
    job = uploads.job(job_id)
    assert (job.status, job.error) == (
        jobs.FAILED,
        "The upload takes longer than a request may take: ask for fewer with frames and fields.",
    )


@pytest.mark.parametrize("step", ["imaging.answers.read.describe", "imaging.pixels.uploads.open_file"])
def test_too_little_memory_is_the_clients_to_know(
    caller: build.Caller, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(step, fail)
    direct, worker = Function("read", caller), Function("upload_worker", caller)
    answer = direct.handler(direct.event, direct.context)
    assert (answer["statusCode"], "more memory" in answer["body"]) == (413, True)
    monkeypatch.setattr("imaging.answers.planning.make_plan", fail)
    job_id = uploads.new_job()
    assert staged(worker, job_id, uploads.CONTENT) == ""
    assert "more memory" in uploads.job(job_id).error
