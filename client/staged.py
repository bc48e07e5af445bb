"""Work on files of any size: uploaded to S3, waited for, fetched from S3."""

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from client import progress
from client.api import FOREIGN, MAX_PAUSE, Api, ApiError, json_of, retry_after
from client.upload_form import UploadForm

POLL_SECONDS = 5  # if the API does not say


def process(api: Api, file: Path, request: dict[str, Any]) -> requests.Response:
    """Has a file worked on as `request` says: the result, whose content is still to come. Raises ApiError."""
    match json_of(api.post("/api/dicom/uploads/", json=request)):
        case {"id": str(upload_id), "upload": {"url": str(url), "fields": dict(fields)}} if _are_texts(fields):
            pass
        case _:
            raise ApiError(FOREIGN)
    # Who stops waiting can ask later.
    print(f"Upload {upload_id}", file=sys.stderr)
    with progress.uploading(file.stat().st_size) as sent:
        form = UploadForm(fields, file, sent)
        api.upload(url, form, form.media_type)
    return api.fetch(_wait(api, upload_id))


def status(api: Api, upload_id: str) -> requests.Response:
    return api.get(f"/api/dicom/uploads/{quote(upload_id, safe='')}/")


def _wait(api: Api, upload_id: str) -> str:
    """Where the result is, once it is."""
    with progress.processing() as show:
        while True:
            answer = status(api, upload_id)
            match json_of(answer):
                case {"status": "done", "result_url": str(url)}:
                    return url
                case {"status": "failed", "error": str(error)}:
                    raise ApiError(error)
                case {"status": "waiting" | "processing", "frames_done": int(), "frames_total": int() | None} as job:
                    show(job)
                case _:
                    raise ApiError(FOREIGN)
            time.sleep(min(retry_after(answer, POLL_SECONDS), MAX_PAUSE))


def _are_texts(fields: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in fields.values())
