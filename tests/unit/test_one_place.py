"""Each kind of thing is added in one place: each test adds one there, and it works through the public face."""

import base64
import io
import json
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import UID, RLELossless
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

import imaging
import problems
import tally
import web.api
from imaging import pictures
from imaging.answers import options
from imaging.answers.options import Option
from imaging.answers.read import write_answer
from imaging.dataset.deflate import inflate
from imaging.pictures import Format
from imaging.pixels import codecs
from imaging.pixels.codecs import Codec
from imaging.pixels.codecs.decoded import DecodedFrame
from imaging.pixels.encoding import encode_frames
from tables import Table
from tests.dicom_files import file_bytes
from tests.integration.conftest import emulated
from tests.integration.lambda_context import CONTEXT
from tests.integration.template import TEMPLATE
from web import errors
from web.errors import Kind

ROOT = Path(__file__).parents[2]
OWN_UID = "1.2.840.10008.1.2.9"  # unused in PS3.6 A
START = b"OWN1"


def stored_as_own(stream: bytes) -> bytes:
    """A file of one frame of 64x64 pixels, stored as this stream in the transfer syntax OWN_UID."""
    dataset = pydicom.dcmread(io.BytesIO(file_bytes("MR_small.dcm")))
    dataset.file_meta.TransferSyntaxUID = RLELossless
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    dataset.save_as(file, implicit_vr=False, little_endian=True)
    return file.getvalue().replace(
        RLELossless.encode(), OWN_UID.encode()
    )  # pydicom refuses transfer syntaxes that it does not know


def images(content: bytes) -> list[str]:
    answer = bytearray()
    write_answer("a.dcm", content, options.read_options({}), answer.extend)
    read = json.loads(answer)
    assert "Warnings" not in read, read["Warnings"]
    return list(read["Images"])


def test_a_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(stream: bytes, _image: object, _header: object) -> DecodedFrame:
        samples = np.frombuffer(stream, np.int16, offset=len(START)).reshape(64, 64)
        return DecodedFrame(samples, "MONOCHROME2", 16, lossy=False)

    def encode(samples: NDArray[np.int16], _coding: object) -> bytes:
        return START + samples.tobytes()

    own = Codec("own", (OWN_UID,), starts=(START,), decode=decode, encode=encode, lossless=(OWN_UID,))
    monkeypatch.setattr(codecs, "CODECS", (*codecs.CODECS, own))
    pixels = pydicom.dcmread(io.BytesIO(file_bytes("MR_small.dcm"))).pixel_array
    assert images(stored_as_own(START + pixels.tobytes())) == images(file_bytes("MR_small.dcm"))
    encoded = encode_frames([pixels], UID(OWN_UID))
    assert START + pixels.tobytes() in b"".join(encoded.pixel_data)


def test_a_transfer_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    (deflated,) = (codec for codec in codecs.CODECS if codec.unpack is inflate)
    with_another = deflated._replace(transfer_syntaxes=(*deflated.transfer_syntaxes, OWN_UID))
    others = [codec for codec in codecs.CODECS if codec is not deflated]
    monkeypatch.setattr(codecs, "CODECS", (*others, with_another))
    deflator = zlib.compressobj(wbits=-15)
    pixels = pydicom.dcmread(io.BytesIO(file_bytes("MR_small.dcm"))).PixelData
    stream = deflator.compress(pixels) + deflator.flush()
    assert images(stored_as_own(stream + bytes(len(stream) % 2))) == images(file_bytes("MR_small.dcm"))


def test_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(options.OPTIONS, "only", Option("fields", lambda text: frozenset({text})))
    assert options.read_options({"only": "Modality"}).fields == {"Modality"}
    assert set(imaging.read(file_bytes("MR_small.dcm"), only="Modality")) == {"Modality", "ImageFormat", "Images"}


def test_a_picture_format(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(picture: NDArray[np.uint8], _quality: int, _icc_profile: bytes | None) -> bytes:
        return f"P5 {picture.shape[1]} {picture.shape[0]} 255 ".encode() + picture.tobytes()

    monkeypatch.setitem(pictures.FORMATS, "pgm", Format(encode))
    read = imaging.read(file_bytes("MR_small.dcm"), return_format="PGM")
    assert read["ImageFormat"] == "PGM"
    assert base64.b64decode(read["Images"][0]).startswith(b"P5 64 64 255 ")


def test_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Teapot(problems.Problem):
        """The server is a teapot."""

    monkeypatch.setitem(errors.KINDS, Teapot, Kind(418, "teapot", "It is a teapot"))
    for accept, member in (("*/*", "error"), ("application/problem+json", "detail")):
        answer = errors.problem_answer(APIGatewayProxyEvent({"headers": {"Accept": accept}}), Teapot("No coffee."))
        assert (answer.status_code, json.loads(answer.body or "")[member]) == (418, "No coffee.")


def test_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    api = web.api.rest_api()

    @api.get("/own")
    def own() -> dict[str, str]:
        tally.add("OwnThings", 3)
        return {}

    event = json.loads((ROOT / "events/health.json").read_text()) | {"path": "/own", "resource": "/own"}
    assert web.api.lambda_handler(api)(event, CONTEXT)["statusCode"] == 200
    line = json.loads(capsys.readouterr().out)
    assert line["OwnThings"] in (3, [3])
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert "OwnThings" in {metric["Name"] for metric in metrics["Metrics"]}


def test_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = TEMPLATE["Resources"]
    keys = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    own = {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST", **keys}}
    monkeypatch.setitem(resources, "OwnTable", own)
    variables = resources["RegisterFunction"]["Properties"]["Environment"]["Variables"]
    monkeypatch.setitem(variables, "OWN_TABLE", {"Ref": "OwnTable"})

    class Own(Table):
        class Meta(Table.Meta):
            environment_variable = "OWN_TABLE"

        id = UnicodeAttribute(hash_key=True)
        number = NumberAttribute()

    with emulated(monkeypatch):
        assert Own("a", number=1).save_if(Own.id.does_not_exist())
        assert not Own("a", number=2).save_if(Own.id.does_not_exist())
        assert Own.get("a").number == 1
