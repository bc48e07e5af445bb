"""Which elements of a file an answer contains, and how much of each."""

from collections.abc import Iterator

from pydicom.tag import BaseTag

from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.tags import keyed, name, tag_text
from problems import TooLarge

MAX_WHOLE_BYTES = 16 * 1024 * 1024  # of a binary value that the client names; as text it takes four times as much


def chosen(file: DicomFile, fields: frozenset[str] | None) -> Iterator[tuple[BaseTag, str]]:
    """The tags of the elements in `fields` (None: all), pixel data included, with their flat keys, in order."""
    tags = list(file.dataset.keys())
    if file.pixels is not None:
        tags = sorted({*tags, BaseTag(file.pixels.tag)}, key=int)
    for tag, key in keyed(tags):
        if fields is None or key in fields or tag_text(tag) in fields:
            yield tag, key


def whole_value(tag: BaseTag, value: bytes | memoryview) -> bytes:
    """The whole value as bytes. Raises TooLarge if its text would not fit into memory."""
    if len(value) > MAX_WHOLE_BYTES:
        raise TooLarge(f"{name(tag)} has more than {MAX_WHOLE_BYTES} bytes: leave it out of fields.")
    return bytes(value)
