"""What the encoders make of samples comes back: the same without loss, and as near as the quality promises with it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from imaging.budget import Budget
from imaging.dataset.dicom_file import parse
from imaging.pixels import codecs
from imaging.pixels.codecs.coding import Coding, root_mean_square_error
from imaging.pixels.codecs.jpeg_ls import near_of
from imaging.pixels.encoding import encapsulated
from imaging.pixels.fragments import split_frames
from imaging.pixels.frames import Frame, open_frames
from problems import Unusable
from tests.dicom_files import encapsulated_file

ROOT = "1.2.840.10008.1.2."
LOSSLESS = [uid for codec in codecs.CODECS for uid in codec.lossless]
PACKED = [uid for codec in codecs.CODECS if codec.pack for uid in codec.transfer_syntaxes]
LOSSY = [uid for codec in codecs.CODECS for uid in codec.lossy]
MOST_BITS = {uid: codec.most_bits for codec in codecs.CODECS for uid in codec.lossless}
RNG = np.random.default_rng(5)


def decoded(samples: NDArray[Any], coding: Coding, **attributes: Any) -> Frame:
    """The samples, encoded in a file, as the file's reader sees them."""
    stream = codecs.encode(samples, coding)
    codec = codecs.codec_of(coding.transfer_syntax)
    assert codec is not None
    colours = codec.colours_of(coding) if samples.ndim == 3 else coding.photometric
    about = {"BitsStored": coding.bits, "HighBit": coding.bits - 1, "PhotometricInterpretation": colours}
    loss = {"LossyImageCompression": "00" if coding.quality is None else "01"}
    about |= {"BitsAllocated": 1} if coding.packed else {}
    content = encapsulated_file(samples, [stream], coding.transfer_syntax, **{**about, **loss, **attributes})
    frames = open_frames(parse(content))
    assert frames is not None
    return frames.frame(0)


@st.composite
def pictures(draw: st.DrawFn) -> tuple[NDArray[Any], int]:
    """Any samples of up to 16 bits, and their bits: gray, signed or not, or colours."""
    bits = draw(st.integers(1, 16))
    size = 1 if bits <= 8 else 2
    colour, signed = draw(st.sampled_from([(False, False), (False, True), (True, False)]))
    shape: tuple[int, ...] = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    shape = (*shape, 3) if colour else shape
    values = arrays.arrays(f"{'i' if signed else 'u'}{size}", shape, elements=st.integers(low, high))
    return draw(values), bits


@pytest.mark.parametrize("syntax", LOSSLESS)
@given(pictures())
@example((RNG.integers(-2048, 2048, (70, 90), np.int16), 12))
@example((RNG.integers(0, 65536, (70, 90, 3), np.uint16), 16))
@example((np.array([[-(1 << 15), (1 << 15) - 1]], np.int16), 16))
def test_any_picture_without_loss(syntax: str, picture: tuple[NDArray[Any], int]) -> None:
    samples, bits = picture
    for photometric in ("RGB", "YBR_FULL") if samples.ndim == 3 else ("MONOCHROME2",):
        if photometric == "YBR_FULL" and syntax == ROOT + "4.110":
            continue
        frame = decoded(samples, Coding(syntax, bits, photometric))
        np.testing.assert_array_equal(frame.samples, samples)
        assert (frame.photometric, frame.warning, frame.lossy) == (photometric, None, False)


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("bits", [17, 20, 24, 25, 32])
@pytest.mark.parametrize("signed", [False, True])
def test_more_than_sixteen_bits(syntax: str, bits: int, signed: bool) -> None:
    low = -(1 << bits - 1) if signed else 0
    samples = RNG.integers(low, low + (1 << bits), (30, 50)).astype(np.int32 if signed else np.uint32)
    coding = Coding(syntax, bits, "MONOCHROME2")
    if bits > MOST_BITS[syntax]:
        with pytest.raises(Unusable, match="has at most"):
            codecs.encode(samples, coding)
    else:
        np.testing.assert_array_equal(decoded(samples, coding).samples, samples)


@pytest.mark.parametrize("syntax", [*PACKED, ROOT + "5"])
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20)), elements=st.integers(0, 1)))
def test_single_bits(syntax: str, samples: NDArray[Any]) -> None:
    np.testing.assert_array_equal(decoded(samples, Coding(syntax, 1, "MONOCHROME2", packed=True)).samples, samples)


ROWS, COLUMNS = np.mgrid[0:120, 0:160]
SMOOTH = (np.sin(ROWS / 17) + np.cos(COLUMNS / 23) + 2) / 4 + RNG.normal(0, 0.004, ROWS.shape)


