"""The commands. Each returns its exit code."""

import glob
import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import takewhile
from pathlib import Path
from typing import Any

from dicom_api.answer import Answer
from dicom_api.bar import Bar
from dicom_api.client import Client
from dicom_api.errors import DicomApiError, NotAuthorized, QuotaReached
from dicom_api.options import ReadOptions
from dicom_api.progress import unreported

DICOM_SUFFIXES = {".dcm", ".dicom", ".dic", ".ima", ".zip"}
METADATA = "metadata.json"  # written last: a folder that has it is complete


def read(client: Client, options: Namespace) -> int:
    """Prints one file's metadata, or reads several files."""
    given = {name: text for name in ReadOptions.__annotations__ if (text := getattr(options, name))}
    places = {file: place for text in options.files for file, place in _found(text)}
    files = list(places)
    if len(files) == 1 and not Path(options.files[0]).is_dir():
        bar = Bar()
        answer = _one(client, files[0], options.save, given, bar)
        bar.end()
        _print(answer, compact=options.json)
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
    _write(options.output, made)
    return 0


def uploads(client: Client, options: Namespace) -> int:
    """Lists uploads, shows one, or deletes one."""
    if options.delete:
        if not options.id:
            raise DicomApiError("Give the ID of the upload to delete.")
        client.delete_upload(options.id)
    elif options.id:
        _print(client.upload(options.id), compact=options.json)
    else:
        for upload in client.uploads():
            _print(upload, compact=options.json)
    return 0


def activity(client: Client, options: Namespace) -> int:
    _print(client.activity(options.month), compact=options.json)
    return 0


def printable(text: str) -> str:
    """The text without control characters and surrogates."""
    return "".join(character if character.isprintable() or character == "\n" else "·" for character in text)


def _several(client: Client, places: dict[Path, Path], options: Namespace, given: dict[str, str]) -> int:
    """Saves each file into its own folder. Complete folders are skipped, and a failure does not stop the others."""
    folders = {file: options.save / place for file, place in places.items()} if options.save else {}
    if len(set(folders.values())) < len(folders):
        raise DicomApiError("Two of the files would be saved in the same folder: read them one after the other.")
    left = [file for file in places if not (file in folders and (folders[file] / METADATA).exists())]
    bar = Bar()
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        work = {pool.submit(_one, client, file, folders.get(file), given, None): file for file in left}
        try:
            for number, future in enumerate(as_completed(work), 1):
                file = work[future]
                try:
                    answer = future.result()
                except (NotAuthorized, QuotaReached):
                    raise  # the others would be refused, too
                except (DicomApiError, OSError) as error:
                    failed += 1
                    bar.say(printable(f"{file}: {error}"))
                else:
                    if file in folders:
                        text = json.dumps(answer, indent=2)
                        _write(folders[file] / METADATA, text.encode(errors="backslashreplace"))
                    bar.end()
                    _print({"File": str(file), **answer}, compact=True)
                bar.show("reading", number, len(left), f"{number}/{len(left)}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    bar.end()
    print(f"{len(left) - failed} read, {len(places) - len(left)} there already, {failed} failed", file=sys.stderr)
    return 1 if failed else 0


def _one(client: Client, file: Path, folder: Path | None, given: Any, bar: Bar | None) -> Answer:
    report = bar.report if bar else unreported
    if folder:
        return client.save(file, folder, progress=report, **given)
    answer = client.read(file, progress=report, **given)
    pictures = sum(bool(picture) for each in answer.files for picture in each.get("Images", []))
    for each in answer.get("Files", [answer]):
        each.pop("Images", None)
    if pictures and bar:
        bar.say(f"Pictures: {pictures}. Give --save FOLDER to have them.")
    return answer


def _found(text: str) -> Iterator[tuple[Path, Path]]:
    """The files that an argument stands for, each with its path below the folder or below the start of the pattern.

    The path depends on nothing else, so it is the same in the next run. Raises OSError.
    """
    path = Path(text)
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in (Path(folder, name) for name in sorted(names)):
                if not file.name.startswith(".") and _is_dicom(file):
                    yield file, file.relative_to(path)
    elif not path.exists() and glob.has_magic(text):
        begin = Path(*takewhile(lambda step: not glob.has_magic(step), path.parts))
        files = [file for file in map(Path, sorted(glob.glob(text, recursive=True))) if file.is_file()]
        if not files:
            raise DicomApiError(f"{text}: no file matches.")
        yield from ((file, file.relative_to(begin)) for file in files)
    else:
        yield path, Path(path.name)


def _is_dicom(path: Path) -> bool:
    """Whether it is a DICOM file or zip, by its name, or without an extension by its preamble (PS3.10 7.1)."""
    if path.suffix:
        return path.suffix.lower() in DICOM_SUFFIXES
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _print(value: Any, *, compact: bool) -> None:
    ascii_only = not sys.stdout.encoding.lower().startswith("utf")
    text = json.dumps(value, indent=None if compact else 2, ensure_ascii=ascii_only)
    # JSON may hold half a surrogate pair as an escape, which is no character.
    print(text.encode(errors="backslashreplace").decode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
