"""The endpoints of docs/usage-guide.md in order, over HTTP, with requests as the oldest clients send them."""

import base64
import datetime
import io
import re
from typing import Any

import numpy as np
import pydicom
import pytest
import requests
from PIL import Image

from tests.dicom_files import file_bytes, picture_file
from tests.e2e.client import PASSWORD, json_of, raw
from tests.e2e.server import Server


@pytest.fixture(scope="module")
def developer(server: Server) -> dict[str, str]:
    """The tokens of a new account."""
    account = {"email": "user5@example.com", "password": PASSWORD}
    assert requests.post(f"{server.url}/api/register/", json=account).status_code == 201
    tokens = requests.post(f"{server.url}/api/token/", json=account)
    assert tokens.status_code == 200
    assert set(tokens.json()) == {"refresh", "access"}
    return tokens.json()


@pytest.fixture(scope="module")
def profile(server: Server, developer: dict[str, str]) -> dict[str, str]:
    body = {"purpose": "testing", "organization": "My Organization"}
    answer = requests.post(f"{server.url}/api/developer/profiles/", json=body, headers=bearer(developer))
    assert (answer.status_code, answer.json()) == (201, body)
    return developer


@pytest.fixture(scope="module")
def key(server: Server, profile: dict[str, str]) -> dict[str, Any]:
    # docs/usage-guide.md allows a JSON body without Content-Type.
    answer = raw(server.url, "POST /api-keys/ HTTP/1.1", bearer(profile), b'{\n  "name": "New API Key"\n}')
    assert answer.status == 201
    made: dict[str, Any] = json_of(answer)
    assert list(made) == ["id", "name", "key"]
    assert (made["id"], made["name"]) == (1, "New API Key")
    assert re.fullmatch(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", made["key"])
    return made


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access']}"}


def api_key(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"ApiKey {key['key']}"}


def test_1_allowed_fields(server: Server) -> None:
    # Credentials sent here are ignored.
    headers = {"Authorization": "ApiKey amRqSgZZ....", "Content-Type": "application/json"}
    answer = requests.get(f"{server.url}/api/dicom-format/allowed-fields/?fields__contains=Patient", headers=headers)
    assert answer.status_code == 200
    body = answer.json()
    assert body["dicomVersion"] == pydicom.__version__
    assert body["standardEdition"] == "2024c"
    guide = ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientWeight"]
    assert set(guide) < set(body["allowedFields"])
    assert all("Patient" in keyword for keyword in body["allowedFields"])
    tags = [pydicom.datadict.tag_for_keyword(keyword) for keyword in body["allowedFields"]]
    assert tags == sorted(tags)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"fields__startswith": "PatientB", "fields__endswith": "Date"}, {"PatientBirthDate"}),
        ({"fields__regex": "^Rows$|^Columns$"}, {"Rows", "Columns"}),
        ({"fields__contains": "patientname"}, set()),
        ({"fields__regex": "^(OverlayRows)?$"}, set()),
    ],
)
def test_1_filters_combine(server: Server, query: dict[str, str], expected: set[str]) -> None:
    answer = requests.get(f"{server.url}/api/dicom-format/allowed-fields/", params=query)
    assert set(answer.json()["allowedFields"]) == expected


def test_1_without_filters_every_keyword(server: Server) -> None:
    fields = requests.get(f"{server.url}/api/dicom-format/allowed-fields").json()["allowedFields"]
    assert fields == [entry[4] for entry in pydicom.datadict.DicomDictionary.values() if entry[4]]


def test_2_required_field_types(server: Server) -> None:
    answer = raw(
        server.url, "GET /api/dicom-format/required-field-type/ HTTP/1.1", {"Content-Type": "application/json"}
    )
    types = json_of(answer)["requiredFieldTypes"]
    assert types["CommandGroupLength"] == "<class 'int'>"
    assert types["DataSetTrailingPadding"] == "<class 'bytes'>"
    assert types["SequenceDelimitationItem"] == "<class 'str'>"


def test_3_tokens_refresh_and_rotate(server: Server, developer: dict[str, str]) -> None:
    url = f"{server.url}/api/token/refresh/"
    renewed = requests.post(url, json={"refresh": developer["refresh"]})
    assert renewed.status_code == 200
    assert set(renewed.json()) == {"refresh", "access"}
    assert requests.post(url, json={"refresh": developer["refresh"]}).status_code == 401
    assert requests.post(url, json={"refresh": developer["access"]}).status_code == 401
    assert requests.get(f"{server.url}/api-keys/", headers=bearer({"access": developer["refresh"]})).status_code == 401


