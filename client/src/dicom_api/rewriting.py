"""The commands that make new DICOM files of DICOM files. Each returns its exit code."""

import hashlib
import hmac
import io
import json
import os
import secrets
import sys
import zipfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from dicom_api.answer import BROKEN
from dicom_api.client import Client
from dicom_api.errors import DicomApiError, ForeignAnswer
from dicom_api.input_files import found
from dicom_api.options import ConvertOptions, DeidentifyOptions
from dicom_api.output import printable, show, write
from dicom_api.several import each

ZIP = "application/zip"
REPORT = "report.json"
PAIRS = ("replace", "set")  # options of keywords and values


def deidentify(client: Client, options: Namespace) -> int:
    """Writes a file for each file, or prints what would be done.

    The new file's name depends on the key and the old file's content, and so tells nothing.
    """
    key = _key(options.key_file)
    given: DeidentifyOptions = {**_given(options, DeidentifyOptions), "key": key}  # type: ignore[typeddict-item]
    places = _places(options)
    if options.report:
        reports = each(
            list(places),
            lambda file: client.deidentify_report(file, **given),
            lambda file, report: show({"File": str(file), **report}, compact=options.json or len(places) > 1),
            options.jobs,
        )
        return 1 if reports else 0
    names = {file: _name(file, place, key, keeps=options.keep_names) for file, place in places.items()}
    left = [file for file, name in names.items() if not (options.out / name).exists()]

    def made(file: Path) -> dict[str, Any]:
        content, report = _opened(client.deidentify(file, accept=ZIP, **given), file)
        write(options.out / names[file], content)
        return report

    def done(file: Path, report: dict[str, Any]) -> None:
        findings = [finding for each_file in report.get("files", [report]) for finding in each_file.get("findings", [])]
        show({"File": str(file), "Made": str(options.out / names[file]), "Findings": findings}, compact=True)
        for message in dict.fromkeys(finding["message"] for finding in findings):
            print(printable(f"{file}: {message}"), file=sys.stderr)

    failed = each(left, made, done, options.jobs)
    _count(len(left), len(places), failed)
    return 1 if failed else 0


def convert(client: Client, options: Namespace) -> int:
    """Writes a file for each file, at the same place below the folder."""
    given: ConvertOptions = _given(options, ConvertOptions)  # type: ignore[assignment]
    places = _places(options)
    left = [file for file, place in places.items() if not (options.out / place).exists()]

    def done(file: Path, content: bytes) -> None:
        write(options.out / places[file], content)
        show({"File": str(file), "Made": str(options.out / places[file])}, compact=True)

    failed = each(left, lambda file: client.convert(file, **given), done, options.jobs)
    _count(len(left), len(places), failed)
    return 1 if failed else 0


def _places(options: Namespace) -> dict[Path, Path]:
    """The files, each with its path below the folder to write to."""
    places = {file: place for text in options.files for file, place in found(text)}
    if not places:
        raise DicomApiError("There is no DICOM file: see whether the folder is right.")
    if len(set(places.values())) < len(places):
        raise DicomApiError("Two of the files would be written to the same place: send one after the other.")
    return places


def _given(options: Namespace, kind: type) -> dict[str, Any]:
    found = {name: given for name in kind.__annotations__ if (given := getattr(options, name, None))}
    return {name: dict(given) if name in PAIRS else given for name, given in found.items()}


def _key(path: Path | None) -> str:
    """The key in the file, which is made if there is none; without a file, a key for this run."""
    made = secrets.token_urlsafe(32)
    if path is None:
        return made
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made + "\n")
    except FileExistsError:
        return path.read_text().strip()
    print(
        printable(f"{path}: a new key. Keep it: it gives the same patient the same codes next time."), file=sys.stderr
    )
    return made


def _name(file: Path, place: Path, key: str, *, keeps: bool) -> Path:
    if keeps:
        return place
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    return Path(hmac.new(key.encode(), digest, "sha256").hexdigest()[:16] + (".zip" if _is_zip(file) else ".dcm"))


def _opened(answer: bytes, file: Path) -> tuple[bytes, dict[str, Any]]:
    """The new file of one file, or the answer itself for a zip; and the report. Raises ForeignAnswer."""
    try:
        with zipfile.ZipFile(io.BytesIO(answer)) as opened:
            report: dict[str, Any] = json.loads(opened.read(REPORT))
            members = [name for name in opened.namelist() if name != REPORT]
            return (answer if _is_zip(file) else opened.read(members[0])), report
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, RecursionError):
        raise ForeignAnswer(BROKEN) from None


def _is_zip(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(4) == b"PK\x03\x04"


def _count(left: int, all_of_them: int, failed: int) -> None:
    print(f"{left - failed} written, {all_of_them - left} there already, {failed} failed", file=sys.stderr)
