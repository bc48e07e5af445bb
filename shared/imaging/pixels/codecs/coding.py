"""What encoders are told, and what they have in common."""

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from problems import Unusable

# The signal-to-noise ratio, in dB, of quality 0 and 100, where a codec has no scale of its own for quality.
LOWEST_PSNR, HIGHEST_PSNR = 26, 56


@dataclass(frozen=True)
class Coding:
    """How the samples of frames are to be encoded.

    `transfer_syntax`: one of the codec's. `bits`: the lowest ones of a sample, which are all that count; above them are
    zeros, or the sign again. `photometric`: what the samples are. `quality`: from 1 to 100; None: without loss.
    `packed`: samples of one bit, eight in a byte.
    """

    transfer_syntax: str
    bits: int
    photometric: str
    quality: int | None = None
    packed: bool = False


def patterns(samples: NDArray[Any], coding: Coding) -> NDArray[Any]:
    """The samples as unsigned numbers, for codecs that know no sign: in two's complement of so many bits (PS3.5 8.1.1).

    Raises Unusable if they are negative and not exact: a small error would make the lowest value of the highest.
    """
    if samples.dtype.kind == "u":
        return samples
    unsigned = samples.view(f"u{samples.itemsize}")
    if samples.min() >= 0:
        return unsigned
    if coding.quality is not None:
        raise Unusable("its values below 0 have no place in this codec with loss: use j2k-lossy or htj2k-lossy")
    masked: NDArray[Any] = unsigned & unsigned.dtype.type((1 << coding.bits) - 1)
    return masked


def root_mean_square_error(samples: NDArray[Any], quality: int) -> float:
    """The error that a quality allows, in stored values: by the range that the frame's values fill."""
    spread = max(1, int(samples.max()) - int(samples.min()))
    decibels = LOWEST_PSNR + (HIGHEST_PSNR - LOWEST_PSNR) * quality / 100
    return float(spread / math.pow(10, decibels / 20))
