"""The client for synchronous code. `AsyncClient` has the same methods."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, Unpack

import httpx

from dicom_api import operations
from dicom_api.answer import Answer, report_of
from dicom_api.base import CHUNK_BYTES, HEADERS, JSON, BaseClient
from dicom_api.exchange import FAILURES, TIMEOUT, Pause, Send, Steps, T
from dicom_api.files import File
from dicom_api.options import ConvertOptions, DeidentifyOptions, ReadOptions, form
from dicom_api.progress import Report, unreported


class Client(BaseClient):
    """The API for synchronous code. Several threads may use one client.

    Every method raises DicomApiError, and OSError for files that can't be read or written.
    """

    def __init__(
        self, key: str | None = None, url: str | None = None, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`key` defaults to DICOM_API_KEY in the environment, `url` to DICOM_API_URL or the local server.

        `transport` replaces the network in tests. Raises ValueError for an address or a key that is not valid.
        """
        super().__init__(key, url)
        self._http = httpx.Client(timeout=TIMEOUT, headers=HEADERS, transport=transport)

    def read(
        self, file: File, *, name: str | None = None, progress: Report = unreported, **options: Unpack[ReadOptions]
    ) -> Answer:
        """A file's metadata and pictures. `name` replaces the file's own name."""
        return self._run(self._read(file, name, None, progress, options))

    def metadata(self, file: File, *, fields: str | Iterable[str] | None = None, name: str | None = None) -> Answer:
        """A file's metadata, without pictures."""
        options: ReadOptions = {"images": False} if fields is None else {"images": False, "fields": fields}
        return self._run(self._read(file, name, None, unreported, options))

    def save(
        self,
        file: File,
        folder: str | os.PathLike[str],
        *,
        name: str | None = None,
        progress: Report = unreported,
        **options: Unpack[ReadOptions],
    ) -> Answer:
        """Writes each picture into `folder` as it arrives, and returns the metadata with paths as `Images`.

        0001.png is frame 1; each file of a zip has a folder of its own.
        """
        return self._run(self._read(file, name, folder, progress, options))

    def deidentify(
        self,
        file: File,
        *,
        name: str | None = None,
        accept: str | None = None,
        progress: Report = unreported,
        **options: Unpack[DeidentifyOptions],
    ) -> bytes:
        """The file without what tells who the patient is, or a zip of the files of a zip with `report.json`.

        `accept`: "application/zip" for a zip with the report in any case.
        """
        made = bytearray()
        fields = form(options, DeidentifyOptions)
        self._run(self._rewrite("deidentify", file, made, name, accept, progress, fields))
        return bytes(made)

    def deidentify_report(
        self, file: File, *, name: str | None = None, **options: Unpack[DeidentifyOptions]
    ) -> dict[str, Any]:
        """What `deidentify` would do: attributes by path, and findings, without values."""
        made = bytearray()
        fields = form(options, DeidentifyOptions)
        self._run(self._rewrite("deidentify", file, made, name, JSON, unreported, fields))
        return report_of(made)

    def convert(
        self,
        file: File,
        *,
        name: str | None = None,
        accept: str | None = None,
        progress: Report = unreported,
        **options: Unpack[ConvertOptions],
    ) -> bytes:
        """The file in another transfer syntax, with edits, or a zip of the files of a zip with `report.json`.

        `accept`: "application/zip" for a zip with the report in any case.
        """
        made = bytearray()
        fields = form(options, ConvertOptions)
        self._run(self._rewrite("convert", file, made, name, accept, progress, fields))
        return bytes(made)

    def generate(
        self,
        images: File | Iterable[File],
        *,
        file_name: str = "picture",
        attributes: Mapping[str, str] | None = None,
        compression: str | None = None,
        progress: Report = unreported,
    ) -> bytes:
        """A DICOM file of one picture, or of several as its frames. `attributes` are by keyword."""
        made = bytearray()
        self._run(self._generate(images, made, file_name, attributes or {}, compression, progress))
        return bytes(made)

    def uploads(self) -> list[dict[str, Any]]:
        """The staged uploads of the last 24 hours, the newest first."""
        return self._run(operations.uploads(self.session))

    def upload(self, upload_id: str) -> dict[str, Any]:
        """How far the work on a staged upload is."""
        return self._run(operations.upload(self.session, upload_id))

    def delete_upload(self, upload_id: str) -> None:
        """Deletes a staged upload and its result."""
        self._run(operations.delete_upload(self.session, upload_id))

    def activity(self, month: str | None = None) -> dict[str, Any]:
        """The reads of a month such as "2026-10" by day; of the current month by default."""
        return self._run(operations.activity(self.session, month))

    def register(self, email: str, password: str) -> None:
        """Creates an account."""
        self._run(operations.register(self.session, email, password))

    def login(self, email: str, password: str) -> None:
        """Gets tokens for the methods below, which renew them as needed."""
        self._run(operations.login(self.session, email, password))

    def change_password(self, old: str, new: str) -> None:
        """Changes the password, and ends all other sessions."""
        self._run(operations.change_password(self.session, old, new))

    def profile(self) -> dict[str, Any]:
        """The developer profile. Needs a login."""
        return self._run(operations.profile(self.session))

    def create_profile(self, purpose: str, organization: str) -> dict[str, Any]:
        """Creates the developer profile, which keys need. Needs a login."""
        return self._run(operations.create_profile(self.session, purpose, organization))

    def keys(self) -> list[dict[str, Any]]:
        """The API keys, without their secrets. Needs a login."""
        return self._run(operations.keys(self.session))

    def create_key(self, name: str, expires: str | None = None) -> dict[str, Any]:
        """Creates an API key. `key` is shown only here. `expires` is a date or a time. Needs a login."""
        return self._run(operations.create_key(self.session, name, expires))

    def delete_key(self, key_id: int) -> None:
        """Deletes an API key. Needs a login."""
        self._run(operations.delete_key(self.session, key_id))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, steps: Steps[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    step = next(steps)
                    continue
                try:
                    answer = self._send(step)
                except FAILURES as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _send(self, send: Send) -> httpx.Response:
        with ExitStack() as opened:
            contents = [opened.enter_context(part.source.open()) for part in send.parts]
            request = self._http.build_request(**send.arguments(contents))
            answer = self._http.send(request, stream=True)
            opened.callback(answer.close)
            if send.sink and answer.is_success:
                for chunk in answer.iter_bytes(CHUNK_BYTES):
                    send.sink.feed(chunk)
            else:
                answer.read()
            return answer
