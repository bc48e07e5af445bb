"""The local S3 refuses presigned forms and URLs, and requests without either, as S3 does."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import boto3
import pytest
import requests
from botocore.config import Config

from local import aws_endpoint
from tests.e2e.server import LocalServer

KEY = "uploads/é 1+~"
OTHERS_KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "another"}


def client(server: LocalServer, **keys: str) -> Any:
    variables = aws_endpoint.environment(server.facts["aws_endpoint_url"])
    usual = {name.lower(): variables[name.upper()] for name in ("aws_access_key_id", "aws_secret_access_key")}
    config = Config(signature_version="s3v4")
    return boto3.client(
        "s3", endpoint_url=variables["AWS_ENDPOINT_URL"], region_name="us-east-1", config=config, **usual | keys
    )


@pytest.fixture
def s3(small_server: LocalServer) -> Any:
    """A client of the server's S3, with the object KEY in the bucket "bucket"."""
    made = client(small_server)
    made.put_object(Bucket="bucket", Key=KEY, Body=b"stored")
    return made


class Refusal(NamedTuple):
    status: int
    code: str


def refusal(answer: requests.Response) -> Refusal:
    """That of an answer which a browser's page is allowed to see."""
    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return Refusal(answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0])


# Forms.


def form(s3: Any, *conditions: Any, key: str = KEY, seconds: int = 3600, **fields: str) -> dict[str, Any]:
    # An hour, as the test may start much later.
    made: dict[str, Any] = s3.generate_presigned_post(
        "bucket", key, Fields=fields, Conditions=[*conditions], ExpiresIn=seconds
    )
    return made


def send(made: dict[str, Any], files: Any = None, url: str | None = None, **changed: str | None) -> requests.Response:
    fields = {name: value for name, value in {**made["fields"], **changed}.items() if value is not None}
    return requests.post(url or made["url"], data=fields, files={"file": b"12345"} if files is None else files)


@pytest.mark.parametrize(
    ("conditions", "fields", "sent"),
    [
        ((), {}, {}),
        ((["eq", "$key", KEY],), {}, {}),
        ((["starts-with", "$Content-Type", "image/"],), {}, {"Content-Type": "image/png"}),
        (({"Content-Type": "x/y"},), {"content-type": "x/y"}, {}),
        ((["content-length-range", 5, 5],), {}, {}),
    ],
)
def test_a_form_that_its_policy_allows(s3: Any, conditions: Any, fields: Any, sent: dict[str, str]) -> None:
    assert send(form(s3, *conditions, **fields), **sent).status_code == 204
    assert s3.get_object(Bucket="bucket", Key=KEY)["Body"].read() == b"12345"


def test_a_file_may_be_text(s3: Any) -> None:
    sized = form(s3, ["content-length-range", 2, 2])
    assert send(sized, files={"file": (None, "é")}).status_code == 204
    assert refusal(send(sized, files={"file": (None, "ab3")})) == (400, "EntityTooLarge")


@pytest.mark.parametrize(
    ("conditions", "seconds", "sent", "refused"),
    [
        ((), -1, {}, (403, "AccessDenied")),
        ((), 3600, {"key": "other"}, (403, "AccessDenied")),
        ((["starts-with", "$Content-Type", "image/"],), 3600, {"Content-Type": "text/html"}, (403, "AccessDenied")),
        ((), 3600, {"Content-Type": "image/png"}, (403, "AccessDenied")),
        (({"acl": "private"},), 3600, {}, (403, "AccessDenied")),
        ((["content-length-range", 6, 9],), 3600, {}, (400, "EntityTooSmall")),
        ((["content-length-range", 1, 4],), 3600, {}, (400, "EntityTooLarge")),
        ((), 3600, {"policy": None}, (403, "AccessDenied")),
        ((), 3600, {"x-amz-signature": None}, (403, "AccessDenied")),
        ((), 3600, {"policy": None, "x-amz-signature": None}, (403, "AccessDenied")),
        ((), 3600, {"x-amz-signature": "0" * 64}, (403, "SignatureDoesNotMatch")),
        ((), 3600, {"x-amz-signature": "é"}, (403, "SignatureDoesNotMatch")),
        ((), 3600, {"policy": "e30="}, (403, "SignatureDoesNotMatch")),
        ((), 3600, {"x-amz-credential": None}, (403, "SignatureDoesNotMatch")),
        ((), 3600, {"x-amz-date": None}, (403, "SignatureDoesNotMatch")),
    ],
)
def test_a_form_that_it_does_not(s3: Any, conditions: Any, seconds: int, sent: Any, refused: tuple[int, str]) -> None:
    assert refusal(send(form(s3, *conditions, seconds=seconds), **sent)) == refused
    assert s3.get_object(Bucket="bucket", Key=KEY)["Body"].read() == b"stored"


