"""A read's other forms: pictures as files, metadata alone, and the file as the body."""

import base64
import io
import zipfile
from email import message_from_bytes
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from imaging.display.timing import DEFAULT_MILLISECONDS
from tests.dicom_files import file_bytes
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import Server

GREY, FILM, COLOUR = "MR_small.dcm", "rtdose.dcm", "examples_ybr_color.dcm"


@pytest.fixture(scope="module")
def developer(server: Server) -> Developer:
    return new_developer(server.url)


@pytest.fixture
def read(server: Server, developer: Developer) -> Any:
    def send(name: str, content: bytes, accept: str = "*/*", **fields: str) -> requests.Response:
        return requests.post(
            f"{server.url}/api/dicom/read/file/",
            headers={**developer.api_key, "Accept": accept},
            files={"file": (name, content)},
            data=fields,
        )

    return send


def pixels(content: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "gif", "webp"])
@pytest.mark.parametrize("file", [GREY, COLOUR])
def test_one_picture_comes_as_it_is(read: Any, file: str, picture_format: str) -> None:
    content = file_bytes(file)
    (image,) = read("a.dcm", content, return_format=picture_format, frames="1").json()["Images"]
    answer = read("a.dcm", content, f"image/{picture_format}", frames="1")
    assert answer.headers["Content-Type"] == f"image/{picture_format}"
    assert answer.headers["Vary"] == "Accept"
    assert answer.content == base64.b64decode(image)
    assert Image.open(io.BytesIO(answer.content)).format == picture_format.upper()


@pytest.mark.parametrize("file", [GREY, COLOUR])
def test_webp_loses_nothing(read: Any, file: str) -> None:
    png, webp = (read("a.dcm", file_bytes(file), f"image/{kind}", frames="1").content for kind in ("png", "webp"))
    shown = pixels(webp)
    assert np.array_equal(shown if pixels(png).ndim == 3 else shown[..., 0], pixels(png))


def test_several_pictures_come_as_a_zip(read: Any) -> None:
    images = read("a.dcm", file_bytes(FILM)).json()["Images"]
    answer = read("a.dcm", file_bytes(FILM), "image/png")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{number:04}.png" for number in range(1, len(images) + 1)]
        assert [archive.read(name) for name in archive.namelist()] == [base64.b64decode(image) for image in images]


def test_several_pictures_as_parts_of_a_message(read: Any) -> None:
    images = read("a.dcm", file_bytes(FILM), frames="1-3").json()["Images"]
    answer = read("a.dcm", file_bytes(FILM), "multipart/related", frames="1-3", return_format="png")
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + answer.content)
    parts: Any = message.get_payload()
    assert (message.get_content_type(), message.get_param("type")) == ("multipart/related", "image/png")
    assert [part.get_content_type() for part in parts] == ["image/png"] * 3
    assert [part["Content-Location"] for part in parts] == ["0001.png", "0002.png", "0003.png"]
    bodies = answer.content.split(f"--{message.get_boundary()}".encode())[1:-1]
    assert [body.partition(b"\r\n\r\n")[2][:-2] for body in bodies] == [base64.b64decode(image) for image in images]


def test_an_archive_has_a_folder_for_each_file_and_says_what_is_wrong(read: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("one/a.dcm", file_bytes(GREY))
        archive.writestr("b.dcm", file_bytes(FILM))
        archive.writestr("readme.txt", b"Read me.")
    answer = read("a.zip", file.getvalue(), "application/zip", frames="1")
    assert "Warnings: 1" in answer.headers["Warning"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pictures:
        assert pictures.namelist() == ["one/a.dcm/0001.png", "b.dcm/0001.png", "warnings.txt"]
        assert b"'readme.txt' is not a DICOM file" in pictures.read("warnings.txt")


@pytest.mark.parametrize("picture_format", ["gif", "webp"])
def test_an_animation_has_every_frame_and_the_files_timing(read: Any, picture_format: str) -> None:
    frames = len(read("a.dcm", file_bytes(FILM)).json()["Images"])
    answer = read("a.dcm", file_bytes(FILM), f"image/{picture_format}", animation="true")
    film: Any = Image.open(io.BytesIO(answer.content))
    assert (film.format, film.info["loop"]) == (picture_format.upper(), 0)
    milliseconds = []
    for index in range(film.n_frames):
        film.seek(index)
        film.load()
        milliseconds.append(film.info["duration"])
    assert sum(milliseconds) == frames * DEFAULT_MILLISECONDS


def test_what_accept_names_and_cannot_be_given(read: Any) -> None:
    refused = read("a.dcm", file_bytes(GREY), "image/tiff")
    assert (refused.status_code, set(refused.json())) == (406, {"error"})
    without = read("a.dcm", file_bytes("rtplan.dcm"), "image/png")
    assert without.status_code == 406
    assert "There is no picture to send" in without.json()["error"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"return_format": "gif"}, "return_format"),
        ({"images": "false"}, "images"),
        ({"animation": "true"}, "animation"),
    ],
)
def test_options_that_contradict_the_picture_asked_for(read: Any, fields: dict[str, str], wrong: str) -> None:
    refused = read("a.dcm", file_bytes(GREY), "image/png", **fields)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [wrong])


def test_metadata_alone(read: Any) -> None:
    for file in (GREY, FILM):
        with_pictures = read("a.dcm", file_bytes(file)).json()
        alone = read("a.dcm", file_bytes(file), images="false").json()
        assert alone == {name: value for name, value in with_pictures.items() if name not in {"ImageFormat", "Images"}}
    assert read("a.dcm", file_bytes(GREY), images="no").status_code == 400


@pytest.mark.parametrize("name", ["IM000001", "blob", "a.dicom", "A.IMA", "1.2.840.113619.2.55.3", "cd/DICOM/IM1"])
def test_a_name_that_leaves_it_open_is_read_by_its_content(read: Any, name: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.dcm", file_bytes(GREY))
    expected = read("a.dcm", file_bytes(GREY)).json()
    assert read(name, file_bytes(GREY)).json() == expected
    assert read(name, file.getvalue()).json() == expected


@pytest.mark.parametrize("name", ["a.txt", "a.png", "a.pdf", "a.dcm.exe"])
def test_a_name_that_says_something_else_is_refused(read: Any, name: str) -> None:
    assert list(read(name, file_bytes(GREY)).json()["fields"]) == ["file"]


@pytest.mark.parametrize("media_type", ["application/dicom", "application/zip"])
def test_the_file_as_the_body_with_options_in_the_query(
    server: Server, developer: Developer, read: Any, media_type: str
) -> None:
    content = file_bytes(GREY)
    if media_type == "application/zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.dcm", content)
        content = file.getvalue()
    url, headers = f"{server.url}/api/dicom/read/file/", {**developer.api_key, "Content-Type": media_type}
    options = {"fields": "Modality,(0028,0010)", "return_format": "jpeg"}
    answer = requests.post(url, data=content, params=options, headers=headers)
    assert answer.json() == read("a.dcm", file_bytes(GREY), **options).json()
    refused = requests.post(f"{url}?fields=Modality&fields=Rows", data=content, headers=headers)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["fields"])
    unknown = requests.post(f"{url}?format=png", data=content, headers=headers)
    assert (unknown.status_code, list(unknown.json()["fields"])) == (400, ["format"])
    empty = requests.post(url, data=b"", headers=headers)
    assert (empty.status_code, "empty" in empty.json()["error"]) == (400, True)
