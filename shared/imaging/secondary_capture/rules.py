"""The IOD's rules for values that fit their VR. A rule yields a keyword and why its value is wrong."""

import math
from collections.abc import Iterator
from typing import Any

from pydicom import Dataset

from imaging.secondary_capture import iod

_ROUNDING = 1e-4  # of direction cosines written with four decimals

_Wrong = Iterator[tuple[str, str]]


def broken(given: Dataset, keywords: set[str]) -> dict[str, str]:
    """Reasons by keyword for what is wrong in `given`. `keywords` includes those whose values did not fit their VR."""
    rules = (
        _enumerated(given),
        _needs(given, keywords),
        _laterality(given, keywords),
        _synchronization(given),
        _window(given),
        _sizes(given),
        _patient_orientation(given),
        _direction_cosines(given),
    )
    return {keyword: why for rule in rules for keyword, why in rule}


def _values(given: Dataset, keyword: str) -> list[Any]:
    if keyword not in given:
        return []
    element = given[keyword]
    return list(element.value) if element.VM > 1 else [element.value]


def _enumerated(given: Dataset) -> _Wrong:
    for keyword, positions in iod.ENUMERATED.items():
        choices = [position.split() for position in positions]
        if any(str(value) not in choice for value, choice in zip(_values(given, keyword), choices, strict=False)):
            yield keyword, f"Must be {', then '.join(' or '.join(choice) for choice in choices)}."


def _needs(given: Dataset, keywords: set[str]) -> _Wrong:
    for keyword, needs in iod.NEEDS.items():
        missing = [need for need in needs if keywords.isdisjoint(need.split(" or "))]
        if keyword in given and missing:
            yield keyword, f"Needs {' and '.join(missing)} beside it."
    if "YES" in _values(given, "PatientIdentityRemoved") and "DeidentificationMethod" not in keywords:  # C.7.1.1
        yield "PatientIdentityRemoved", "Needs DeidentificationMethod beside it."


def _laterality(given: Dataset, keywords: set[str]) -> _Wrong:
    if "Laterality" in given:
        if given.get("BodyPartExamined") in iod.UNPAIRED:
            yield "Laterality", "Leave it out: BodyPartExamined is not a paired structure."
        if not keywords.isdisjoint(iod.OTHER_LATERALITIES):
            yield "Laterality", f"Leave it out beside {' or '.join(iod.OTHER_LATERALITIES)}."


def _synchronization(given: Dataset) -> _Wrong:
    triggers = ("SOURCE", "EXTERNAL", "PASSTHRU", "NO TRIGGER")  # C.7.4.2
    if given.get("SynchronizationTrigger", "SOURCE") not in triggers:
        yield "SynchronizationTrigger", f"Must be {' or '.join(triggers)}."


def _window(given: Dataset) -> _Wrong:
    centers, widths = _values(given, "WindowCenter"), _values(given, "WindowWidth")
    if centers and widths and len(centers) != len(widths):  # C.11.2.1.2
        yield "WindowWidth", "Must have as many values as WindowCenter."
    elif given.get("VOILUTFunction") == "LINEAR_EXACT":  # C.11.2.1.3.2
        if any(width <= 0 for width in widths):
            yield "WindowWidth", "Must be more than 0."
    elif any(width < 1 for width in widths):  # C.11.2.1.2.1
        yield "WindowWidth", "Must be at least 1."


def _sizes(given: Dataset) -> _Wrong:
    for keyword in ("NominalScannedPixelSpacing", "PixelSpacing"):  # 10.7.1.3
        if any(value <= 0 for value in _values(given, keyword)):
            yield keyword, "Must be more than 0."
    if any(value < 0 for value in _values(given, "SpacingBetweenSlices")):
        yield "SpacingBetweenSlices", "Must not be negative."
    if 0 in _values(given, "RescaleSlope"):
        yield "RescaleSlope", "Must not be 0."


def _patient_orientation(given: Dataset) -> _Wrong:
    directions = _values(given, "PatientOrientation")
    if given.get("AnatomicalOrientationType") != "QUADRUPED" and any(
        not set(direction) <= set("APLRHF") or any(set(pair) <= set(direction) for pair in ("AP", "LR", "HF"))
        for direction in directions
    ):
        yield "PatientOrientation", "Must be two directions of the letters A or P, L or R, H or F."  # C.7.6.1.1.1
    elif directions and directions[0] == directions[1]:
        yield "PatientOrientation", "Must be two different directions."


def _direction_cosines(given: Dataset) -> _Wrong:
    for keyword in iod.DIRECTION_COSINES:
        cosines = [float(value) for value in _values(given, keyword)]
        vectors = [cosines[start : start + 3] for start in range(0, len(cosines), 3)]
        if any(not math.isclose(math.hypot(*vector), 1, abs_tol=_ROUNDING) for vector in vectors):
            yield keyword, "Must be direction cosines: vectors of length 1."
        elif len(vectors) == 2 and abs(sum(a * b for a, b in zip(*vectors, strict=True))) > _ROUNDING:
            yield keyword, "Must be direction cosines at a right angle to each other."
