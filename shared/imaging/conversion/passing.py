"""Frames whose streams need no change: another transfer syntax has them as they are."""

from imaging.pixels import codecs
from imaging.pixels.codecs import ROOT, codec_of, jpeg, jpeg_xl, rle
from imaging.pixels.image_pixel import ImagePixel
from imaging.pixels.streams import CODESTREAM_START, StreamHeader, StreamKind, stream_header
from problems import Unusable

BASELINE, EXTENDED, LOSSLESS = 0xC0, 0xC1, 0xC3  # processes of JPEG by their markers (T.81 table B.1)
JPEG_FORMS = {
    jpeg.BASELINE: (BASELINE,),
    f"{ROOT}.4.51": (BASELINE, EXTENDED),
    f"{ROOT}.4.57": (LOSSLESS,),
    f"{ROOT}.4.70": (LOSSLESS,),
}
FIRST_ORDER = f"{ROOT}.4.70"
FIRST_ORDER_PREDICTOR = 1
# Those that say nothing of loss: reversible streams of others may have been cut.
LOSSLESS_ONLY = (f"{ROOT}.4.90", f"{ROOT}.4.201", f"{ROOT}.4.202")
RPCL = f"{ROOT}.4.202"
MAY_LOSE = (f"{ROOT}.4.81", f"{ROOT}.4.91", f"{ROOT}.4.203")
KINDS = {
    StreamKind.JPEG_LS: (f"{ROOT}.4.80", f"{ROOT}.4.81"),
    StreamKind.JPEG_2000: (f"{ROOT}.4.90", f"{ROOT}.4.91"),
    StreamKind.HTJ2K: (*LOSSLESS_ONLY[1:], f"{ROOT}.4.203"),
}
JPEG_XL_LOSSLESS, JPEG_XL_OF_JPEG, JPEG_XL = (f"{ROOT}.4.{number}" for number in (110, 111, 112))


def passes(stream: bytes, source: str, target: str, image: ImagePixel, *, says_lossless: bool) -> bool:
    """Whether a frame of the transfer syntax `source` is one of `target` as it stands.

    `says_lossless`: the data set says that nothing was ever lost.
    """
    try:
        header = stream_header(stream)
    except Unusable:
        return False
    if header is None:
        return _passes_without_header(stream, source, target)
    if (header.rows, header.columns, header.samples) != (image.rows, image.columns, image.samples):
        return False
    if header.kind is StreamKind.JPEG:
        return _passes_as_jpeg(header, target)
    if target not in KINDS[header.kind] or not _is_bare(stream, header):
        return False
    known = header.kind is StreamKind.JPEG_LS or source in LOSSLESS_ONLY or says_lossless
    return target in MAY_LOSE or (header.lossless and known and (target != RPCL or source == RPCL))


def _passes_as_jpeg(header: StreamHeader, target: str) -> bool:
    if header.process not in JPEG_FORMS.get(target, ()) or (target == jpeg.BASELINE and header.precision != 8):
        return False
    return target != FIRST_ORDER or header.predictor == FIRST_ORDER_PREDICTOR


def _is_bare(stream: bytes, header: StreamHeader) -> bool:
    """Whether JPEG 2000 has no boxes around it, as in DICOM (PS3.5 A.4.4)."""
    return header.kind is StreamKind.JPEG_LS or stream.startswith(CODESTREAM_START)


def _passes_without_header(stream: bytes, source: str, target: str) -> bool:
    codec = codec_of(target)
    if stream.startswith(jpeg_xl.STARTS) and source in (JPEG_XL_LOSSLESS, JPEG_XL_OF_JPEG, JPEG_XL):
        if jpeg_xl.is_jpeg(stream):
            return target in (JPEG_XL_OF_JPEG, JPEG_XL)
        return target == JPEG_XL or source == target == JPEG_XL_LOSSLESS
    if codec is None or source != target:
        return False
    if codec.encode is rle.encode:
        return rle.begins(stream)
    return codec.pack is not None and not codecs.has_known_start(stream)