def test_4_profile(server: Server, profile: dict[str, str]) -> None:
    url = f"{server.url}/api/developer/profiles/"
    body = {"purpose": "testing", "organization": "My Organization"}
    assert requests.post(url, json=body, headers=bearer(profile)).status_code == 409
    assert requests.get(url, headers=bearer(profile)).json() == body


def test_5_keys(server: Server, profile: dict[str, str], key: dict[str, Any]) -> None:
    (listed,) = requests.get(f"{server.url}/api-keys/", headers=bearer(profile)).json()
    assert (listed["id"], listed["name"], listed["prefix"]) == (1, "New API Key", key["key"][:8])
    assert datetime.datetime.fromisoformat(listed["created"]).tzinfo is not None
    second = requests.post(f"{server.url}/api-keys", json={"name": "Second"}, headers=bearer(profile)).json()
    assert second["id"] == 2
    gone = requests.delete(f"{server.url}/api-keys/delete/2/", headers=bearer(profile))
    assert gone.status_code == 204
    refused = requests.post(f"{server.url}/api/dicom/read/file/", headers=api_key(second))
    assert refused.status_code == 401
    assert refused.headers["x-amzn-Remapped-WWW-Authenticate"] == "ApiKey"  # the header's name on AWS
    assert requests.delete(f"{server.url}/api-keys/delete/2/", headers=bearer(profile)).status_code == 404


READ_BODY = (
    b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="dicom-file.dcm"\r\n'
    b"Content-Type: application/dicom\r\n\r\n%s\r\n\r\n"
    b'--boundary\r\nContent-Disposition: form-data; name="fields"\r\n\r\nPatientName,StudyDate,Modality\r\n\r\n'
    b'--boundary\r\nContent-Disposition: form-data; name="return_format"\r\n\r\npng\r\n--boundary--'
)


def test_6_read_as_the_guide_writes_it(server: Server, key: dict[str, Any]) -> None:
    headers = api_key(key) | {"Content-Type": "multipart/form-data"}
    answer = raw(server.url, "POST /api/dicom/read/file/ HTTP/1.1", headers, READ_BODY % file_bytes("CT_small.dcm"))
    assert answer.status == 200
    body = json_of(answer)
    assert list(body) == ["StudyDate", "Modality", "PatientName", "ImageFormat", "Images"]
    assert body["PatientName"] == "CompressedSamples^CT1"
    assert body["ImageFormat"] == "PNG"
    (image,) = body["Images"]
    assert Image.open(io.BytesIO(base64.b64decode(image))).size == (128, 128)


def read(server: Server, key: dict[str, Any], name: str, content: bytes, **form: str) -> requests.Response:
    return requests.post(
        f"{server.url}/api/dicom/read/file/", headers=api_key(key), files={"file": (name, content)}, data=form
    )


def test_6_read_everything(server: Server, key: dict[str, Any]) -> None:
    body = read(server, key, "liver.dcm", file_bytes("liver.dcm"), return_format="gif").json()
    assert body["NumberOfFrames"] == "3"
    assert body["PixelData"].startswith("b'")
    assert body["PixelData"].endswith(".....")
    assert body["ImageFormat"] == "GIF"
    assert [Image.open(io.BytesIO(base64.b64decode(image))).format for image in body["Images"]] == ["GIF"] * 3


