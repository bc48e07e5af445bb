"""The commands. Each returns its exit code."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from dicom_api.answer import Answer
from dicom_api.bar import Bar
from dicom_api.client import Client
from dicom_api.errors import DicomApiError
from dicom_api.input_files import found
from dicom_api.options import ReadOptions
from dicom_api.output import show, write
from dicom_api.progress import unreported
from dicom_api.several import each

METADATA = "metadata.json"  # written last: a folder that has it is complete


def read(client: Client, options: Namespace) -> int:
    """Prints one file's metadata, or reads several files."""
    given = {name: text for name in ReadOptions.__annotations__ if (text := getattr(options, name))}
    places = {file: place for text in options.files for file, place in found(text)}
    files = list(places)
    if len(files) == 1 and not Path(options.files[0]).is_dir():
        bar = Bar()
        answer = _one(client, files[0], options.save, given, bar)
        bar.end()
        show(answer, compact=options.json)
        return 0
    if not files:
        raise DicomApiError("There is no DICOM file: see whether the folder is right.")
    return _several(client, places, options, given)


def generate(client: Client, options: Namespace) -> int:
    """Writes a DICOM file. It gets its name only when it is complete."""
    bar = Bar()
    made = client.generate(
        options.files,
        file_name=options.output.stem,
        attributes=dict(options.attributes),
        compression=options.compression,
        progress=bar.report,
    )
    bar.end()
    write(options.output, made)
    return 0


def uploads(client: Client, options: Namespace) -> int:
    """Lists uploads, shows one, or deletes one."""
    if options.delete:
        if not options.id:
            raise DicomApiError("Give the ID of the upload to delete.")
        client.delete_upload(options.id)
    elif options.id:
        show(client.upload(options.id), compact=options.json)
    else:
        for upload in client.uploads():
            show(upload, compact=options.json)
    return 0


def activity(client: Client, options: Namespace) -> int:
    show(client.activity(options.month), compact=options.json)
    return 0


def _several(client: Client, places: dict[Path, Path], options: Namespace, given: dict[str, str]) -> int:
    """Saves each file into its own folder. Complete folders are skipped."""
    folders = {file: options.save / place for file, place in places.items()} if options.save else {}
    if len(set(folders.values())) < len(folders):
        raise DicomApiError("Two of the files would be saved in the same folder: read them one after the other.")
    left = [file for file in places if not (file in folders and (folders[file] / METADATA).exists())]

    def done(file: Path, answer: Answer) -> None:
        if file in folders:
            text = json.dumps(answer, indent=2)
            write(folders[file] / METADATA, text.encode(errors="backslashreplace"))
        show({"File": str(file), **answer}, compact=True)

    failed = each(left, lambda file: _one(client, file, folders.get(file), given, None), done, options.jobs)
    print(f"{len(left) - failed} read, {len(places) - len(left)} there already, {failed} failed", file=sys.stderr)
    return 1 if failed else 0


def _one(client: Client, file: Path, folder: Path | None, given: Any, bar: Bar | None) -> Answer:
    report = bar.report if bar else unreported
    if folder:
        return client.save(file, folder, progress=report, **given)
    answer = client.read(file, progress=report, **given)
    pictures = sum(bool(picture) for one in answer.files for picture in one.get("Images", []))
    for one in answer.get("Files", [answer]):
        one.pop("Images", None)
    if pictures and bar:
        bar.say(f"Pictures: {pictures}. Give --save FOLDER to have them.")
    return answer