def smooth(bits: int, *, signed: bool = False, colour: bool = False) -> NDArray[Any]:
    highest = (1 << bits) - 1
    values = (SMOOTH * highest).clip(0, highest) - (1 << bits - 1 if signed else 0)
    gray = values.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
    return np.stack([gray, highest - gray, gray // 2], -1) if colour else gray


@pytest.mark.parametrize("quality", [1, 50, 90, 100])
@pytest.mark.parametrize("syntax", [ROOT + "4.81", ROOT + "4.91", ROOT + "4.203"])
@pytest.mark.parametrize(
    "samples",
    [smooth(8), smooth(12), smooth(16), smooth(12) + 20000, smooth(12, signed=True), smooth(8, colour=True)],
    ids=["8", "12", "16", "12 of 16", "signed", "colour"],
)
def test_the_error_is_within_the_quality(syntax: str, quality: int, samples: NDArray[Any]) -> None:
    bits = 16 if samples.max() > 4095 else 12 if samples.itemsize == 2 else 8
    coding = Coding(syntax, bits, "RGB" if samples.ndim == 3 else "MONOCHROME2", quality)
    if syntax == ROOT + "4.81" and samples.min() < 0:
        with pytest.raises(Unusable, match="below 0"):
            codecs.encode(samples, coding)
        return
    frame = decoded(samples, coding)
    error = np.abs(frame.samples.astype(int) - samples)
    assert frame.lossy
    assert np.sqrt((error.astype(float) ** 2).mean()) <= 1.25 * root_mean_square_error(samples, quality) + 0.5
    if syntax == ROOT + "4.81":
        assert error.max() <= near_of(samples, quality)
    if quality == 1:
        assert error.any()


@pytest.mark.parametrize("syntax", LOSSY)
def test_less_quality_takes_less_room(syntax: str) -> None:
    samples = smooth(8, colour=True)
    sizes = [len(codecs.encode(samples, Coding(syntax, 8, "RGB", quality))) for quality in (95, 60, 10)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] < samples.nbytes / 2
    frame = decoded(samples, Coding(syntax, 8, "RGB", 95))
    assert (frame.photometric, frame.lossy) == ("RGB", True)
    assert np.abs(frame.samples.astype(int) - samples).mean() < 4


def test_the_rpcl_form_has_what_the_standard_asks_for() -> None:
    stream = codecs.encode(RNG.integers(0, 4096, (70, 5000), np.uint16), Coding(ROOT + "4.202", 12, "MONOCHROME2"))
    style = stream.index(b"\xff\x52")
    progression, levels = stream[style + 5], stream[style + 9]
    assert progression == 2  # RPCL (T.800 table A.16)
    assert 5000 / 2**levels <= 64  # PS3.5 10.18
    assert b"\xff\x55" in stream[:200]  # TLM


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [ROOT + "4.90", ROOT + "4.201"])
def test_the_stream_says_how_many_bits_there_are(syntax: str, signed: bool) -> None:
    stream = codecs.encode(smooth(12, signed=signed), Coding(syntax, 12, "MONOCHROME2"))
    assert stream[42] == 11 | (0x80 if signed else 0)  # Ssiz (T.800 A.5.1)


@pytest.mark.parametrize(
    ("samples", "coding", "why"),
    [
        (smooth(8), Coding(ROOT + "4.90", 8, "MONOCHROME2", 90), "with loss"),
        (smooth(8), Coding(ROOT + "4.50", 8, "MONOCHROME2"), "without loss"),
        (smooth(8), Coding(ROOT + "4.93", 8, "MONOCHROME2"), "nothing here writes it"),
        (smooth(8), Coding("1.2.3", 8, "MONOCHROME2"), "nothing here writes it"),
        (smooth(12), Coding(ROOT + "4.50", 12, "MONOCHROME2", 90), "use jpeg-extended"),
        (smooth(16), Coding(ROOT + "4.51", 16, "MONOCHROME2", 90), "at most 12 bits"),
        (smooth(12, signed=True), Coding(ROOT + "4.51", 12, "MONOCHROME2", 90), "below 0"),
        (smooth(8), Coding(ROOT + "4.91", 8, "PALETTE COLOR", 90), "numbers of colours"),
        (smooth(8) & 1, Coding(ROOT + "4.90", 1, "MONOCHROME2", packed=True), "single bits"),
        (SMOOTH, Coding(ROOT + "4.90", 64, "MONOCHROME2"), "floating-point"),
        (smooth(8, colour=True), Coding(ROOT + "4.110", 8, "YBR_FULL"), "only for RGB"),
        (np.zeros((4, 4, 4), np.uint8), Coding(ROOT + "4.90", 8, "ARGB"), "four samples"),
    ],
)
def test_what_has_no_place_is_refused(samples: NDArray[Any], coding: Coding, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        codecs.encode(samples, coding)


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=5))
def test_fragments_and_their_offsets(streams: list[bytes]) -> None:
    parts, offsets, lengths = encapsulated(streams)
    value = memoryview(b"".join(parts))
    assert (offsets, lengths) == (b"", b"")
    found = [bytes(value[place]) for (place,) in split_frames(value, len(streams), None, Budget())]
    assert found == [stream + bytes(len(stream) % 2) for stream in streams]


def test_offsets_beyond_the_basic_table_are_in_the_extended_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imaging.pixels.encoding.MAX_OFFSET", 10)
    parts, offsets, lengths = encapsulated([b"abc", b"defg"])
    assert parts[0] == b"\xfe\xff\x00\xe0\0\0\0\0"
    assert np.frombuffer(offsets, "<u8").tolist() == [0, 12]
    assert np.frombuffer(lengths, "<u8").tolist() == [3, 4]
