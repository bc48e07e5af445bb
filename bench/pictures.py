"""The pictures in the measured files: shapes and noise like those of real scanners.

Noise decides what a picture costs: white noise compresses twice as slowly as real tissue, and no noise is too easy. The
noise here is so strong and so grained that each PNG is as large as a real picture's.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ct() -> NDArray[np.uint16]:
    """An abdomen, 512x512, 12 bits (0 is -1024 HU): the window of soft tissue hides the noise of air."""
    y, x = np.mgrid[:512, :512]
    body = np.hypot((x - 256) / 215, (y - 262) / 160) < 1
    fat = np.hypot((x - 256) / 190, (y - 262) / 135) >= 1
    bone = np.hypot((x - 256) / 26, (y - 345) / 22) < 1
    liver = np.hypot((x - 180) / 75, (y - 240) / 70) < 1
    table = np.abs(y - 455 + ((x - 256) / 60) ** 2) < 4
    values = np.select([~body & table, ~body, bone, fat, liver], [300, 16, 1650, 930, 1090], 1050)
    values = values + 14 * np.sin(x / 31) * np.cos(y / 27)
    return _integers(values + np.where(body, noise((512, 512), 9, 3, 1), noise((512, 512), 9, 1, 2)), 4095, np.uint16)


def mammogram() -> NDArray[np.uint16]:
    """A breast, 4096x3072, 12 bits, to half of the picture; nothing but black around it."""
    y, x = np.mgrid[:4096, :3072]
    distance = np.hypot(x / 2250, (y - 2048) / 1850)
    gland = 260 * np.sin(x / 231 + np.sin(y / 307)) * np.cos(y / 197) + 90 * np.sin((x + y) / 61)
    tissue = 2300 + gland - 900 * distance**6 + noise((4096, 3072), 22, 4, 3)
    return _integers(np.where(distance < 1, tissue, 0), 4095, np.uint16)


def angiogram(index: int) -> NDArray[np.uint8]:
    """Frame `index` of a coronary angiogram, 512x512: dark vessels that move, on the quantum noise of fluoroscopy."""
    y, x = np.mgrid[:512, :512]
    beat = np.sin(index / 7)
    shadow = 135 + 35 * np.cos(x / 140) + 20 * np.sin(y / 90)
    for height, width, depth in ((200, 9, 60), (290, 5, 40), (350, 4, 30)):
        course = height + 60 * np.sin(x / 70 + height) + 15 * beat * np.cos(x / 50)
        shadow -= depth * np.exp(-(((y - course) / width) ** 2))
    collimated = (x > 14) & (x < 498) & (y > 10) & (y < 502)
    return _integers(np.where(collimated, shadow + noise((512, 512), 2.2, 1, index), 0), 255, np.uint8)


def ultrasound(index: int) -> NDArray[np.uint8]:
    """Frame `index` of an echocardiogram, 640x480 RGB: speckle in a fan, a strip of colour Doppler, black around it."""
    y, x = np.mgrid[:480, :640]
    depth, angle = np.hypot(x - 320, y - 15), np.arctan2(x - 320, y - 15)
    fan = (np.abs(angle) < 0.65) & (depth < 440)
    walls = 60 + 50 * np.sin(depth / 33 + np.sin(index / 5) + 2 * angle)
    grey = np.where(fan, walls * np.clip(1 + noise((480, 640), 0.4, 5, index), 0, None), 0)
    picture = np.repeat(_integers(grey, 255, np.uint8)[..., None], 3, axis=2)
    flow = fan & (np.abs(angle) < 0.15) & (np.abs(depth - 220) < 60)
    picture[flow] = picture[flow] // 3 + np.array([140, 20, 10], np.uint8)
    picture[20:460, 10:22] = np.linspace(255, 0, 440).astype(np.uint8)[:, None, None]  # the bar of grey values
    return picture


def noise(shape: tuple[int, int], deviation: float, grain: int, seed: int) -> NDArray[np.float32]:
    """Noise with a standard deviation. Each pixel is averaged with its neighbours `grain` times."""
    white = np.random.default_rng(seed).standard_normal(shape, np.float32)
    for axis in (0, 1) * grain:
        white = ((np.roll(white, 1, axis) + 2 * white + np.roll(white, -1, axis)) / 4).astype(np.float32)
    scaled: NDArray[np.float32] = white * (deviation / white.std())
    return scaled


def _integers(values: NDArray[Any], most: int, dtype: type[Any]) -> NDArray[Any]:
    return values.clip(0, most).astype(dtype)
