"""Files in other transfer syntaxes: the same pixels, or none; and what files say of pixels that were changed."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataelem import DataElement

from imaging.conversion import ConvertOptions, convert, read_options
from imaging.conversion.targets import NATIVE, TARGETS, target_of
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.writing import Rewritten
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import open_frames
from problems import Invalid, Problem, TooLarge
from tests.converted import converted, difference, needs_loss, stored
from tests.dicom_bytes import ITEM_END, SEQUENCE_END, UNDEFINED, element, file_of, item
from tests.dicom_files import encapsulated_file, file_bytes, float_picture_file, picture_file
from tests.unit.test_reference import PATHS

pytestmark = pytest.mark.filterwarnings("ignore:::pydicom")

RNG = np.random.default_rng(11)
LOSSLESS = {name: uid for name, uid in TARGETS.items() if not needs_loss(uid) and name != "jpeg-xl-of-jpeg"}
MOST_BYTES = 600_000  # of the files that are converted here; tests/convert_every_file.py takes all of them


def made(content: bytes, **texts: str) -> Rewritten:
    return convert(open_file(content, keep_places=True), read_options(texts))


def whole(result: Rewritten) -> bytes:
    return b"".join(result.parts)


def spread() -> list[tuple[Path, str]]:
    """Each file of the reference table with one target, so that all targets are equally frequent."""
    names = list(LOSSLESS)
    small = [path for path in PATHS.values() if path.stat().st_size < MOST_BYTES]
    return [(path, names[index * 5 % len(names)]) for index, path in enumerate(small)]


@pytest.mark.parametrize(("path", "name"), spread(), ids=lambda given: getattr(given, "name", given))
def test_there_and_back(path: Path, name: str) -> None:
    content = path.read_bytes()
    try:
        frames = list(stored(content))
    except Problem:
        frames = []
    try:
        there = converted(content, TARGETS[name])
    except Invalid:
        return
    if frames:
        assert difference(content, there) == ""
        assert difference(content, converted(there, TARGETS["explicit"])) == ""


@st.composite
def images(draw: st.DrawFn) -> tuple[NDArray[Any], dict[str, int]]:
    """Any samples, in the lowest bits or above, of one frame or several, and what the data set says of them."""
    allocated = draw(st.sampled_from([8, 16]))
    bits = draw(st.integers(1, allocated))
    high_bit = draw(st.integers(bits - 1, allocated - 1))
    signed, colour = draw(st.sampled_from([(0, False), (1, False), (0, True)]))
    shape = (draw(st.integers(1, 9)), draw(st.integers(1, 9)), *((3,) if colour else ()))
    words = draw(arrays.arrays(f"u{allocated // 8}", (draw(st.integers(1, 3)), *shape)))
    about = {"BitsAllocated": allocated, "BitsStored": bits, "HighBit": high_bit, "PixelRepresentation": signed}
    return words, about


def multi_frame(words: NDArray[Any], **attributes: Any) -> bytes:
    return picture_file(words[0], PixelData=words.tobytes(), NumberOfFrames=str(len(words)), **attributes)


@pytest.mark.parametrize("name", LOSSLESS)
@given(images())
def test_any_image_there_and_back(name: str, image: tuple[NDArray[Any], dict[str, int]]) -> None:
    words, about = image
    content = multi_frame(words, **about)
    there = converted(content, TARGETS[name])
    assert difference(content, there) == ""
    assert difference(content, converted(there, TARGETS["implicit"])) == ""


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_file_says_what_it_is(name: str) -> None:
    for source in ("CT_small.dcm", "US1_UNCR.dcm", "SC_rgb_rle_2frame.dcm", "jpeg_2000_colour.dcm"):
        content = PATHS[source].read_bytes()
        result = made(content, transfer_syntax=name)
        file = open_file(whole(result))
        assert (file.transfer_syntax, file.warnings) == (TARGETS[name], [])
        assert result.report["to"] == {"uid": TARGETS[name], "name": name}
        assert result.report["bytes"] == len(whole(result))
        dataset = dcmread(BytesIO(whole(result)))
        assert dataset.file_meta.ImplementationVersionName == "DICOM_API_1"
        assert result.sop_instance_uid == dataset.SOPInstanceUID == dcmread(BytesIO(content)).SOPInstanceUID
        transforms = {"j2k", "htj2k", "htj2k-rpcl"}
        if dataset.SamplesPerPixel == 3:
            passed = result.report["unchanged_streams"]
            assert dataset.PhotometricInterpretation == ("YBR_RCT" if name in transforms and not passed else "RGB")


def test_names_and_uids_mean_the_same() -> None:
    for name, uid in TARGETS.items():
        assert target_of(name.upper()) == target_of(uid) == uid
    assert target_of("1.2.840.10008.1.2.4.57") == "1.2.840.10008.1.2.4.57"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.2.840.10008.1.2.4.52", "retired form of JPEG"),
        ("1.2.840.10008.1.2.4.92", "Part 2"),
        ("1.2.840.10008.1.2.4.94", "JPIP"),
        ("1.2.840.10008.1.2.4.205", "JPIP"),
        ("1.2.840.10008.1.2.4.102", "video"),
        ("1.2.840.10008.1.2.7.1", "video"),
        ("1.2.840.113619.5.2", "one manufacturer"),
        ("1.2.3", "is not a transfer syntax that is written here"),
        ("zip", "is not a name of one. Use implicit, explicit"),
    ],
)
def test_what_is_not_written_says_why(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        read_options({"transfer_syntax": text})
    assert list(refused.value.fields) == ["transfer_syntax"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("emri_small_jpeg_2k_lossless.dcm", "j2k-lossy"),
        ("emri_small_jpeg_ls_lossless.dcm", "jpeg-ls-near"),
        ("SC_rgb_jpeg_dcmtk.dcm", "jpeg-extended"),
        ("JPGExtended.dcm", "jpeg-extended"),
        ("htj2k_12.dcm", "htj2k-lossy"),
        ("htj2k_rpcl.dcm", "htj2k"),
        ("jpeg_lossless_1.dcm", "jpeg-lossless"),
        ("jpeg_lossless_4.dcm", "1.2.840.10008.1.2.4.57"),
        ("MR_small_RLE.dcm", "rle"),
        ("jpeg_xl_lossless.dcm", "jpeg-xl-lossy"),
        ("deflated_frame.dcm", "deflated-frames"),
    ],
)
def test_a_stream_that_fits_stays_as_it_is(source: str, name: str) -> None:
    content = PATHS[source].read_bytes()
    result = made(content, transfer_syntax=name)
    assert (result.report["unchanged_streams"], result.report["lossless"]) == (True, True)
    streams = [list(streams_of(each)) for each in (content, whole(result))]
    assert [stream.rstrip(b"\0") for stream in streams[0]] == [stream.rstrip(b"\0") for stream in streams[1]]
    assert difference(content, whole(result)) == ""


def streams_of(content: bytes) -> list[bytes]:
    file = open_file(content)
    frames = open_frames(file)
    assert frames is not None
    assert file.pixels is not None
    value = file.pixels.value
    return [b"".join(value[place] for place in frames.places(index)) for index in range(frames.count)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("jpeg_lossless_4.dcm", "jpeg-lossless"),  # another predictor
        ("jpeg_2000_lossy_12.dcm", "j2k"),
        ("jpeg_2000_8.dcm", "htj2k"),
        ("JPEGLSNearLossless_08.dcm", "jpeg-ls"),
        ("htj2k_12.dcm", "htj2k-rpcl"),
    ],
)
def test_a_stream_that_does_not_fit_is_decoded_first(source: str, name: str) -> None:
    content = PATHS[source].read_bytes()
    result = made(content, transfer_syntax=name)
    assert not result.report["unchanged_streams"]
    assert difference(content, whole(result)) == ""


def test_a_reversible_stream_that_may_have_been_cut_is_not_called_lossless() -> None:
    pixels = RNG.integers(0, 4096, (8, 9), np.uint16)
    stream = bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, bitspersample=12, codecformat="j2k"))
    for said, passes in (({}, False), ({"LossyImageCompression": "00"}, True)):
        content = encapsulated_file(pixels, [stream], TARGETS["j2k-lossy"], BitsStored=12, HighBit=11, **said)
        assert made(content, transfer_syntax="j2k").report["unchanged_streams"] is passes


@pytest.mark.parametrize("source", ["color3d_jpeg_baseline.dcm", "SC_rgb_jpeg_dcmtk.dcm", "jpeg_baseline.dcm"])
def test_jpegs_are_jpeg_xl_and_jpegs_again(source: str) -> None:
    content = PATHS[source].read_bytes()
    there = made(content, transfer_syntax="jpeg-xl-of-jpeg")
    assert there.report["lossless"]
    back = whole(made(whole(there), transfer_syntax="jpeg"))
    assert [each.rstrip(b"\0") for each in streams_of(back)] == [each.rstrip(b"\0") for each in streams_of(content)]


def test_only_jpegs_are_jpeg_xl_of_jpeg() -> None:
    for source in ("CT_small.dcm", "jpeg_lossless_1.dcm", "JPGExtended.dcm"):
        with pytest.raises(Invalid, match=r"Frame 1 can't be converted: jpeg-xl-of-jpeg holds nothing but JPEGs"):
            made(PATHS[source].read_bytes(), transfer_syntax="jpeg-xl-of-jpeg")


def test_frames_have_offsets_in_the_basic_or_the_extended_table(monkeypatch: pytest.MonkeyPatch) -> None:
    content = file_bytes("emri_small.dcm")
    basic = dcmread(BytesIO(whole(made(content, transfer_syntax="rle"))))
    assert basic.PixelData[:8] == b"\xfe\xff\x00\xe0" + struct.pack("<L", 40)
    assert "ExtendedOffsetTable" not in basic
    monkeypatch.setattr("imaging.pixels.encoding.MAX_OFFSET", 100)
    extended = whole(made(content, transfer_syntax="rle"))
    dataset = dcmread(BytesIO(extended))
    assert dataset.PixelData[:8] == b"\xfe\xff\x00\xe0" + bytes(4)
    assert len(dataset.ExtendedOffsetTable) == len(dataset.ExtendedOffsetTableLengths) == 80
    assert difference(content, extended) == ""
    monkeypatch.undo()
    again = dcmread(BytesIO(whole(made(extended, transfer_syntax="htj2k"))))
    assert "ExtendedOffsetTable" not in again
    assert "ExtendedOffsetTableLengths" not in again


LOSSY = {"jpeg": "ISO_10918_1", "jpeg-ls-near": "ISO_14495_1", "j2k-lossy": "ISO_15444_1"} | {
    "htj2k-lossy": "ISO_15444_15",
    "jpeg-xl-lossy": "ISO_18181_1",
}


@pytest.mark.parametrize(("name", "method"), LOSSY.items())
def test_a_file_says_what_was_lost(name: str, method: str) -> None:
    content = file_bytes("US1_UNCR.dcm")
    result = made(content, transfer_syntax=name, lossy="true", quality="60")
    before, after = dcmread(BytesIO(content)), dcmread(BytesIO(whole(result)))
    assert (after.LossyImageCompression, after.LossyImageCompressionMethod) == ("01", method)
    assert float(after.LossyImageCompressionRatio) == pytest.approx(result.report["ratio"], rel=0.01)
    assert result.report["ratio"] > 4
    assert result.report["lossless"] is False
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID == result.sop_instance_uid
    assert after.SOPInstanceUID != before.SOPInstanceUID
    (source,) = after.SourceImageSequence
    assert source.ReferencedSOPClassUID == before.SOPClassUID
    assert source.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert after.DerivationCodeSequence[-1].CodeValue == "113040"
    assert method in after.DerivationDescription
    assert after.ImageType[0] == "DERIVED"
    colours = {"jpeg": "YBR_FULL_422", "jpeg-ls-near": "RGB", "jpeg-xl-lossy": "XYB"}
    assert after.PhotometricInterpretation == colours.get(name, "YBR_ICT")
    ((was, _),), ((now, photometric),) = stored(content), stored(whole(result))
    assert photometric == "RGB"
    error = np.abs(now.astype(int) - was)
    assert error.max() == result.report["largest_error"]
    assert error.mean() < 6


def test_a_second_loss_is_added_to_the_first() -> None:
    first = whole(made(file_bytes("CT_small.dcm"), transfer_syntax="j2k-lossy", lossy="true", quality="90"))
    second = dcmread(BytesIO(whole(made(first, transfer_syntax="htj2k-lossy", lossy="true", quality="50"))))
    assert list(second.LossyImageCompressionMethod) == ["ISO_15444_1", "ISO_15444_15"]
    assert len(second.LossyImageCompressionRatio) == 2
    assert len(second.SourceImageSequence) == len(second.DerivationCodeSequence) == 2
    plain = dcmread(BytesIO(whole(made(first, transfer_syntax="explicit"))))
    assert plain.LossyImageCompression == "01"
    assert plain.SOPInstanceUID == dcmread(BytesIO(first)).SOPInstanceUID


def test_an_enhanced_image_keeps_its_type() -> None:
    content = file_bytes("eCT_Supplemental.dcm")  # a derived image may not have its attributes of acquisition
    dataset = dcmread(BytesIO(whole(made(content, transfer_syntax="j2k-lossy", lossy="true"))))
    assert dataset.ImageType == dcmread(BytesIO(content)).ImageType
    assert dataset.LossyImageCompression == "01"


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("ratio", ["5", "12.5"])
def test_a_ratio_is_reached(name: str, ratio: str) -> None:
    result = made(file_bytes("US1_UNCR.dcm"), transfer_syntax=name, lossy="true", ratio=ratio)
    assert float(ratio) <= result.report["ratio"] < 4 * float(ratio)


def test_a_ratio_out_of_reach_is_refused() -> None:
    with pytest.raises(Invalid, match="ask for a lower ratio"):
        made(file_bytes("US1_UNCR.dcm"), transfer_syntax="jpeg-ls-near", lossy="true", ratio="900")


def test_loss_needs_leave() -> None:
    for name in LOSSY:
        with pytest.raises(Invalid, match="send lossy=true") as refused:
            made(file_bytes("US1_UNCR.dcm"), transfer_syntax=name)
        assert list(refused.value.fields) == ["transfer_syntax"]


def test_a_lossy_past_that_nothing_told_is_told() -> None:
    content = encapsulated_file(COLOUR, [bytes(imagecodecs.jpeg8_encode(COLOUR))], TARGETS["jpeg"])
    result = made(content, transfer_syntax="explicit")
    dataset = dcmread(BytesIO(whole(result)))
    assert (dataset.LossyImageCompression, dataset.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert any("compressed with loss before" in warning for warning in result.report["warnings"])


TWELVE = RNG.integers(0, 4096, (30, 50), np.uint16)
SIGNED = RNG.integers(-2048, 2048, (30, 50), np.int16)
COLOUR = RNG.integers(0, 256, (30, 50, 3), np.uint8)
OVERLAY = [
    DataElement(0x60000010, "US", 30),
    DataElement(0x60000011, "US", 50),
    DataElement(0x60000100, "US", 16),
    DataElement(0x60000102, "US", 15),
]
BITS = {"BitsStored": 12, "HighBit": 11}
VIDEO = encapsulated_file(COLOUR, [b"\0\0\1\xb3"], "1.2.840.10008.1.2.4.100")
READ_BY_PYDICOM = ["CT_small.dcm", "emri_small_jpeg_ls_lossless.dcm", "SC_rgb_rle_16bit.dcm", "jpeg_2000_signed_12.dcm"]


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("name", LOSSLESS)
def test_an_overlay_in_unused_bits_stays(name: str, signed: int) -> None:
    words = TWELVE | (RNG.integers(0, 2, (30, 50), np.uint16) << 15)
    content = picture_file(words, elements=OVERLAY, PixelRepresentation=signed, **BITS)
    there = converted(content, TARGETS[name])
    back = dcmread(BytesIO(converted(there, TARGETS["explicit"])))
    assert np.array_equal(np.frombuffer(back.PixelData, np.uint16).reshape(30, 50), words)
    assert (back.BitsStored, back.HighBit) == (12, 11)
    with pytest.raises(Invalid, match="an overlay, which loss would destroy"):
        made(content, transfer_syntax="j2k-lossy", lossy="true")


@pytest.mark.parametrize(
    ("content", "texts", "why"),
    [
        (picture_file(TWELVE.astype(np.uint32)), {"transfer_syntax": "jpeg-ls"}, "at most 16 bits"),
        (picture_file(TWELVE.astype(np.uint32)), {"transfer_syntax": "big-endian"}, "two orders"),
        (float_picture_file(TWELVE.astype(np.float32)), {"transfer_syntax": "j2k"}, "floating-point"),
        (picture_file(TWELVE, **BITS), {"transfer_syntax": "jpeg", "lossy": "true"}, "use jpeg-extended"),
        (picture_file(SIGNED, **BITS), {"transfer_syntax": "jpeg-extended", "lossy": "true"}, "below 0"),
        (picture_file(COLOUR, NumberOfFrames="3"), {"transfer_syntax": "rle"}, "frame 2 is missing"),
        (picture_file(COLOUR, PhotometricInterpretation="HSV"), {"transfer_syntax": "j2k"}, "no place for HSV"),
        (PATHS["liver_1frame.dcm"].read_bytes(), {"transfer_syntax": "rle"}, "use deflated-frames"),
        (VIDEO, {"transfer_syntax": "explicit"}, "video"),
    ],
)
def test_what_a_target_has_no_place_for_is_refused(content: bytes, texts: dict[str, str], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        made(content, **texts)


def test_lossy_jpegs_have_8_or_12_bits() -> None:
    for bits, name, expected in ((7, "jpeg", 8), (10, "jpeg-extended", 12), (12, "jpeg-extended", 12)):
        words = (TWELVE >> (12 - bits)).astype(np.uint16)
        content = picture_file(words, BitsStored=bits, HighBit=bits - 1)
        dataset = dcmread(BytesIO(converted(content, TARGETS[name])))
        assert (dataset.BitsStored, dataset.HighBit) == (expected, expected - 1)
        assert dataset.BitsAllocated == (8 if name == "jpeg" else 16)


def test_loss_does_not_change_a_sign() -> None:
    highest = np.full((16, 16), 2047, np.int16)
    highest[::2, ::3] = 0
    with pytest.raises(Invalid, match="negative"):
        made(picture_file(highest, **BITS), transfer_syntax="jpeg-extended", lossy="true", quality="5")
    result = made(picture_file(highest, **BITS), transfer_syntax="j2k-lossy", lossy="true", quality="5")
    assert result.report["largest_error"] < 2000
    low = np.where(RNG.random((40, 40)) < 0.5, 0, 30).astype(np.int16)
    assert made(picture_file(low), transfer_syntax="j2k-lossy", lossy="true", quality="1").report["largest_error"] > 0


def test_a_frame_that_cant_be_decoded_is_named() -> None:
    streams = [bytes(imagecodecs.jpegls_encode(COLOUR)), b"\xff\xd8\xff\xf7 no more"]
    content = encapsulated_file(COLOUR, streams, TARGETS["jpeg-ls"], NumberOfFrames="2")
    with pytest.raises(Invalid, match=r"Frame 2 can't be converted: its header ends early"):
        made(content, transfer_syntax="explicit")


def test_a_doubt_about_a_frame_is_a_warning() -> None:
    stream = bytes(imagecodecs.jpeg8_encode(COLOUR, level=90))
    content = encapsulated_file(COLOUR, [stream[: len(stream) * 2 // 3]], TARGETS["jpeg"])
    result = made(content, transfer_syntax="explicit")
    assert any(warning.startswith("Frame 1: its stream is cut short") for warning in result.report["warnings"])


def with_icon(stream: bytes) -> bytes:
    """A file whose icon has this stream."""
    icon = b"".join(
        [
            element(0x00280002, "US", b"\3\0"),
            element(0x00280004, "CS", b"YBR_FULL_422"),
            element(0x00280010, "US", b"\x1e\0"),
            element(0x00280011, "US", b"\x32\0"),
            element(0x00280100, "US", b"\x08\0"),
            element(0x00280101, "US", b"\x08\0"),
            element(0x7FE00010, "OB", item(b"") + item(stream + bytes(len(stream) % 2)) + SEQUENCE_END, UNDEFINED),
        ]
    )
    sequence = element(0x00880200, "SQ", item(icon, UNDEFINED) + ITEM_END + SEQUENCE_END, UNDEFINED)
    return file_of(element(0x00080018, "UI", b"1.2\0"), sequence, syntax=TARGETS["jpeg"])


def test_a_compressed_icon_is_decompressed() -> None:
    content = with_icon(bytes(imagecodecs.jpeg8_encode(COLOUR, level=90)))
    for name in ("explicit", "big-endian"):
        (icon,) = dcmread(BytesIO(converted(content, TARGETS[name])), force=True).IconImageSequence
        assert (icon.PhotometricInterpretation, icon.PlanarConfiguration) == ("RGB", 0)
        assert np.frombuffer(icon.PixelData, np.uint8).shape == (30 * 50 * 3,)
    result = made(with_icon(b"\xff\xd8\xff\xe0"), transfer_syntax="explicit")
    assert "IconImageSequence" not in dcmread(BytesIO(whole(result)), force=True)
    assert any("icon" in warning for warning in result.report["warnings"])


def test_a_file_without_pixels_is_not_compressed() -> None:
    content = file_bytes("reportsi.dcm")
    result = made(content, transfer_syntax="j2k")
    assert result.report["to"]["name"] == "explicit"
    assert any("no pixel data to compress" in warning for warning in result.report["warnings"])


def test_the_bits_of_single_bit_frames_are_joined() -> None:
    frames = RNG.integers(0, 2, (3, 5, 7), np.uint8)
    packed = np.packbits(frames.reshape(-1), bitorder="little").tobytes()
    about = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "NumberOfFrames": "3"}
    content = picture_file(frames[0], PixelData=packed + b"\0" * (len(packed) % 2), **about)
    for name in ("deflated-frames", "encapsulated", "big-endian"):
        there = converted(content, TARGETS[name])
        assert difference(content, there) == ""
        assert difference(content, converted(there, TARGETS["implicit"])) == ""


@pytest.mark.parametrize("name", [name for name, uid in TARGETS.items() if uid in NATIVE])
def test_pydicom_reads_the_same(name: str) -> None:
    for source in READ_BY_PYDICOM:
        content = PATHS[source].read_bytes()
        seen = dcmread(BytesIO(converted(content, TARGETS[name]))).pixel_array
        np.testing.assert_array_equal(np.squeeze(seen), np.squeeze([values for values, _ in stored(content)]))


def test_time_and_memory_are_bounded() -> None:
    for name, limits in (("rle", {"deadline": 0.0}), ("rle", {"bytes": 10_000}), ("explicit", {"bytes": 10_000})):
        file = open_file(file_bytes("emri_small_jpeg_2k_lossless.dcm"), keep_places=True)
        for limit, amount in limits.items():
            setattr(file.budget, limit, amount)
        with pytest.raises(TooLarge):
            convert(file, ConvertOptions(TARGETS[name]))


@given(st.binary(max_size=40), st.integers(0, 2000), st.sampled_from(list(TARGETS)))
def test_broken_files_are_converted_or_refused(noise: bytes, at: int, name: str) -> None:
    content = bytearray(PATHS["jpeg_2000_colour.dcm"].read_bytes())
    content[at : at + len(noise)] = noise
    try:
        file: DicomFile = open_file(bytes(content), keep_places=True)
        convert(file, ConvertOptions(TARGETS[name], lossy=needs_loss(TARGETS[name])))
    except Problem:
        return


@pytest.mark.parametrize("target", ["j2k-lossy", "htj2k-lossy"])
def test_loss_below_zero_is_no_other_sign_where_streams_have_signs(target: str) -> None:
    rows, columns = np.indices((64, 64)) - 32
    disc = rows**2 + columns**2 < 400
    pixels = np.where(disc, 1000 + (rows + columns) % 20, 0).astype(np.int16)
    report = convert(
        open_file(picture_file(pixels), keep_places=True), read_options({"transfer_syntax": target, "lossy": "true"})
    ).report
    assert report["lossless"] is False
