"""Which elements of a file a client gets, and how much of each."""

from collections.abc import Iterator

from pydicom.tag import BaseTag

from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.tags import keyed, name, tag_text
from problems import TooLarge

MAX_WHOLE_BYTES = 16 * 1024 * 1024  # of a value of bytes that the client names: as text it takes four times as much


def chosen(file: DicomFile, fields: frozenset[str] | None) -> Iterator[tuple[BaseTag, str]]:
    """Tag and key in the flat form of what `fields` names (None: of everything), the pixel data included, in order."""
    tags = list(file.dataset.keys())
    if file.pixels is not None:
        tags = sorted({*tags, BaseTag(file.pixels.tag)}, key=int)
    for tag, key in keyed(tags):
        if fields is None or key in fields or tag_text(tag) in fields:
            yield tag, key


def whole_value(tag: BaseTag, value: bytes | memoryview) -> bytes:
    """The value as bytes, to be shown as a whole. Raises TooLarge if as text it would be beyond memory."""
    if len(value) > MAX_WHOLE_BYTES:
        raise TooLarge(f"{name(tag)} has more than {MAX_WHOLE_BYTES} bytes: leave it out of fields.")
    return bytes(value)