@pytest.mark.parametrize(
    "files",
    [
        {"upload": b"12345"},
        {"File": b"12345"},
        [("file", b"1"), ("file", b"2")],
        {"file": b"1", "image": b"2"},
        {"key": (None, KEY)},
    ],
)
def test_a_form_is_of_one_file_called_file(s3: Any, files: Any) -> None:
    assert refusal(send(form(s3), files)) == (400, "InvalidArgument")


def test_a_form_is_for_one_bucket(s3: Any, small_server: LocalServer) -> None:
    s3.create_bucket(Bucket="other")
    address = f"{small_server.facts['aws_endpoint_url']}/other"
    assert refusal(send(form(s3), url=address)) == (403, "AccessDenied")
    assert refusal(send(form(s3), url=f"{address}/{KEY}")) == (403, "AccessDenied")


def test_a_form_that_another_key_has_signed(small_server: LocalServer) -> None:
    for keys in (OTHERS_KEYS, {"aws_access_key_id": "another"}):
        assert refusal(send(form(client(small_server, **keys)))) == (403, "SignatureDoesNotMatch")


def signature(text: str, date: str) -> str:
    """A signature version 4 with the local AWS's key. `date` is like 20260101."""
    steps = (date, "us-east-1", "s3", "aws4_request")
    key = reduce(lambda key, step: hmac.digest(key, step.encode(), "sha256"), steps, b"AWS4local")
    return hmac.digest(key, text.encode(), "sha256").hex()


def signed(policy: bytes) -> dict[str, str]:
    """The fields of a form with any policy and a valid signature."""
    encoded = policy.decode() if policy.startswith(b"!") else base64.b64encode(policy).decode()
    return {
        "key": KEY,
        "x-amz-credential": "local/20260101/us-east-1/s3/aws4_request",
        "x-amz-date": "20260101T000000Z",
        "policy": encoded,
        "x-amz-signature": signature(encoded, "20260101"),
    }


@pytest.mark.parametrize(
    "policy",
    [
        b"!no base64!",
        b"no JSON",
        b"\xff",
        b"[]",
        b"{}",
        b'{"expiration": "2100-01-01T00:00:00Z"}',
        b'{"expiration": "soon", "conditions": []}',
        b'{"expiration": 1, "conditions": []}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": 1}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["eq", "$key"]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["eq", 1, "a"]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["content-length-range", "one", 2]]}',
        b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [1]}',
    ],
)
def test_a_policy_that_is_none(s3: Any, policy: bytes) -> None:
    url = s3.generate_presigned_post("bucket", KEY)["url"]
    assert refusal(send({"url": url, "fields": signed(policy)})) == (400, "InvalidPolicyDocument")


def test_a_policy_names_all_fields_and_the_bucket(s3: Any) -> None:
    url = s3.generate_presigned_post("bucket", KEY)["url"]
    named = [
        {"bucket": "bucket"},
        {"key": KEY},
        ["starts-with", "$x-amz-credential", ""],
        ["starts-with", "$x-amz-date", ""],
    ]
    for left_out in (None, *range(len(named))):
        conditions = [condition for number, condition in enumerate(named) if number != left_out]
        policy = {"expiration": "2100-01-01T00:00:00Z", "conditions": conditions}
        answer = send({"url": url, "fields": signed(json.dumps(policy).encode())})
        assert answer.status_code == 204 if left_out is None else refusal(answer) == (403, "AccessDenied")


