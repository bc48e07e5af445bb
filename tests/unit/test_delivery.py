"""Which answers go to the client directly, and which through S3."""

import json
from collections.abc import Iterator

import orjson
import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staging import large_answers
from web import delivery

LIMIT = 200_000


@pytest.fixture(autouse=True, scope="module")
def stored() -> Iterator[list[bytes]]:
    """The objects that are stored, with a limit low enough for tests."""
    kept: list[bytes] = []

    def store(content: bytes, *_: str | None) -> str:
        kept.append(bytes(content))
        return "https://example.com/answer"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "MAX_BODY_CHARACTERS", LIMIT)
        patch.setattr(large_answers, "store", store)
        yield kept


@given(st.text(min_size=1), st.integers(-3, 3), st.sampled_from([bytes, bytearray]))
def test_the_runtimes_json_decides(stored: list[bytes], text: str, over: int, kind: type[bytes | bytearray]) -> None:
    """The answer as Lambda's runtime for Python 3.13 writes it, with characters beyond ASCII as they are."""
    unit = orjson.dumps(text)
    in_json = len(json.dumps(unit.decode(), ensure_ascii=False).encode()) - 2
    body = unit * (LIMIT // in_json)
    body += b" " * (LIMIT + over - in_json * (LIMIT // in_json))
    answer = delivery.deliver_json(kind(body), "application/dicom+json", {"Warning": "299"})
    assert answer.headers["Warning"] == "299"
    if over > 0:
        assert (answer.status_code, answer.headers["Location"]) == (303, "https://example.com/answer")
        assert stored.pop() == body
    else:
        assert (answer.status_code, answer.body, stored) == (200, body.decode(), [])
        assert answer.content_type == "application/dicom+json"


@pytest.mark.parametrize("size", [0, 1, 2, 3, LIMIT * 3 // 4, LIMIT * 3 // 4 + 3])
def test_a_file(stored: list[bytes], size: int) -> None:
    answer = delivery.deliver_file(bytes(size), "application/dicom", {"Content-Disposition": "attachment"})
    if size > LIMIT * 3 // 4:
        assert answer.status_code == 303
        assert stored.pop() == bytes(size)
    else:
        assert answer.base64_encoded
        assert pybase64.b64decode(answer.body or "") == bytes(size)
