"""What a de-identified data set says of itself (PS3.15 E.1.1 point 6, PS3.3 C.7.1.1 and C.12.1)."""

from collections.abc import Iterable

from imaging.dataset.elements import Item
from imaging.dataset.writing import element, new_item, put, sequence
from imaging.deidentification.options import DeidentifyOptions
from imaging.deidentification.profile_options import (
    BASIC_PROFILE,
    CLEAN_PIXEL_DATA,
    PROFILE_OPTIONS,
    RETAIN_FULL_DATES,
    RETAIN_MODIFIED_DATES,
    ProfileOption,
)
from imaging.deidentification.table import EDITION

PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x00120064
LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED = 0x00280303
CODE_VALUE, CODING_SCHEME_DESIGNATOR, CODE_MEANING = 0x00080100, 0x00080102, 0x00080104


def state(dataset: Item, options: DeidentifyOptions, *, removed: bool, pixels_cleaned: bool) -> None:
    """Puts it into the data set. `removed`: whether the patient's identity is, as far as anybody can tell."""
    done = [
        option
        for name, option in PROFILE_OPTIONS.items()
        if (pixels_cleaned if name == CLEAN_PIXEL_DATA else name in options.profile)
    ]
    method = f"DICOM PS3.15 {EDITION} {BASIC_PROFILE.title}"
    texts = [method, "except for attributes that were kept by name"] if options.keep else [method]
    put(dataset, element(PATIENT_IDENTITY_REMOVED, "CS", b"YES" if removed else b"NO"))
    put(dataset, element(DEIDENTIFICATION_METHOD, "LO", "\\".join(texts).encode()))
    codes = done if options.keep else [BASIC_PROFILE, *done]
    put(dataset, sequence(DEIDENTIFICATION_METHOD_CODE_SEQUENCE, map(_code, codes)))
    put(dataset, element(LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "CS", _times(options.profile)))


def _code(option: ProfileOption) -> Item:
    title = option.title if option is BASIC_PROFILE else f"{option.title} Option"
    return new_item(
        [
            element(CODE_VALUE, "SH", option.code.encode()),
            element(CODING_SCHEME_DESIGNATOR, "SH", b"DCM"),
            element(CODE_MEANING, "LO", title.encode()),
        ]
    )


def _times(profile: Iterable[str]) -> bytes:
    if RETAIN_FULL_DATES in profile:
        return b"UNMODIFIED"
    return b"MODIFIED" if RETAIN_MODIFIED_DATES in profile else b"REMOVED"