# URLs.


def presigned(s3: Any, seconds: int = 600, method: str = "get_object", **more: str) -> str:
    url: str = s3.generate_presigned_url(method, Params={"Bucket": "bucket", "Key": KEY, **more}, ExpiresIn=seconds)
    return url


def test_a_presigned_url_gives_the_object(s3: Any) -> None:
    assert requests.get(presigned(s3)).content == b"stored"
    named = presigned(s3, ResponseContentDisposition='attachment; filename="a b.dcm"')
    assert requests.get(named).headers["Content-Disposition"] == 'attachment; filename="a b.dcm"'
    part = requests.get(presigned(s3), headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, b"to")


def test_a_presigned_url_stores_an_object(s3: Any) -> None:
    url = presigned(s3, method="put_object", ContentType="image/png")
    assert refusal(requests.put(url, b"new", headers={"Content-Type": "text/html"})) == (403, "SignatureDoesNotMatch")
    assert requests.put(url, b"new", headers={"Content-Type": "image/png"}).status_code == 200
    assert requests.get(presigned(s3)).content == b"new"


@pytest.mark.parametrize("header", ["ApiKey prefix.secret", "Bearer a.b.c", "Basic YTpi", "", "a b/c/d/e/f"])
def test_a_presigned_url_takes_no_other_credentials(s3: Any, header: str) -> None:
    answer = requests.get(presigned(s3), headers={"Authorization": header})
    assert refusal(answer) == (400, "InvalidArgument")
    assert "Only one auth mechanism allowed" in answer.text


def test_a_presigned_url_takes_no_second_signature(s3: Any) -> None:
    for more in ("&Signature=a&AWSAccessKeyId=local&Expires=2000000000", "&Signature="):
        assert refusal(requests.get(presigned(s3) + more)) == (400, "InvalidArgument")


def test_an_old_signature_is_not_supported(s3: Any) -> None:
    bare = presigned(s3).partition("?")[0]
    assert refusal(requests.get(f"{bare}?Signature=a&AWSAccessKeyId=local&Expires=2000000000")) == (
        400,
        "InvalidRequest",
    )


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        ("X-Amz-Expires", "soon", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "-1", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "604801", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "9" * 5000, (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "%D9%A3", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Expires", "604800", (403, "SignatureDoesNotMatch")),
        ("X-Amz-Date", "yesterday", (400, "AuthorizationQueryParametersError")),
        ("X-Amz-Date", "99991231T235959Z", (403, "AccessDenied")),
        ("X-Amz-Date", "20200101T000000Z", (403, "AccessDenied")),
        ("X-Amz-SignedHeaders", "host;x-custom", (403, "SignatureDoesNotMatch")),
        ("X-Amz-Credential", "nobody", (403, "SignatureDoesNotMatch")),
        ("X-Amz-Signature", "0" * 64, (403, "SignatureDoesNotMatch")),
        ("X-Amz-Signature", "%C3%A9", (403, "SignatureDoesNotMatch")),
    ],
)
def test_a_url_that_was_changed(s3: Any, field: str, value: str, refused: tuple[int, str]) -> None:
    changed = re.sub(f"{field}=[^&]*", f"{field}={value}", presigned(s3))
    assert refusal(requests.get(changed)) == refused


@pytest.mark.parametrize("field", ["Credential", "Signature", "Date", "SignedHeaders", "Expires"])
def test_a_url_without_one_of_its_fields(s3: Any, field: str) -> None:
    less = re.sub(f"&?X-Amz-{field}=[^&]*", "", presigned(s3))
    assert refusal(requests.get(less)) == (400, "AuthorizationQueryParametersError")


