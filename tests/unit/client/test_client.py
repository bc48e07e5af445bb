"""`Client` and `AsyncClient` have the same methods, and send the same requests."""

import asyncio
import base64
import inspect
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import dicom_api
from dicom_api import AsyncClient, Client, ReadOptions
from openapi.build import document

READ = {"Modality": "MR", "Images": [""]}


class Api(httpx.MockTransport):
    """Gives the prepared answers in order, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.asked: list[httpx.Request] = []
        left = iter(answers)

        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            given = next(left)
            if isinstance(given, Exception):
                raise given
            return given

        super().__init__(answer)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Calls methods of either client, one after the other, with an Api as its transport."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(time, "sleep", pauses.append)
    loop = asyncio.new_event_loop()

    def run(api: Api, *calls: tuple[Any, ...], **options: Any) -> Any:
        if request.param == "sync":
            client = Client("prefix.secret", "http://api", transport=api)
            return [getattr(client, name)(*given, **options) for name, *given in calls][-1]

        async def all_of_them() -> Any:
            monkeypatch.setattr(asyncio, "sleep", pause)
            async with AsyncClient("prefix.secret", "http://api", transport=api) as client:
                return [await getattr(client, name)(*given, **options) for name, *given in calls][-1]

        return loop.run_until_complete(all_of_them())

    run.pauses = pauses  # type: ignore[attr-defined]
    yield run
    loop.close()


def test_both_have_the_same_methods() -> None:
    def signatures(kind: type) -> dict[str, inspect.Signature]:
        return {
            name.replace("aclose", "close"): inspect.signature(value)
            for name, value in vars(kind).items()
            if not name.startswith("_")
        }

    assert signatures(Client) == signatures(AsyncClient)
    assert all(inspect.iscoroutinefunction(value) for name, value in vars(AsyncClient).items() if name[0] != "_")


@pytest.mark.parametrize("form", ["path", "text", "bytes", "file"])
def test_a_file_is_given_in_any_form(call: Any, tmp_path: Path, form: str) -> None:
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"content")
    with path.open("rb") as opened:
        opened.read(3)  # a file object is sent from its beginning
        file = {"path": path, "text": str(path), "bytes": b"content", "file": opened}[form]
        api = Api(httpx.Response(503), httpx.Response(200, json=READ))
        assert call(api, ("read", file)) == READ
    for asked in api.asked:
        assert b"\r\n\r\ncontent\r\n--" in asked.content
        assert (b'filename="file"' if form == "bytes" else b'filename="scan.dcm"') in asked.content
    assert call.pauses == [2]


def test_options_become_the_forms_texts(call: Any) -> None:
    api = Api(httpx.Response(200, json=READ))
    options = {"fields": ["Modality", "Rows"], "frames": [1, 4], "window": (40.5, 400), "overlays": True, "quality": 80}
    call(api, ("read", b"x"), **options)
    sent = api.asked[0].content
    for text in (b"Modality,Rows", b"1,4", b"40.5,400", b"true", b"80"):
        assert b"\r\n\r\n" + text + b"\r\n" in sent


def test_metadata_asks_for_no_pictures(call: Any) -> None:
    api = Api(httpx.Response(200, json={"Modality": "MR"}))
    assert call(api, ("metadata", b"x")) == {"Modality": "MR"}
    assert b'name="images"\r\n\r\nfalse\r\n' in api.asked[0].content


def test_an_option_that_is_none(call: Any) -> None:
    with pytest.raises(TypeError, match="no option 'frame'"):
        call(Api(), ("read", b"x"), frame=1)


@pytest.mark.parametrize("passing", [502, 503, 504, httpx.ReadError, httpx.ReadTimeout])
def test_what_passes_is_retried_and_makes_one_thing(call: Any, passing: Any) -> None:
    def answer() -> httpx.Response | Exception:
        if isinstance(passing, int):
            return httpx.Response(passing)
        error: Exception = passing("broken", request=httpx.Request("POST", "http://api"))
        return error

    api = Api(answer(), answer(), httpx.Response(200, content=b"DICM"))
    assert call(api, ("generate", b"a picture")) == b"DICM"
    assert call.pauses == [2, 4]
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 1


def test_retry_after_is_kept_to(call: Any) -> None:
    api = Api(httpx.Response(503, headers={"Retry-After": "7"}), httpx.Response(200, json=READ))
    call(api, ("read", b"x"))
    assert call.pauses == [7]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "No.", "fields": {"quality": "Send less."}}, dicom_api.Invalid),
        (401, {"error": "No."}, dicom_api.NotAuthorized),
        (403, {"error": "No."}, dicom_api.NotAuthorized),
        (404, {"error": "No."}, dicom_api.NotFound),
        (409, {"error": "No."}, dicom_api.Conflict),
        (413, {"error": "No."}, dicom_api.TooLarge),
        (429, {"error": "No."}, dicom_api.TooManyRequests),
        (429, {"error": "No.", "quota": 1000, "requests_used": 1001}, dicom_api.QuotaReached),
        (500, {"error": "No."}, dicom_api.ServerError),
        (503, {"error": "No."}, dicom_api.ServerError),
    ],
)
def test_errors_have_types(call: Any, status: int, body: Any, kind: type[dicom_api.Refused]) -> None:
    headers = {"Retry-After": "86400", "X-Request-Id": "abc"}
    with pytest.raises(kind) as raised:
        call(Api(httpx.Response(status, json=body, headers=headers)), ("upload", "1f"))
    error = raised.value
    assert type(error) is kind
    assert (error.status, error.request_id, error.retry_after) == (status, "abc", 86400)
    assert str(error).startswith("No.")
    if isinstance(error, dicom_api.Invalid):
        assert error.fields == {"quality": "Send less."}
    if isinstance(error, dicom_api.QuotaReached):
        assert (error.quota, error.reset) == (1000, 86400)


def test_tokens_are_renewed_once(call: Any) -> None:
    api = Api(
        httpx.Response(200, json={"access": "a1", "refresh": "r1"}),
        httpx.Response(401, json={"error": "Expired."}),
        httpx.Response(200, json={"access": "a2", "refresh": "r2"}),
        httpx.Response(200, json={"purpose": "p"}),
    )
    assert call(api, ("login", "me@example.com", "secret"), ("profile",)) == {"purpose": "p"}
    assert [asked.headers.get("Authorization") for asked in api.asked] == [None, "Bearer a1", None, "Bearer a2"]
    assert json.loads(api.asked[2].content) == {"refresh": "r1"}


def test_a_renewal_is_not_sent_twice(call: Any) -> None:
    api = Api(
        httpx.Response(200, json={"access": "a1", "refresh": "r1"}),
        httpx.Response(401, json={"error": "Expired."}),
        httpx.ReadError("reset", request=httpx.Request("POST", "http://api")),
    )
    with pytest.raises(dicom_api.Disconnected):
        call(api, ("login", "me@example.com", "secret"), ("profile",))
    assert call.pauses == []


def test_all_pages_of_uploads(call: Any) -> None:
    api = Api(
        httpx.Response(200, json={"uploads": [{"id": "1"}], "next": "here"}),
        httpx.Response(200, json={"uploads": [{"id": "2"}]}),
    )
    assert call(api, ("uploads",)) == [{"id": "1"}, {"id": "2"}]
    assert api.asked[1].url.params["next"] == "here"


def test_arrays() -> None:
    def picture(array: np.ndarray[Any, Any]) -> str:
        content = io.BytesIO()
        Image.fromarray(array).save(content, "PNG")
        return base64.b64encode(content.getvalue()).decode()

    grey, colour = np.arange(6, dtype=np.uint8).reshape(2, 3), np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    one, none, other = dicom_api.Answer({"Images": [picture(grey), "", picture(colour)]}).arrays()
    assert none is None
    np.testing.assert_array_equal(one, grey)  # type: ignore[arg-type] # it is one
    np.testing.assert_array_equal(other, colour)  # type: ignore[arg-type] # it is one


def test_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DICOM_API_KEY", raising=False)
    with pytest.raises(dicom_api.DicomApiError, match="DICOM_API_KEY"):
        Client(transport=Api()).read(b"x")


def test_the_options_are_those_of_the_apis_document() -> None:
    form = document()["components"]["schemas"]["ReadForm"]["properties"]
    assert {"file", *ReadOptions.__annotations__} == set(form)
