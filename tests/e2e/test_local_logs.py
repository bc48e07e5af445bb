"""The local server and its functions write nothing that a client sends."""

from collections.abc import Callable

import requests

from tests.e2e import uploads
from tests.e2e.client import Developer, new_developer
from tests.e2e.server import LocalServer
from tests.marked_files import BYTES, MARK, archives, dicom_files, is_in, pictures


def test_the_whole_log_is_searched_for_what_was_sent(start_server: Callable[..., LocalServer]) -> None:
    server = start_server("--verbose")
    developer = new_developer(server.url)
    _ask_for_an_account(server.url)
    _read_and_generate(server.url, developer)
    _upload(server, developer)
    for text, times in (('"message":"answered"', 61), ('"message":"done"', 5), ('"developer":"', 51)):
        server.wait_until(lambda text=text, times=times: server.log().count(text) >= times)
    log = server.log()
    assert "Traceback" not in log
    assert not is_in(log)
    for secret in (developer.api_key, developer.bearer):
        assert secret["Authorization"].partition(" ")[2] not in log
    assert developer.email not in log


def _ask_for_an_account(url: str) -> None:
    account = {"email": f"{MARK}@example.com", "password": f"{MARK}-password"}
    marked = {"User-Agent": MARK, "Cookie": MARK}
    for body in (account, account, {**account, "email": MARK}, {MARK: MARK}):
        requests.post(f"{url}/api/register/", json=body, headers=marked)
        requests.post(f"{url}/api/token/", json=body, headers=marked)
        requests.post(f"{url}/api/token/refresh/", json={"refresh": MARK}, headers=marked)
    requests.get(f"{url}/api/developer/profiles/", headers={"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"})
    requests.get(f"{url}/api/dicom-format/allowed-fields/", {"fields__regex": f"({MARK}", MARK: MARK})


def _read_and_generate(url: str, developer: Developer) -> None:
    for content in list(dicom_files())[::2]:
        file = {"file": (f"{MARK}.dcm", content)}
        requests.post(f"{url}/api/dicom/read/file/", files=file, headers=developer.api_key)
    for content in archives():
        file = {"file": (f"{MARK}.zip", content)}
        requests.post(f"{url}/api/dicom/read/file/", files=file, data={"window": MARK}, headers=developer.api_key)
        requests.post(f"{url}/api/dicom/read/file/", files=file, headers=developer.api_key)
    for image in pictures():
        fields = {"file_name": MARK, "PatientName": MARK, "PatientComments": MARK}
        requests.post(f"{url}/api/dicom/generate/", data=fields, files={"image": image}, headers=developer.api_key)


def _upload(server: LocalServer, developer: Developer) -> None:
    files = [(f"{MARK}.dcm", next(dicom_files())), (f"{MARK}.zip", next(archives())), (f"{MARK}.png", next(pictures()))]
    files += [(f"{MARK}.dcm", BYTES), (f"{MARK}.jpeg", BYTES)]
    jobs = [uploads.start(server, developer, name, content) for name, content in files]
    ends = [uploads.end(job, developer)["status"] for job in jobs]
    assert ends == ["done", "done", "done", "failed", "failed"]
