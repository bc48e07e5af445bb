"""What both clients share: the API's address, the credentials, and the options of a read."""

import os
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from dicom_api import operations
from dicom_api.answer import Answer, Picture, as_it_came
from dicom_api.exchange import Session, Sink, Steps
from dicom_api.files import File, source
from dicom_api.folder import Folder
from dicom_api.options import ReadOptions, form
from dicom_api.progress import Report

LOCAL = "http://localhost:8080"
JSON = "application/json"
CHUNK_BYTES = 1 << 18
HEADERS = {"User-Agent": f"dicom-api-client/{version('dicom-api-client')}"}


class BaseClient:
    def __init__(self, key: str | None = None, url: str | None = None) -> None:
        """`key` defaults to DICOM_API_KEY in the environment, `url` to DICOM_API_URL or the local server.

        Raises ValueError for an address or a key that is not valid.
        """
        address = url or os.environ.get("DICOM_API_URL") or LOCAL
        if not re.fullmatch(r"https?://[^/?#\s]+[^?#\s]*", address):
            raise ValueError(f"{address!r} is no address such as {LOCAL}")
        secret = key or os.environ.get("DICOM_API_KEY") or None
        if secret and not re.fullmatch(r"[!-~]+", secret):
            raise ValueError("an API key is of letters, digits and a dot")
        self.session = Session(address.rstrip("/"), secret)

    def _read(
        self,
        file: File,
        name: str | None,
        folder: str | os.PathLike[str] | None,
        progress: Report,
        options: ReadOptions,
    ) -> Steps[Answer]:
        asked = form(options)

        def picture() -> Picture:
            if folder is None:
                return as_it_came
            frames = None if asked.get("animation") == "true" else asked.get("frames")
            return Folder(Path(folder), asked.get("return_format", "png"), frames).save

        return operations.read(self.session, source(file, name, "file"), asked, picture, progress)

    def _rewrite(
        self,
        kind: operations.Rewriting,
        file: File,
        made: bytearray,
        name: str | None,
        accept: str | None,
        progress: Report,
        options: dict[str, str],
    ) -> Steps[None]:
        def sink() -> Sink:
            made.clear()
            return operations.Reported(made.extend, progress)

        return operations.rewrite(self.session, kind, source(file, name, "file"), options, accept, sink, progress)

    def _generate(
        self,
        images: File | Iterable[File],
        made: bytearray,
        file_name: str,
        attributes: Mapping[str, str],
        compression: str | None,
        progress: Report,
    ) -> Steps[None]:
        several = [images] if isinstance(images, str | os.PathLike | bytes) or hasattr(images, "read") else images
        sources = [source(image, None, "image") for image in several]  # type: ignore[arg-type] # a File, or several

        def sink() -> Sink:
            made.clear()
            return operations.Reported(made.extend, progress)

        return operations.generate(self.session, sources, file_name, attributes, compression, sink, progress)
