"""Pictures to the value of Pixel Data, in each of the ways that a client may ask for."""

from collections.abc import Sequence

from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, HTJ2KLossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from imaging.pixels.encoding import Encoded, encode_frames
from imaging.secondary_capture.jpeg import baseline_stream
from imaging.secondary_capture.picture import Picture
from problems import Invalid, Unusable

# By the names of the form's field `compression`. Those beside "none" and "jpeg" need an encoder in pixels/codecs.
COMPRESSIONS: dict[str, UID] = {
    "none": ExplicitVRLittleEndian,
    "jpeg": JPEGBaseline8Bit,
    "jpeg-ls": JPEGLSLossless,
    "htj2k": HTJ2KLossless,
    "rle": RLELossless,
}


def encode(pictures: Sequence[Picture], compression: str) -> Encoded:
    """The pictures as the frames of one image. Raises Invalid for pictures that JPEG Baseline has no place for."""
    if compression == "jpeg":
        return _as_they_came(pictures)
    return encode_frames([picture.pixels for picture in pictures], COMPRESSIONS[compression])


def _as_they_came(pictures: Sequence[Picture]) -> Encoded:
    """The JPEGs, byte for byte."""
    streams: list[bytes] = []
    photometrics: list[str] = []
    for number, picture in enumerate(pictures, 1):
        try:
            stream, photometric = _jpeg_stream(picture)
            if photometric == "RGB" and len(pictures) > 1:  # PS3.3 A.8.5.4
                raise Unusable("has RGB inside, which frames that are JPEGs may not have")
            if photometric not in (photometrics or [photometric]):
                raise Unusable("is gray and the first in colour, or the other way round")
        except Unusable as reason:
            why = f"Image {number} {reason.message}: leave compression out, or choose another than jpeg."
            raise Invalid(why, fields={"image": why}) from None
        streams.append(stream)
        photometrics.append(photometric)
    return Encoded(JPEGBaseline8Bit, photometrics[0], [encapsulate(streams)])


def _jpeg_stream(picture: Picture) -> tuple[bytes, str]:
    if not picture.jpeg:
        raise Unusable("is no JPEG")
    if picture.turned:
        raise Unusable("is stored turned, as its EXIF orientation says")
    return baseline_stream(picture.file)