def test_a_url_is_for_one_object_and_method_and_no_more_than_it_says(s3: Any) -> None:
    url = presigned(s3)
    s3.put_object(Bucket="bucket", Key="uploads/2", Body=b"another's")
    for other in (url.replace(quote(KEY, "/~"), "uploads/2"), url + "&response-content-type=text/html"):
        assert other != url
        assert refusal(requests.get(other)) == (403, "SignatureDoesNotMatch")
    assert refusal(requests.put(url, b"new")) == (403, "SignatureDoesNotMatch")
    assert refusal(requests.delete(url)) == (403, "SignatureDoesNotMatch")
    assert requests.get(url).content == b"stored"


@pytest.mark.usefixtures("s3")
def test_a_url_that_another_key_has_signed(small_server: LocalServer) -> None:
    assert refusal(requests.get(presigned(client(small_server, **OTHERS_KEYS)))) == (403, "SignatureDoesNotMatch")


def signed_at(address: str, at: datetime, seconds: int) -> str:
    """A presigned URL signed at this time."""
    time = f"{at:%Y%m%dT%H%M%SZ}"
    scope = f"{at:%Y%m%d}/us-east-1/s3/aws4_request"
    fields = {"Algorithm": "AWS4-HMAC-SHA256", "Credential": f"local/{scope}", "Date": time, "Expires": str(seconds)}
    query = "&".join(f"X-Amz-{name}={quote(value, '')}" for name, value in {**fields, "SignedHeaders": "host"}.items())
    parts = urlsplit(address)
    request = f"GET\n{parts.path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    return f"{address}?{query}&X-Amz-Signature={signature(text, time[:8])}"


@pytest.mark.parametrize(
    ("minutes", "refused"), [(50, None), (70, (403, "AccessDenied")), (-5, None), (-25, (403, "AccessDenied"))]
)
def test_a_url_has_its_time(s3: Any, minutes: int, refused: Any) -> None:
    url = signed_at(presigned(s3).partition("?")[0], datetime.now(UTC) - timedelta(minutes=minutes), 3600)
    answer = requests.get(url)
    assert answer.content == b"stored" if refused is None else refusal(answer) == refused


# Requests without either.


def test_nobody_without_credentials_reaches_anything(s3: Any) -> None:
    address = presigned(s3).partition("?")[0]
    bucket = address.partition("/uploads")[0]
    for method, url in (
        ("GET", address),
        ("PUT", address),
        ("DELETE", address),
        ("POST", address + "?uploads"),
        ("GET", bucket),
        ("PUT", bucket),
        ("POST", bucket + "?delete"),
        ("GET", bucket.rpartition("/")[0] + "/"),
        ("GET", address + "?response-content-type=text/html"),
    ):
        answer = requests.request(method, url, data=b"x" * 1_000_000 if method == "PUT" else None)
        assert refusal(answer) == (403, "AccessDenied"), (method, url)
    assert requests.head(address).status_code == 403
    assert refusal(requests.post(address, files={"file": b"x"})) == (403, "AccessDenied")
    assert requests.get(presigned(s3)).content == b"stored"


@pytest.mark.parametrize(
    "header", ["ApiKey prefix.secret", "Bearer a.b.c", "nonsense", "AWS4-HMAC-SHA256", "a b/c/d/e/f"]
)
def test_credentials_of_another_kind(s3: Any, header: str) -> None:
    address = presigned(s3).partition("?")[0]
    assert refusal(requests.get(address, headers={"Authorization": header})) == (400, "InvalidArgument")
    made = form(s3)
    sent = requests.post(made["url"], data=made["fields"], files={"file": b"x"}, headers={"Authorization": header})
    assert refusal(sent) == (400, "InvalidArgument")


def test_a_page_may_ask_whether_it_may(s3: Any) -> None:
    asked = {"Origin": "https://viewer.example.com", "Access-Control-Request-Method": "POST"}
    for url in (form(s3)["url"], presigned(s3)):
        answer = requests.options(url, headers=asked)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] in {"*", asked["Origin"]}
