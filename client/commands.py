"""What the commands do."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import requests

from client import answer, metadata, progress, staged
from client.api import Api, ApiError, json_of
from client.folder import Folder

READ_FIELDS = ("return_format", "fields", "frames", "window", "viewport", "quality", "overlays", "animation")
# A direct request carries 4.4 MB and its form; what is larger, or too much work for it, is staged.
DIRECT_BYTES = 4_000_000


def read(api: Api, options: Namespace) -> None:
    """Prints metadata, and saves pictures."""
    fields = {name: text for name in READ_FIELDS if (text := getattr(options, name))}
    folder = None
    if options.save:
        folder = Folder(options.save, options.return_format, None if options.animation else options.frames)
    came = _direct(api, "/api/dicom/read/file/", options.file, "file", fields)
    if came is None:
        came = staged.process(api, options.file, {"file_name": options.file.name, **fields})
    made = answer.parse(progress.fetched(came), folder.save if folder else _nothing)
    if not folder:
        _leave_pictures_out(made)
    metadata.show(made, as_table=options.table)


def generate(api: Api, options: Namespace) -> None:
    """Writes a DICOM file."""
    attributes = dict(options.attributes)
    compression = {"compression": options.compression} if options.compression else {}
    name = options.output.stem
    fields = {**attributes, **compression, "file_name": name}
    came = _direct(api, "/api/dicom/generate/", options.file, "image", fields)
    if came is None:
        request = {"file_name": name + options.file.suffix, "attributes": attributes, **compression}
        came = staged.process(api, options.file, request)
    _write(came, options.output)


def status(api: Api, options: Namespace) -> None:
    """Prints the API's answer."""
    metadata.show_json(json_of(staged.status(api, options.id)))


def _direct(api: Api, path: str, file: Path, name: str, fields: dict[str, str]) -> requests.Response | None:
    """None if it is too large for that."""
    if file.stat().st_size > DIRECT_BYTES:
        return None
    try:
        return api.post(path, data=fields, files={name: (file.name, file.read_bytes())})
    except ApiError as error:
        if error.status != requests.codes.request_entity_too_large:
            raise
        return None


def _nothing(_: dict[str, Any], picture: str) -> str:
    return "shown" if picture else ""


def _leave_pictures_out(made: dict[str, Any]) -> None:
    files = made.get("Files", [made])
    pictures = sum(map(bool, (picture for file in files for picture in file.pop("Images", []))))
    if pictures:
        print(f"Pictures: {pictures}. Give --save FOLDER to have them.", file=sys.stderr)


def _write(came: requests.Response, path: Path) -> None:
    """Under its name only once it is whole."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            for chunk in progress.fetched(came):
                file.write(chunk)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
