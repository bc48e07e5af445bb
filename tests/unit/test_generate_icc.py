"""A colour picture keeps its ICC profile, with the class Input Device (PS3.3 C.11.15.1.1)."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom import Dataset, dcmread

from imaging.secondary_capture import generate
from problems import Invalid

DISPLAY = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
OTHER = DISPLAY[:64] + b"\0\0\0\1" + DISPLAY[68:]  # another rendering intent
INPUT = DISPLAY[:12] + b"scnr" + DISPLAY[16:84] + bytes(16) + DISPLAY[100:]


def image(file_format: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, (16, 16), "red").save(file, file_format, **options)
    return file.getvalue()


def stored(*images: bytes) -> Dataset:
    return dcmread(BytesIO(generate(images, {})))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_display_profile_becomes_an_input_profile(file_format: str, count: int) -> None:
    dataset = stored(*[image(file_format, icc_profile=DISPLAY)] * count)
    profile = dataset.ICCProfile[: len(DISPLAY)]
    assert profile == INPUT
    # Only the class and the digest may change: colours mean the same.
    transform = ImageCms.buildTransform(BytesIO(profile), BytesIO(DISPLAY), "RGB", "RGB")
    colours = Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3))
    shown = np.asarray(ImageCms.applyTransform(colours, transform)).astype(int)
    np.testing.assert_allclose(shown, np.asarray(colours), atol=1)


@pytest.mark.parametrize("device_class", [b"scnr", b"mntr", b"spac"])
@pytest.mark.parametrize("connection", [b"XYZ ", b"Lab "])
def test_profiles_that_are_enough_for_an_input_device(device_class: bytes, connection: bytes) -> None:
    profile = DISPLAY[:12] + device_class + b"RGB " + connection + DISPLAY[24:]
    (found,) = (stored(image(icc_profile=profile)).ICCProfile[: len(profile)],)
    assert found == INPUT[:20] + connection + INPUT[24:]


@pytest.mark.parametrize(
    "profile",
    [
        DISPLAY[:100],
        DISPLAY[:-4],
        DISPLAY[:16] + b"GRAY" + DISPLAY[20:],
        DISPLAY[:12] + b"link" + DISPLAY[16:],
        DISPLAY[:20] + b"RGB " + DISPLAY[24:],
        DISPLAY[:36] + b"xxxx" + DISPLAY[40:],
    ],
    ids=["header cut", "cut", "gray", "device link", "connection space", "signature"],
)
def test_a_profile_that_is_broken_or_not_of_rgb_stays_out(profile: bytes) -> None:
    assert "ICCProfile" not in stored(image(icc_profile=profile))


@pytest.mark.parametrize("mode", ["L", "I;16"])
def test_gray_has_no_profile(mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (4, 3)).save(file, "PNG", icc_profile=DISPLAY)
    assert "ICCProfile" not in stored(file.getvalue())


def test_a_picture_without_a_profile() -> None:
    assert "ICCProfile" not in stored(image())


@pytest.mark.parametrize("second", [image(), image(icc_profile=OTHER)], ids=["none", "another"])
def test_frames_of_different_profiles(second: bytes) -> None:
    with pytest.raises(Invalid, match="Image 2 has another ICC profile") as refused:
        stored(image(icc_profile=DISPLAY), second)
    assert list(refused.value.fields or ()) == ["image"]
