"""The Python client and the command dicom-api with a running server."""

import asyncio
import io
import json
import os
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file

from dicom_api import AsyncClient, Client, Invalid, NotAuthorized
from tests.e2e.client import PASSWORD, new_developer
from tests.e2e.server import LocalServer, Server

COMMAND = str(Path(sys.executable).with_name("dicom-api"))


@pytest.fixture
def key(server: Server) -> str:
    return new_developer(server.url).api_key["Authorization"].removeprefix("ApiKey ")


@pytest.fixture
def scan() -> Path:
    return Path(str(get_testdata_file("examples_overlay.dcm")))


def test_an_account_from_nothing_to_a_key(server: Server, scan: Path) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    with Client(url=server.url) as client:
        client.register(email, PASSWORD)
        client.login(email, PASSWORD)
        assert client.create_profile("testing", "Us") == client.profile()
        made = client.create_key("k")
        assert [each["id"] for each in client.keys()] == [made["id"]]  # noqa: SIM118 - it is no dict
        client.session.access = "no.such.token"  # the access token is renewed
        assert client.activity()["monthly_total"] == 0
        client.change_password(PASSWORD, PASSWORD + "4")
        with Client(made["key"], server.url) as other:
            assert other.metadata(scan, fields="Modality") == {"Modality": "MR"}
            assert other.activity()["monthly_total"] == 1
            client.delete_key(made["id"])
            with pytest.raises(NotAuthorized):
                other.metadata(scan)


def test_a_picture_becomes_a_file_and_a_picture_again(server: Server, key: str, tmp_path: Path) -> None:
    """Both the picture and the generated file are too large for a direct request."""
    pixels = np.random.default_rng(1).integers(0, 255, (1400, 1400, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    steps: list[str] = []
    with Client(key, server.url) as client:
        made = client.generate((tmp_path / "large.png").read_bytes(), attributes={"PatientName": "Doe^Jane"})
        answer = client.read(made, fields=["PatientName"], progress=lambda progress: steps.append(progress.step))
        assert answer["PatientName"] == "Doe^Jane"
        (array,) = answer.arrays()
        assert array is not None
        np.testing.assert_array_equal(array, pixels)
        assert {"upload", "download"} <= set(steps)
        uploads = client.uploads()
        assert [upload["status"] for upload in uploads] == ["done", "done"]
        client.delete_upload(uploads[0]["id"])
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("a.dcm", made)
        assert client.metadata(zipped, fields=["PatientName"]) == {"PatientName": "Doe^Jane"}


# Another process, and asyncio, would not resolve a deployed stack's name or trust its certificate.
def test_many_at_once_by_asyncio(local_server: LocalServer, key: str, scan: Path) -> None:
    async def read() -> list[str]:
        async with AsyncClient(key, local_server.url) as client:
            answers = await asyncio.gather(*(client.read(scan, fields="Modality") for _ in range(4)))
            with pytest.raises(Invalid) as raised:
                await client.read(scan, quality=1000)
            assert "quality" in raised.value.fields
            return [answer["Modality"] for answer in answers]

    assert asyncio.run(read()) == ["MR"] * 4


def test_the_command_reads_a_folder_and_goes_on_where_it_was(
    local_server: LocalServer, key: str, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    (study / "series").mkdir(parents=True)
    for name in ("CT_small.dcm", "MR_small.dcm"):
        (study / "series" / name).write_bytes(Path(str(get_testdata_file(name))).read_bytes())
    (study / "broken.dcm").write_bytes(b"no DICOM file")
    (study / "README").write_text("This is left alone.")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"DICOM_API_KEY": key, "DICOM_API_URL": local_server.url}
        command = [COMMAND, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    first = run("read", study, "--save", tmp_path / "out", "--fields", "Modality")
    assert first.returncode == 1
    assert "broken.dcm: The file is not a DICOM file" in first.stderr
    assert "2 read, 0 there already, 1 failed" in first.stderr
    assert sorted(json.loads(line)["Modality"] for line in first.stdout.splitlines()) == ["CT", "MR"]
    assert (tmp_path / "out/series/CT_small.dcm/0001.png").read_bytes()[1:4] == b"PNG"

    (study / "broken.dcm").unlink()
    again = run("read", study / "*/*.dcm", "--save", tmp_path / "out", "--fields", "Modality")
    assert (again.returncode, again.stdout) == (0, "")
    assert "0 read, 2 there already, 0 failed" in again.stderr

    made = run(
        "generate", tmp_path / "out/series/CT_small.dcm/0001.png", "--set", "Modality=OT", "-o", tmp_path / "a.dcm"
    )
    assert made.returncode == 0
    assert dcmread(tmp_path / "a.dcm").Modality == "OT"
    assert json.loads(run("activity", "--json").stdout)["monthly_total"] == 3
