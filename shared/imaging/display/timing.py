"""How long each frame of a film is shown (PS3.3 C.7.6.5)."""

from typing import Any

from pydicom.dataset import Dataset

from imaging.dataset.attributes import several, value

DEFAULT_MILLISECONDS = 100.0


def frame_milliseconds(dataset: Dataset, frames: int) -> list[float]:
    """Milliseconds for each of `frames`, by Frame Time Vector, Frame Time or a rate; 100 where the file is silent."""
    vector = several(value(dataset, "FrameTimeVector"))
    if len(vector) == frames > 1:
        # Each is the time since the previous frame, and the first is 0. The last frame gets the time of the one before
        # it.
        times = [_positive(time) or DEFAULT_MILLISECONDS for time in vector[1:]]
        return [*times, times[-1]]
    time = _positive(value(dataset, "FrameTime"))
    if time is None:
        rate = _positive(value(dataset, "RecommendedDisplayFrameRate")) or _positive(value(dataset, "CineRate"))
        time = 1000 / rate if rate else DEFAULT_MILLISECONDS
    return [time] * frames


def _positive(found: Any) -> float | None:
    try:
        number = float(found)
    except (TypeError, ValueError):
        return None
    return number if 0 < number < 3_600_000 else None
