"""Work on files of any size: uploaded to S3, waited for, fetched from S3."""

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from client import progress
from client.api import Api, ApiError, retry_after
from client.upload_form import UploadForm

POLL_SECONDS = 5  # if the API does not say


def process(api: Api, file: Path, request: dict[str, Any]) -> requests.Response:
    """Has a file worked on as `request` says: the result, whose content is still to come. Raises ApiError."""
    upload = api.post("/api/dicom/uploads/", json=request).json()
    # Who stops waiting can ask later.
    print(f"Upload {upload['id']}", file=sys.stderr)
    with progress.uploading(file.stat().st_size) as sent:
        form = UploadForm(upload["upload"]["fields"], file, sent)
        api.upload(upload["upload"]["url"], form, form.media_type)
    return api.fetch(_wait(api, upload["id"]))


def status(api: Api, upload_id: str) -> requests.Response:
    return api.get(f"/api/dicom/uploads/{quote(upload_id, safe='')}/")


def _wait(api: Api, upload_id: str) -> str:
    """Where the result is, once it is."""
    with progress.processing() as show:
        while True:
            answer = status(api, upload_id)
            job = answer.json()
            if job["status"] == "done":
                return str(job["result_url"])
            if job["status"] == "failed":
                raise ApiError(job["error"])
            show(job)
            time.sleep(retry_after(answer, POLL_SECONDS))
