"""A whole file in another transfer syntax, and with other values, and the report of what was done."""

from typing import Any

from imaging.conversion import edits, icons, loss, text_encoding, uids
from imaging.conversion.describing import describe
from imaging.conversion.options import ConvertOptions
from imaging.conversion.pixel_data import NewPixels, new_pixels
from imaging.conversion.targets import name_of
from imaging.dataset.attributes import value, whole_number
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.writing import SOP_INSTANCE_UID, Rewritten, element, put, remove, write_file, written_uid
from imaging.pixels.codecs import codec_of
from imaging.pixels.frames import SHUTTER_LEFT_OUT
from problems import Invalid

OFFSETS, LENGTHS = 0x7FE00001, 0x7FE00002  # the Extended Offset Table and its lengths


def convert(file: DicomFile, options: ConvertOptions) -> Rewritten:
    """Converts a file that `open_file` parsed with its places, and changes it.

    The report says what was done, and has no values. Raises Invalid if an edit does not fit the file, a frame can't be
    decoded, or the target has no place for the pixels; Spent beyond the file's budget.
    """
    dataset = file.dataset
    if file.is_directory:
        raise Invalid("A DICOMDIR can't be converted: send the files that it lists.")
    asked = (*options.removals, *options.settings)
    characters = text_encoding.change(file, asked)
    done = [uids.renew(file, options.seed)] if options.new_uids else []
    made = new_pixels(file, options)
    _describe(file, made, options)
    done += edits.apply(file, asked, new_characters=characters)
    parts = write_file(file, made.transfer_syntax, made.value)
    report = _report(file, made, done, sum(memoryview(part).nbytes for part in parts))
    return Rewritten(parts, written_uid(dataset, SOP_INSTANCE_UID), report)


def _describe(file: DicomFile, made: NewPixels, options: ConvertOptions) -> None:
    """Has the data set say what its pixels have become."""
    dataset = file.dataset
    describe(dataset, made.attributes)
    if made.transfer_syntax != file.transfer_syntax:
        icons.decompress(file)
    if made.value is not None:
        for tag, content in zip((OFFSETS, LENGTHS), made.offsets, strict=True):
            if content:
                put(dataset, element(tag, "OV", content))
            elif tag in dataset:
                remove(dataset, tag)
    if made.earlier_loss and made.ratio is None and loss.note_earlier_loss(dataset, made.earlier_loss):
        file.warnings.append("The frames were compressed with loss before, and the file did not say so; now it does.")
    codec = codec_of(made.transfer_syntax)
    if made.ratio is not None and codec:
        present = written_uid(dataset, SOP_INSTANCE_UID)
        loss.state_loss(dataset, codec.name, made.ratio, uids.new_uid(present, options.seed))


def _report(file: DicomFile, made: NewPixels, done: list[dict[str, Any]], size: int) -> dict[str, Any]:
    loses = {} if made.ratio is None else {"ratio": round(made.ratio, 2), "largest_error": made.largest_error}
    return {
        "from": _syntax(file.transfer_syntax),
        "to": _syntax(made.transfer_syntax),
        "bytes": size,
        "frames": (whole_number(value(file.dataset, "NumberOfFrames")) or 1) if file.pixels else 0,
        "lossless": made.ratio is None,
        "unchanged_streams": made.passed,
        **loses,
        "edits": done,
        "warnings": [warning for warning in file.warnings if warning != SHUTTER_LEFT_OUT],
    }


def _syntax(uid: str) -> dict[str, str]:
    return {"uid": uid, "name": name_of(uid)}
