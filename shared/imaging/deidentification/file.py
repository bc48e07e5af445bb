"""A whole file: its data set, what it says of itself, and the report."""

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from imaging.dataset.character_sets import CharacterSet
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.values import characters_of
from imaging.dataset.writing import SOP_INSTANCE_UID, Rewritten, element, put, write_file, written_uid
from imaging.deidentification import pictures
from imaging.deidentification.data_set import Walk
from imaging.deidentification.identity import Identity
from imaging.deidentification.options import DeidentifyOptions
from imaging.deidentification.pixel_data import CleanPixels, clean_pixels
from imaging.deidentification.profile_options import CLEAN_PIXEL_DATA, PROFILE_OPTIONS, RETAIN_UIDS
from imaging.deidentification.pseudonyms import Pseudonyms
from imaging.deidentification.replacing import replacement
from imaging.deidentification.report import CLEANED, REPLACED, Report, name
from imaging.deidentification.statement import state
from imaging.deidentification.values import Place
from problems import Invalid

PIXEL_DATA = 0x7FE00010
UID = re.compile(r"[0-9.]{1,64}")


class Doubt(NamedTuple):
    """A finding about the whole file. `identifies`: the patient may still be known by it."""

    kind: str
    message: str
    identifies: bool


def deidentify(file: DicomFile, options: DeidentifyOptions) -> Rewritten:
    """De-identifies a file that was parsed with `keep_places`, and changes it.

    Raises Invalid for a directory of a medium, for pixels that can't be blanked as asked, and for a replacement that
    the file's character set can't write; Spent beyond the file's budget.
    """
    dataset = file.dataset
    if file.is_directory:
        raise Invalid("A DICOMDIR can't be de-identified: send the files that it lists.")
    report = Report()
    pixels = clean_pixels(file, options.regions, ultrasound=options.ultrasound)
    if pixels.blanked:
        report.attribute("PixelData", PIXEL_DATA, CLEANED, f"PS3.15 {PROFILE_OPTIONS[CLEAN_PIXEL_DATA].clause}")
    identity = Identity(dataset, file.budget, uids=RETAIN_UIDS not in options.profile)
    doubts = list(_doubts(file, options, identity, pixels))
    Walk(options, identity, report, file.budget).item(dataset, Place("", CharacterSet()))
    _add_replacements(file, options, report)
    _name_instance(file, options, report)
    for doubt in doubts:
        report.finding(doubt.kind, doubt.message)
    identified = any(doubt.identifies for doubt in doubts)
    state(dataset, options, removed=not identified, pixels_cleaned=pixels.blanked > 0)
    parts = write_file(file, pixels=pixels.value, copies=False)
    return Rewritten(parts, written_uid(dataset, SOP_INSTANCE_UID), report.as_dict(options.profile, file.warnings))


def _add_replacements(file: DicomFile, options: DeidentifyOptions, report: Report) -> None:
    """Replacements of attributes that the data set has not: it gets them."""
    characters = characters_of(file.dataset, CharacterSet(), [])
    for tag, made in options.replace.items():
        if tag not in file.dataset:
            put(file.dataset, replacement(made, characters))
            report.attribute(name(tag), tag, REPLACED, "replace")


def _name_instance(file: DicomFile, options: DeidentifyOptions, report: Report) -> None:
    """Gives a file a SOP Instance UID that has none, or several: one that belongs to its content."""
    if not UID.fullmatch(written_uid(file.dataset, SOP_INSTANCE_UID)):
        own = Pseudonyms(options.key).uid(hashlib.sha256(file.body).hexdigest())
        put(file.dataset, element(SOP_INSTANCE_UID, "UI", own.encode()))
        report.attribute("SOPInstanceUID", SOP_INSTANCE_UID, REPLACED, "PS3.10 7.1")


def _doubts(file: DicomFile, options: DeidentifyOptions, identity: Identity, pixels: CleanPixels) -> Iterator[Doubt]:
    for finding in pixels.findings:
        yield Doubt("pixel_data", finding, not pixels.judged)
    if not pixels.blanked:
        if why := pictures.burned_in(file):
            message = f"The picture may have text burned into it: {why}. Look at it, and blank such text."
            yield Doubt("burned_in_text", message, True)
        if CLEAN_PIXEL_DATA in options.profile:
            yield Doubt("pixels_not_cleaned", "Nothing says which pixels clean-pixel-data should blank.", False)
    if pictures.says_recognizable(file.dataset):
        message = "The file says that its patient can be recognized in the picture."
        yield Doubt("recognizable_features", message, True)
    elif pictures.may_show_face(file):
        message = "A face can be made from pictures of the surface of a head. They were not changed."
        yield Doubt("recognizable_features", message, False)
    if pictures.is_audio(file.dataset):
        yield Doubt("audio", "The file is a recording, and nobody can judge what is said in it.", True)
    if options.keep:
        yield Doubt("kept_by_name", "Attributes were kept by their names, whatever is in them.", True)
    if not identity.complete:
        message = "The file names more people than are looked for in its texts."
        yield Doubt("too_many_names", message, True)
