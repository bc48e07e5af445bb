"""Answers that are the same for everybody, and may be cached."""

import json
import zlib

import pybase64
import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import tally
from web.accept import accepts_gzip
from web.public import Document

CONTENT = json.dumps({"words": ["é", *map(str, range(2000))]}, ensure_ascii=False).encode()


def event(**headers: str) -> APIGatewayProxyEvent:
    return APIGatewayProxyEvent({"headers": {name.replace("_", "-"): value for name, value in headers.items()}})


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP", "gzip;q=0.1", "*", "deflate, *;q=0.5", "gzip;q=1.0, *;q=0"])
def test_gzip_is_accepted(accepted: str) -> None:
    assert accepts_gzip(event(accept_encoding=accepted))


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "gzipped", ",;,"])
def test_gzip_is_not_accepted(accepted: str) -> None:
    assert not accepts_gzip(event(accept_encoding=accepted))
    assert not accepts_gzip(event())


def test_it_is_compressed_once_for_whom_takes_it_so() -> None:
    document = Document(CONTENT)
    plain, compressed = document.answer(event()), document.answer(event(Accept_Encoding="gzip"))
    assert (plain.base64_encoded, plain.headers.get("Content-Encoding")) == (False, None)
    assert (compressed.base64_encoded, compressed.headers["Content-Encoding"]) == (True, "gzip")
    content = pybase64.b64decode(compressed.body or "")
    assert zlib.decompress(content, wbits=31) == (plain.body or "").encode()
    assert len(content) < len(plain.body or "") / 2
    assert document.answer(event(Accept_Encoding="gzip")).body is compressed.body


def test_what_is_not_kept_is_not_compressed() -> None:
    assert not Document(CONTENT, kept=False).answer(event(Accept_Encoding="gzip")).base64_encoded


def test_its_bytes_are_counted_as_they_leave() -> None:
    document = Document(CONTENT)
    tally.take()
    plain = document.answer(event())
    assert tally.take()["OutBytes"] == len((plain.body or "").encode())
    compressed = document.answer(event(Accept_Encoding="gzip"))
    assert tally.take()["OutBytes"] == len(pybase64.b64decode(compressed.body or ""))
    document.answer(event(If_None_Match="*"))
    assert "OutBytes" not in tally.take()


def test_a_client_that_has_it_is_told_so() -> None:
    document, same, other = Document(CONTENT), Document(CONTENT, kept=False), Document(b"{}")
    tag = document.answer(event()).headers["ETag"]
    assert same.answer(event()).headers["ETag"] == tag != other.answer(event()).headers["ETag"]
    assert isinstance(tag, str)
    for known in (tag, tag.removeprefix("W/"), f'"a",{tag} , W/"b"', "*"):
        answer = document.answer(event(If_None_Match=known))
        assert (answer.status_code, answer.body, answer.headers["ETag"]) == (304, "", tag)
    for unknown in ("", '"a"', tag.strip('W/"'), other.answer(event()).headers["ETag"]):
        assert document.answer(event(If_None_Match=str(unknown))).status_code == 200


@pytest.mark.parametrize("known", ["", "*"])
def test_caches_may_keep_it_for_a_day(known: str) -> None:
    headers = Document(CONTENT).answer(event(If_None_Match=known)).headers
    assert headers["Cache-Control"] == "public, max-age=86400"
    assert headers["Vary"] == "Accept-Encoding, Origin"


def test_pictures_leave_as_bytes_that_are_not_compressed_again() -> None:
    answer = Document(b"\x89PNG" * 1000, "image/png", cache_control="no-cache").answer(event(Accept_Encoding="gzip"))
    assert (answer.base64_encoded, answer.headers.get("Content-Encoding")) == (True, None)
    assert pybase64.b64decode(answer.body or "") == b"\x89PNG" * 1000
    assert answer.headers["Cache-Control"] == "no-cache"
