"""A PNG or JPEG file to the upright picture that a viewer would show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

from numpy.typing import NDArray
from PIL import ExifTags
from PIL.Image import Image
from PIL.ImageFile import ImageFile

from imaging.secondary_capture import jpeg, png
from imaging.secondary_capture.icc import input_profile
from problems import Invalid, Problem, TooLarge

MAX_PIXELS = 2**26  # some 8000 x 8000: decoded, composited and written within a function's memory
MAX_SIDE = 65535  # Rows and Columns are US (PS3.3 C.7.6.3)

# What brings the first stored row and column to the top left, by EXIF's Orientation (CIPA DC-008, 4.6.5).
_UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored[::-1].swapaxes(0, 1),
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored[:, ::-1].swapaxes(0, 1),
}


class Picture(NamedTuple):
    """`pixels`: uint8 (rows, columns) or (rows, columns, 3), or uint16 (rows, columns), upright.

    `file` is the original; `jpeg`: it is a JPEG; `turned`: its rows and columns are not those of `pixels`.
    `icc_profile` describes its colours, for an Input Device.
    """

    pixels: NDArray[Any]
    file: bytes
    jpeg: bool
    turned: bool
    icc_profile: bytes | None


class Header(NamedTuple):
    """A file whose header alone was read, and the module that decodes it."""

    file: bytes
    image: ImageFile
    codec: ModuleType


def read_header(file: bytes, pixels_left: int = MAX_PIXELS) -> Header:
    """Reads the header of a file, judged by its content. Raises Invalid, or TooLarge beyond `pixels_left`."""
    codec = next((codec for codec in (png, jpeg) if file.startswith(codec.SIGNATURE)), None)
    if codec is None:
        raise _invalid("Send the image as a PNG or JPEG file.")
    with _broken_is_invalid():
        image = codec.open_image(file)
    _check_size(image.size, pixels_left)
    return Header(file, image, codec)


def decode(header: Header) -> Picture:
    """The picture itself. Raises Invalid."""
    file, image, codec = header
    with _broken_is_invalid():
        samples = codec.samples(image, file)
        turn = _UPRIGHT.get(_orientation(image))
        profile = input_profile(image.info.get("icc_profile")) if samples.ndim == 3 else None
    return Picture(turn(samples) if turn else samples, file, codec is jpeg, turn is not None, profile)


@contextmanager
def _broken_is_invalid() -> Iterator[None]:
    try:
        yield
    except Problem:
        raise
    except Exception as error:  # Pillow may raise anything on malformed bytes
        raise _invalid("The image is truncated or corrupt, or no 8-bit JPEG; send a whole PNG or JPEG file.") from error


def _check_size(size: tuple[int, int], pixels_left: int) -> None:
    columns, rows = size
    if rows * columns > pixels_left or max(rows, columns) > MAX_SIDE:
        why = f"The image has {columns} x {rows} pixels; send at most {MAX_PIXELS} in all, and {MAX_SIDE} a side."
        raise TooLarge(why, fields={"image": why})


def _orientation(image: ImageFile) -> int:
    try:
        # PngImageFile's own method would decode the picture first.
        orientation = Image.getexif(image).get(ExifTags.Base.Orientation)
    except Exception:  # malformed EXIF: viewers then show the picture as it is stored
        return 1
    return orientation if isinstance(orientation, int) else 1


def _invalid(why: str) -> Invalid:
    return Invalid(why, fields={"image": why})
