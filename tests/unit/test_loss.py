"""Frames compressed with loss: values may leave their range, and padding is no longer exact."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from imaging.dataset.dicom_file import parse
from imaging.pixels.frames import Frame, open_frames
from tests.dicom_files import encapsulated_file, picture_file
from tests.shown import shown

JPEG, JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
LOSSLESS_2000, JPEG_2000 = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
LOSSLESS_HTJ2K, HTJ2K = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.203"
TWELVE = {"BitsStored": 12, "HighBit": 11}
# 12-bit values as a lossy codec gives them: some are beyond 12 bits.
BEYOND = np.array([[0, 4095, 4096, 4124]], np.uint16)
BEYOND_SIGNED = np.array([[-2060, -2048, 2047, 2060]], np.int16)


def frame_of(pixels: NDArray[Any], stream: bytes, syntax: str, **attributes: Any) -> Frame:
    frames = open_frames(parse(encapsulated_file(pixels, [stream], syntax, **{**TWELVE, **attributes})))
    assert frames is not None
    return frames.frame(0)


def jpeg_2000(pixels: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True))


def htj2k(pixels: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.htj2k_encode(pixels, reversible=True))


@pytest.mark.parametrize(
    ("encode", "syntax", "said", "lossy"),
    [
        (jpeg_2000, JPEG_2000, None, True),
        (jpeg_2000, JPEG_2000, "01", True),
        (jpeg_2000, JPEG_2000, "00", False),
        (jpeg_2000, LOSSLESS_2000, None, False),
        (jpeg_2000, LOSSLESS_2000, "01", True),  # whatever the transfer syntax promises
        (htj2k, HTJ2K, None, True),
        (htj2k, HTJ2K, "00", False),
        (htj2k, LOSSLESS_HTJ2K, None, False),
        (htj2k, LOSSLESS_HTJ2K, "01", True),
    ],
)
def test_values_beyond_their_bits_are_cut_off_at_the_ends_if_there_was_loss(
    encode: Any, syntax: str, said: str | None, lossy: bool
) -> None:
    # The wavelet is reversible, so only the data set says whether a rate limit has cut layers off.
    attributes = {"LossyImageCompression": said} if said else {}
    seen = frame_of(BEYOND, encode(BEYOND), syntax, **attributes)
    assert seen.samples.tolist() == ([[0, 4095, 4095, 4095]] if lossy else [[0, 4095, 0, 28]])
    assert seen.lossy is lossy
    assert (seen.words is None) is lossy
    signed = frame_of(BEYOND_SIGNED, encode(BEYOND_SIGNED), syntax, **attributes)
    assert signed.samples.tolist() == ([[-2048, -2048, 2047, 2047]] if lossy else [[2036, -2048, 2047, -2036]])


def test_htj2k_that_may_have_lost_something_is_left_to_openjpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    # OpenJPH wraps around at the ends of the range.
    monkeypatch.setattr(imagecodecs, "htj2k_decode", None)
    assert frame_of(BEYOND, htj2k(BEYOND), HTJ2K).samples.tolist() == [[0, 4095, 4095, 4095]]


def test_signed_values_in_an_unsigned_stream() -> None:
    sign_repeated = frame_of(BEYOND_SIGNED, jpeg_2000(BEYOND_SIGNED.view(np.uint16)), JPEG_2000)
    assert sign_repeated.samples.tolist() == [[-2048, -2048, 2047, 2047]]
    twelve_bits = np.array([[0x800, 0xFFF, 0, 0x7FF]], np.uint16)
    assert frame_of(twelve_bits.view(np.int16), jpeg_2000(twelve_bits), JPEG_2000).samples.tolist() == [
        [-2048, -1, 0, 2047]
    ]


def test_a_signed_stream_of_unsigned_values_is_not_below_zero() -> None:
    pixels = np.array([[-3, 0, 4095, 4100]], np.int16)
    assert frame_of(pixels.view(np.uint16), jpeg_2000(pixels), JPEG_2000).samples.tolist() == [[0, 0, 4095, 4095]]


def test_values_above_the_lowest_bits() -> None:
    pixels = np.array([[0, 4095 << 4, 65535]], np.uint16)
    seen = frame_of(pixels, jpeg_2000(pixels), JPEG_2000, BitsStored=11, HighBit=14)
    assert seen.samples.tolist() == [[0, 2047, 2047]]


@pytest.mark.parametrize(("near", "lossy"), [(0, False), (2, True)])
def test_near_of_jpeg_ls(near: int, lossy: bool) -> None:
    stream = bytes(imagecodecs.jpegls_encode(BEYOND, level=near))
    seen = frame_of(BEYOND, stream, JPEG_LS_NEAR)
    assert seen.lossy is lossy
    assert seen.samples.tolist() == ([[0, 4095, 4095, 4095]] if lossy else [[0, 4095, 0, 28]])


@pytest.mark.parametrize(("lossless", "lossy"), [(True, False), (False, True)])
def test_jpeg(lossless: bool, lossy: bool) -> None:
    pixels = np.full((8, 8), 77, np.uint8)
    stream = bytes(imagecodecs.jpeg8_encode(pixels, lossless=lossless))
    assert frame_of(pixels, stream, JPEG, BitsStored=8, HighBit=7).lossy is lossy


def test_lossy_jpeg_xl_stays_within_its_bits() -> None:
    pixels = np.where(np.indices((64, 64)).sum(0) // 8 % 2, 4095, 0).astype(np.uint16)
    stream = bytes(imagecodecs.jpegxl_encode(pixels, lossless=False, level=60, bitspersample=12))
    seen = frame_of(pixels, stream, "1.2.840.10008.1.2.4.112")
    assert seen.lossy
    assert 0 < np.abs(seen.samples.astype(int) - pixels).max() < 1000


# A picture from 200 to 1000 with padding of 0 around it, which loss has moved to values up to 12.
PADDED = np.array([[0, 12, 5], [200, 600, 1000]], np.int16)


def test_padding_next_to_its_value_is_left_out_of_the_range_and_none_of_it_is_drawn() -> None:
    for content in (
        picture_file(PADDED, PixelPaddingValue=0, LossyImageCompression="01"),
        encapsulated_file(PADDED, [jpeg_2000(PADDED)], JPEG_2000, PixelPaddingValue=0),
        encapsulated_file(PADDED, [jpeg_2000(PADDED)], LOSSLESS_2000, PixelPaddingValue=0, LossyImageCompression="01"),
    ):
        assert shown(content).tolist() == [[0, 0, 0], [0, 128, 255]]  # 200 to 1000
        # A window from -500 to 1500 shows 0, 12 and 5 as the values that they are.
        assert shown(content, window="500,2000,linear-exact").tolist() == [[64, 65, 64], [89, 140, 191]]


def test_padding_that_is_exact_is_drawn() -> None:
    for content in (
        picture_file(PADDED, PixelPaddingValue=0),
        picture_file(PADDED, PixelPaddingValue=0, LossyImageCompression="00"),
        encapsulated_file(PADDED, [jpeg_2000(PADDED)], LOSSLESS_2000, PixelPaddingValue=0),
    ):
        assert shown(content)[1].tolist() == [50, 152, 255]  # 5 to 1000
        assert shown(content, window="500,2000,linear-exact")[0].tolist() == [0, 65, 64]
