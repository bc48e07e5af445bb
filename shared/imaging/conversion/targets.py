"""The transfer syntaxes that files are converted to, by short names, and why others are not written (PS3.5 A)."""

import re

from imaging.form_fields import NotAValue
from imaging.pixels.codecs import ROOT, codec_of

UID = re.compile(r"[0-9]+(\.[0-9]+)*")

IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN = ROOT, f"{ROOT}.1", f"{ROOT}.1.99", f"{ROOT}.2"
JPEG_XL_OF_JPEG = f"{ROOT}.4.111"
NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)

TARGETS = {
    "implicit": IMPLICIT,
    "explicit": EXPLICIT,
    "big-endian": BIG_ENDIAN,
    "deflated": DEFLATED,
    "encapsulated": f"{ROOT}.1.98",
    "deflated-frames": f"{ROOT}.8.1",
    "rle": f"{ROOT}.5",
    "jpeg": f"{ROOT}.4.50",
    "jpeg-extended": f"{ROOT}.4.51",
    "jpeg-lossless": f"{ROOT}.4.70",
    "jpeg-ls": f"{ROOT}.4.80",
    "jpeg-ls-near": f"{ROOT}.4.81",
    "j2k": f"{ROOT}.4.90",
    "j2k-lossy": f"{ROOT}.4.91",
    "htj2k": f"{ROOT}.4.201",
    "htj2k-rpcl": f"{ROOT}.4.202",
    "htj2k-lossy": f"{ROOT}.4.203",
    "jpeg-xl": f"{ROOT}.4.110",
    "jpeg-xl-of-jpeg": JPEG_XL_OF_JPEG,
    "jpeg-xl-lossy": f"{ROOT}.4.112",
}

# Known transfer syntaxes that are not written, by the beginnings of their UIDs, and why.
UNWRITTEN = (
    (
        tuple(f"{ROOT}.4.{number}" for number in (52, 53, 54, 55, 56, *range(58, 67))),
        "It is a retired form of JPEG (PS3.5 A.4.1): use jpeg-extended or jpeg-lossless.",
    ),
    (
        (f"{ROOT}.4.92", f"{ROOT}.4.93"),
        "It joins samples by the transforms of JPEG 2000 Part 2, which the encoders here do not have: use j2k.",
    ),
    (
        (f"{ROOT}.4.94", f"{ROOT}.4.95", f"{ROOT}.4.204", f"{ROOT}.4.205"),
        "Its files hold the address of a JPIP server in place of pixels, and there is no such server here.",
    ),
    ((f"{ROOT}.4.10",), "It is video (MPEG-2, H.264 or HEVC), which is not encoded here."),
    ((f"{ROOT}.7.",), "It is a stream of video without a file."),
    (("1.2.840.113619.5.2", "1.2.840.10008.1.20"), "It belongs to one manufacturer or is retired: use explicit."),
)
WITHOUT_NAME = (f"{ROOT}.4.57",)  # JPEG lossless with any predictor, of which jpeg-lossless is one


def target_of(text: str) -> str:
    """The UID of a short name or UID. Raises NotAValue, whose message says what to send."""
    known = TARGETS.get(text.lower(), text)
    if known in (*TARGETS.values(), *WITHOUT_NAME):
        return known
    for beginnings, why in UNWRITTEN:
        if known.startswith(beginnings):
            raise NotAValue(f"Nothing is converted to {known}. {why}")
    what = "a transfer syntax that is written here" if UID.fullmatch(text) else "a name of one"
    raise NotAValue(f"{text!r} is not {what}. Use {', '.join(TARGETS)}, or their UIDs.")


def name_of(uid: str) -> str:
    """The short name of a transfer syntax, or its UID."""
    return next((name for name, known in TARGETS.items() if known == uid), uid)


def may_lose(uid: str) -> bool:
    """Whether frames can be encoded with loss in a transfer syntax."""
    codec = codec_of(uid)
    return codec is not None and uid in codec.lossy