def test_6_read_a_long_film_through_s3(server: Server, key: dict[str, Any]) -> None:
    frames = np.random.default_rng(5).integers(0, 256, (100, 200, 200), np.uint8)
    content = picture_file(frames.reshape(-1, 200), Rows=200, NumberOfFrames=100, WindowCenter=128, WindowWidth=256)
    options = {
        "headers": api_key(key),
        "files": {"file": ("film.DCM", content)},
        "data": {"fields": "PixelData"},
        "url": f"{server.url}/api/dicom/read/file/",
    }
    assert requests.post(allow_redirects=False, **options).status_code == 303
    body = requests.post(**options).json()
    assert body["PixelData"] == repr(frames.tobytes())
    assert len(body["Images"]) == 100
    last = np.asarray(Image.open(io.BytesIO(base64.b64decode(body["Images"][-1]))))
    assert (last == frames[-1]).all()


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (30, 40, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_7_generate_as_the_guide_writes_it(server: Server, key: dict[str, Any]) -> None:
    body = (
        b'--boundary\r\nContent-Disposition: form-data; name="file_name"\r\n\r\nexample_dicom\r\n'
        b'--boundary\r\nContent-Disposition: form-data; name="image"; filename="image.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + picture() + b"\r\n\r\n"
        b'--boundary\r\nContent-Disposition: form-data; name="PatientName"\r\n\r\nJohn Doe\r\n'
        b'--boundary\r\nContent-Disposition: form-data; name="Modality"\r\n\r\nCT\r\n--boundary--'
    )
    headers = api_key(key) | {"Content-Type": "multipart/form-data; boundary=boundary"}
    answer = raw(server.url, "POST /api/dicom/generate/ HTTP/1.1", headers, body)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/dicom"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="example_dicom.dcm"'
    dataset = pydicom.dcmread(io.BytesIO(answer.body))
    assert (dataset.PatientName, dataset.Modality) == ("John Doe", "CT")
    assert np.array_equal(dataset.pixel_array, np.asarray(Image.open(io.BytesIO(picture()))))
    (image,) = read(server, key, "example_dicom.dcm", answer.body).json()["Images"]
    assert Image.open(io.BytesIO(base64.b64decode(image))).tobytes() == Image.open(io.BytesIO(picture())).tobytes()


def test_7_generate_frames_that_are_the_jpegs_sent(server: Server, key: dict[str, Any]) -> None:
    jpegs = []
    for grey in (0, 100, 200):
        Image.new("L", (16, 16), grey).save(file := io.BytesIO(), "JPEG")
        jpegs.append(file.getvalue())
    answer = requests.post(
        f"{server.url}/api/dicom/generate/",
        headers=api_key(key),
        data={"file_name": "frames", "compression": "JPEG", "FrameTime": "40"},
        files=[("image", ("x.jpg", jpeg)) for jpeg in jpegs],
    )
    dataset = pydicom.dcmread(io.BytesIO(answer.content))
    assert (dataset.NumberOfFrames, dataset.FrameTime) == (3, 40)
    assert all(jpeg in dataset.PixelData for jpeg in jpegs)
    images = read(server, key, "frames.dcm", answer.content).json()["Images"]
    assert [Image.open(io.BytesIO(base64.b64decode(image))).getpixel((0, 0)) for image in images] == [0, 100, 200]


def test_7_generate_a_large_file_through_s3(server: Server, key: dict[str, Any]) -> None:
    file = io.BytesIO()
    Image.new("L", (3000, 2000), 7).save(file, "PNG")
    options = {
        "headers": api_key(key),
        "data": {"file_name": "large"},
        "files": {"image": ("x", file.getvalue())},
        "url": f"{server.url}/api/dicom/generate/",
    }
    assert requests.post(allow_redirects=False, **options).status_code == 303
    answer = requests.post(**options)
    assert answer.headers["Content-Type"] == "application/dicom"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="large.dcm"'
    assert pydicom.dcmread(io.BytesIO(answer.content)).pixel_array.shape == (2000, 3000)


def test_8_activity(server: Server, profile: dict[str, str], key: dict[str, Any]) -> None:
    url = f"{server.url}/api/developer/profiles/activity-summary/"
    before = requests.get(url, headers=bearer(profile)).json()["monthly_total"]
    days = [today()]
    read(server, key, "ct.dcm", file_bytes("CT_small.dcm"))
    after = requests.get(url, headers=bearer(profile)).json()
    assert list(after) == ["daily_activity", "monthly_total"]
    assert after["monthly_total"] == before + 1
    assert sum(day["count"] for day in after["daily_activity"]) == before + 1
    days.append(today())  # the month may be over by now
    assert {*days} & {day["day"] for day in after["daily_activity"]}


def test_8_activity_by_api_key_with_what_is_left(server: Server, profile: dict[str, str], key: dict[str, Any]) -> None:
    url = f"{server.url}/api/developer/profiles/activity-summary/"
    by_token, by_key = (requests.get(url, headers=headers) for headers in (bearer(profile), api_key(key)))
    assert by_key.json() == by_token.json()
    quota, window = map(int, re.findall(r"[qw]=(\d+)", by_key.headers["RateLimit-Policy"]))
    left, seconds = map(int, re.findall(r"[rt]=(\d+)", by_key.headers["RateLimit"]))
    assert left == quota - by_key.json()["monthly_total"]
    assert 0 < seconds <= window


def test_8_activity_of_an_earlier_month(server: Server, profile: dict[str, str], key: dict[str, Any]) -> None:
    url = f"{server.url}/api/developer/profiles/activity-summary/"
    now = requests.get(url, headers=api_key(key))
    this = requests.get(url, params={"month": today()[:7]}, headers=api_key(key))
    earlier = requests.get(url, params={"month": "2024-12"}, headers=bearer(profile))
    assert this.json() == now.json()
    assert earlier.json() == {"daily_activity": [], "monthly_total": 0}
    assert earlier.headers["RateLimit"].partition(";t=")[0] == now.headers["RateLimit"].partition(";t=")[0]
    for query in ("month=2024-13", "month=2024-1", "month=", "month=2024-12&month=2024-11", "year=2024"):
        refused = requests.get(f"{url}?{query}", headers=api_key(key))
        assert refused.status_code == 400
        assert list(refused.json()["fields"]) == [query.partition("=")[0]]


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
