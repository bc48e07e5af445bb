"""The values of interest: windows to display values (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHITE = 255.0

FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


@dataclass(frozen=True)
class Window:
    """A window: its centre and width in modality units, and its function, one of FUNCTIONS."""

    center: float
    width: float
    function: str = "LINEAR"

    @property
    def valid(self) -> bool:
        """LINEAR needs a width of at least 1, the others one above 0 (PS3.3 C.11.2.1.2)."""
        finite = np.isfinite(self.center) and np.isfinite(self.width)
        return bool(finite and (self.width >= 1 if self.function == "LINEAR" else self.width > 0))

    def apply(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Modality values to display values of 0 to 255, not yet rounded."""
        x = np.asarray(values, np.float64)
        if self.function == "SIGMOID":  # C.11.2.1.3.1
            with np.errstate(over="ignore"):
                return WHITE / (1 + np.exp(-4 * (x - self.center) / self.width))
        if self.function == "LINEAR_EXACT":  # C.11.2.1.3.2
            return _ramp(x, self.center, self.width)
        return _ramp(x, self.center - 0.5, self.width - 1)  # C.11.2.1.2.1


def _ramp(x: NDArray[np.float64], middle: float, width: float) -> NDArray[np.float64]:
    """0 up to the ramp's lower end, 255 from its upper end, straight in between; a step where the ramp has no width."""
    if width == 0:
        return np.where(x <= middle, 0.0, WHITE)
    return np.clip(((x - middle) / width + 0.5) * WHITE, 0.0, WHITE)


def range_window(low: float, high: float) -> Window:
    """The window that shows `low` as black and `high` as white; a range of one value is black."""
    if high <= low:
        return Window(low + 0.5, 1.0, "LINEAR_EXACT")
    return Window((low + high) / 2, high - low, "LINEAR_EXACT")
