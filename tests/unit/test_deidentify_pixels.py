"""Pixels that are blanked, and text that is taken out of compressed frames."""

import io
import struct

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from imaging.dataset.dicom_file import DicomFile, parse
from imaging.deidentification import deidentify, read_options
from imaging.deidentification.blanking import blank, blank_native
from imaging.deidentification.pixel_data import AGAIN, HIDDEN, LONGER, QUALITY
from imaging.deidentification.regions import Region, blanked, parse_regions
from imaging.deidentification.segments import without_text
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import open_frames
from imaging.pixels.image_pixel import image_pixel
from problems import Invalid, Unusable
from tests.dicom_bytes import EXPLICIT
from tests.dicom_files import file_bytes, picture_file

TEXT = b"Doe^Jane 1970"


def image_of(rows: int = 4, columns: int = 6, **attributes: object) -> Dataset:
    dataset = Dataset()
    dataset.Rows, dataset.Columns = rows, columns
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def mask_of(rows: int, columns: int, *regions: Region) -> NDArray[np.bool_]:
    dataset = image_of(rows, columns)
    return blanked(dataset, image_pixel(dataset), regions, ultrasound=False)


@pytest.mark.parametrize("text", ["1,2,3,4", " 1 , 2,3,4 ;", "1,2,3,4;"])
def test_a_region_is_x_y_width_height(text: str) -> None:
    assert parse_regions(text) == ((1, 2, 3, 4),)
    assert mask_of(10, 9, *parse_regions(text))[2:6, 1:4].all()
    assert mask_of(10, 9, *parse_regions(text)).sum() == 12


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "a,b,c,d", "1,2,3,4;;5", "1,1,1,1;" * 1001]
)
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        parse_regions(text)


def test_a_region_beyond_the_picture_is_refused() -> None:
    mask_of(4, 6, Region(5, 3, 1, 1))
    for region in (Region(5, 3, 2, 1), Region(0, 0, 6, 5), Region(6, 0, 1, 1)):
        with pytest.raises(Invalid, match="6 columns and 4 rows"):
            mask_of(4, 6, region)


def ultrasound(*corners: tuple[int, int, int, int]) -> Dataset:
    dataset = image_of(8, 8, SequenceOfUltrasoundRegions=[])
    for x0, y0, x1, y1 in corners:
        item = Dataset()
        item.RegionLocationMinX0, item.RegionLocationMinY0 = x0, y0
        item.RegionLocationMaxX1, item.RegionLocationMaxY1 = x1, y1
        dataset.SequenceOfUltrasoundRegions.append(item)
    return dataset


def test_what_is_no_ultrasound_is_blanked() -> None:
    dataset = ultrasound((2, 1, 4, 3), (6, 6, 9, 9))
    mask = blanked(dataset, image_pixel(dataset), (Region(2, 1, 1, 1),), ultrasound=True)
    kept = {(int(y), int(x)) for y, x in np.argwhere(~mask)}
    assert kept == {(y, x) for y in (1, 2, 3) for x in (2, 3, 4)} - {(1, 2)} | {(6, 6), (6, 7), (7, 6), (7, 7)}


@pytest.mark.parametrize("dataset", [image_of(), ultrasound(), ultrasound((9, 9, 10, 10)), ultrasound((4, 1, 2, 3))])
def test_without_a_usable_ultrasound_region_the_file_is_refused(dataset: Dataset) -> None:
    with pytest.raises(Invalid, match="send regions"):
        blanked(dataset, image_pixel(dataset), (), ultrasound=True)


def native(content: bytes, mask: NDArray[np.bool_], *, clears_unused: bool = False) -> NDArray[np.generic]:
    """The pixels of an uncompressed file, blanked, in the order of the file."""
    file = parse(content)
    assert file.pixels is not None
    image = image_pixel(file.dataset)
    value = blank_native(file.pixels, image, mask, clears_unused=clears_unused)
    assert len(value) == len(file.pixels.value)
    return np.frombuffer(value, f"<u{image.bits_allocated // 8}")


CORNER = mask_of(4, 6, Region(4, 2, 2, 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.uint32])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_gray_is_blanked_in_every_frame(dtype: type, photometric: str) -> None:
    pixels = np.arange(2 * 24, dtype=dtype).reshape(2, 4, 6) + 5
    content = picture_file(pixels.reshape(8, 6), PhotometricInterpretation=photometric, Rows=4, NumberOfFrames=2)
    made = native(content, CORNER).view(dtype).reshape(2, 4, 6)
    for before, after in zip(pixels, made, strict=True):
        assert (after[~CORNER] == before[~CORNER]).all()
        assert (after[CORNER] == (before.max() if photometric == "MONOCHROME1" else before.min())).all()


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(("photometric", "black"), [("RGB", (0, 0, 0)), ("YBR_FULL", (0, 128, 128))])
def test_colours_become_black(planar: int, photometric: str, black: tuple[int, int, int]) -> None:
    pixels = np.arange(72, dtype=np.uint8).reshape(4, 6, 3) + 1
    stored = np.moveaxis(pixels, -1, 0) if planar else pixels
    content = picture_file(
        pixels, PixelData=stored.tobytes(), PlanarConfiguration=planar, PhotometricInterpretation=photometric
    )
    made = native(content, CORNER).reshape(stored.shape)
    shown = np.moveaxis(made, 0, -1) if planar else made
    assert (shown[CORNER] == black).all()
    assert (shown[~CORNER] == pixels[~CORNER]).all()


def test_a_pair_with_shared_chroma_is_blanked_as_a_whole() -> None:
    quads = np.arange(48, dtype=np.uint8).reshape(4, 3, 4) + 1
    content = picture_file(
        np.zeros((4, 6, 3), np.uint8), PixelData=quads.tobytes(), PhotometricInterpretation="YBR_FULL_422"
    )
    made = native(content, mask_of(4, 6, Region(3, 0, 1, 1))).reshape(4, 3, 4)
    assert (made[0, 1] == (0, 0, 128, 128)).all()
    assert (made != quads).sum() == 4


def test_single_bits_are_blanked_across_frames() -> None:
    pixels = np.ones((3, 3, 5), np.uint8)
    packed = np.packbits(pixels.reshape(-1), bitorder="little").tobytes()
    content = picture_file(
        pixels[0],
        PixelData=packed,
        NumberOfFrames=3,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
    )
    file = parse(content)
    assert file.pixels is not None
    mask = mask_of(3, 5, Region(1, 1, 3, 1))
    value = blank_native(file.pixels, image_pixel(file.dataset), mask)
    made = np.unpackbits(np.frombuffer(value, np.uint8), bitorder="little")[:45].reshape(3, 3, 5)
    assert not made[:, mask].any()
    assert made[:, ~mask].all()


def test_bits_that_are_no_part_of_values_can_be_cleared() -> None:
    pixels = np.array([[0x1FFF, 0x0FFF], [0x8001, 0x0002]], np.uint16)
    content = picture_file(pixels, BitsStored=12, HighBit=11)
    made = native(content, np.zeros((2, 2), bool), clears_unused=True)
    assert made.tolist() == [0x0FFF, 0x0FFF, 0x0001, 0x0002]


def test_decoded_samples_are_blanked_in_a_copy() -> None:
    samples = np.arange(-12, 12, dtype=np.int16).reshape(4, 6)
    made = blank(samples, CORNER, "MONOCHROME2", 16)
    assert (made[CORNER] == -12).all()
    assert samples[3, 5] == 11


# Whole files

BOX = "3,2,20,10"  # x, y, width, height
LOSSLESS = {
    "MR_small.dcm": EXPLICIT,
    "MR_small_bigendian.dcm": "1.2.840.10008.1.2.2",
    "MR_small_RLE.dcm": "1.2.840.10008.1.2.5",
    "MR_small_jpeg_ls_lossless.dcm": "1.2.840.10008.1.2.4.80",
    "MR_small_jp2klossless.dcm": "1.2.840.10008.1.2.4.90",
    "JPGLosslessP14SV1_1s_1f_8b.dcm": "1.2.840.10008.1.2.4.70",
    "SC_rgb_rle_2frame.dcm": "1.2.840.10008.1.2.5",
    "SC_rgb_small_odd.dcm": EXPLICIT,
    "emri_small_jpeg_2k_lossless.dcm": "1.2.840.10008.1.2.4.90",
    "examples_palette.dcm": EXPLICIT,
    "liver_1frame.dcm": EXPLICIT,
}
LOSSY = {
    "SC_rgb_dcmtk_+eb+cr.dcm": "1.2.840.10008.1.2.4.50",
    "JPEG-lossy.dcm": "1.2.840.10008.1.2.4.51",
    "JPEG2000.dcm": "1.2.840.10008.1.2.4.91",
    "SC_rgb_jls_lossy_line.dcm": "1.2.840.10008.1.2.4.81",
}


def values(file: DicomFile) -> list[NDArray[np.generic]]:
    frames = open_frames(file)
    assert frames is not None
    return [frames.frame(index).samples for index in range(frames.count)]


def deidentified(content: bytes, **options: str) -> tuple[DicomFile, list[str]]:
    """The new file, and its findings about pixel data."""
    made = deidentify(open_file(content, keep_places=True), read_options(options))
    findings = [finding["message"] for finding in made.report["findings"] if finding["kind"] == "pixel_data"]
    return open_file(b"".join(made.parts)), findings


def inside(samples: NDArray[np.generic]) -> NDArray[np.bool_]:
    return mask_of(*samples.shape[:2], Region(3, 2, 20, 10))


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_file_keeps_its_transfer_syntax_and_all_other_pixels(name: str) -> None:
    content = file_bytes(name)
    box = BOX if name != "SC_rgb_small_odd.dcm" else "1,1,2,2"
    made, findings = deidentified(content, regions=box)
    assert (made.transfer_syntax, findings) == (LOSSLESS[name], [])
    for before, after in zip(values(parse(content)), values(made), strict=True):
        mask = mask_of(*before.shape[:2], *parse_regions(box))
        assert (after[~mask] == before[~mask]).all()
        assert len(np.unique(after[mask].reshape(-1, *after.shape[2:]), axis=0)) == 1
    assert not made.warnings


@pytest.mark.parametrize("name", LOSSY)
def test_a_file_with_loss_is_encoded_with_little_more(name: str) -> None:
    content = file_bytes(name)
    made, findings = deidentified(content, regions=BOX)
    assert made.transfer_syntax == LOSSY[name]
    assert findings == [AGAIN.format(QUALITY)]
    for before, after in zip(values(parse(content)), values(made), strict=True):
        far = ~mask_of(*before.shape[:2], Region(0, 0, 32, 24))  # blocks are compressed as a whole
        spread = float(before.max()) - float(before.min())
        error = np.abs(after.astype(float) - before)[far]
        assert error.mean() < 0.01 * spread
        black = after[inside(after)].astype(float)
        assert np.abs(black - before.min()).mean() < 0.05 * spread


def test_what_cant_be_encoded_again_is_refused() -> None:
    for name, field in (("JPEG2000-embedded-sequence-delimiter.dcm", "regions"), ("rtplan.dcm", "regions")):
        with pytest.raises(Invalid) as refused:
            deidentified(file_bytes(name), regions="0,0,4,4")
        assert field in refused.value.fields


def test_pictures_beside_which_no_region_is_named_stay_to_the_byte() -> None:
    content = file_bytes("JPEG2000_UNC.dcm")
    made, _ = deidentified(content)
    before = parse(content)
    assert before.pixels
    assert made.pixels
    assert bytes(made.pixels.value) == bytes(before.pixels.value)


def test_bytes_beyond_the_frames_are_removed() -> None:
    content = picture_file(np.zeros((4, 6), np.uint8), PixelData=bytes(24) + TEXT)
    made, findings = deidentified(content)
    assert made.pixels
    assert len(made.pixels.value) == 24
    assert findings == [LONGER]


def test_an_overlay_in_the_pixels_is_removed() -> None:
    pixels = np.full((4, 6), 7, np.uint16)
    pixels[1, 2] |= 0x8000
    content = picture_file(pixels, BitsStored=12, HighBit=11)
    made, findings = deidentified(content)
    assert made.pixels
    assert (np.frombuffer(made.pixels.value, np.uint16) == 7).all()
    assert findings == [HIDDEN]


def test_the_sign_may_be_repeated_in_unused_bits() -> None:
    pixels = np.array([[-3, 5], [-2048, 2047]], np.int16)
    made, findings = deidentified(picture_file(pixels, BitsStored=12, HighBit=11))
    assert findings == []
    assert (values(made)[0] == pixels).all()


# Text in streams


def jpeg(**options: object) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3))
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def decoded(stream: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(stream)))


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">HH", marker, len(content) + 2) + content


@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_lose_comments_exif_thumbnails_and_what_follows_them(progressive: bool) -> None:
    clean = jpeg(progressive=progressive)
    thumbnail = b"JFIF\0\1\2\0\0\1\0\1\2\2" + (TEXT * 2)[:12]
    dirty = b"".join(
        [
            clean[:2],
            segment(0xFFE0, thumbnail),
            segment(0xFFE1, b"Exif\0\0" + TEXT),
            segment(0xFFED, TEXT),
            b"\xff\xff" + segment(0xFFFE, TEXT + b"\xff\xd9")[1:],
            clean[20:-2],
            segment(0xFFFE, TEXT),
            b"\xff\xd9" + TEXT + b"\xff\xd9",
        ]
    )
    assert (decoded(dirty) == decoded(clean)).all()
    made = without_text(dirty)
    assert TEXT not in made
    assert made.endswith(b"\xff\xd9")
    assert (decoded(made) == decoded(clean)).all()
    assert without_text(made) == made


def test_a_jpeg_keeps_what_says_its_colours() -> None:
    rgb = jpeg(keep_rgb=True)
    adobe = segment(0xFFEE, b"Adobe\0\x64\0\0\0\0\0" + TEXT)
    made = without_text(rgb[:2] + adobe + rgb[2:])
    assert b"Adobe" in made
    assert TEXT not in made
    assert (decoded(made) == decoded(rgb)).all()


def test_jpeg_ls_loses_text() -> None:
    from imagecodecs import jpegls_decode, jpegls_encode

    samples = np.random.default_rng(1).integers(0, 4096, (40, 50)).astype(np.uint16)
    clean = bytes(jpegls_encode(samples))
    made = without_text(clean[:2] + segment(0xFFE8, b"SPIFF\0" + TEXT) + clean[2:] + TEXT)
    assert TEXT not in made
    assert (jpegls_decode(made) == samples).all()


def test_jpeg_2000_loses_text_in_comments_and_boxes() -> None:
    from imagecodecs import jpeg2k_decode, jpeg2k_encode

    samples = np.random.default_rng(1).integers(0, 255, (40, 50)).astype(np.uint8)
    stream = bytes(jpeg2k_encode(samples, codecformat="J2K"))
    tile = stream.index(b"\xff\x90\x00\x0a")
    dirty = stream[:tile] + segment(0xFF64, b"\0\1" + TEXT) + stream[tile:] + TEXT
    made = without_text(dirty)
    assert TEXT not in made
    assert (jpeg2k_decode(made) == samples).all()
    boxed = bytes(jpeg2k_encode(samples, codecformat="JP2"))
    dirty = boxed[:12] + boxed[12:] + struct.pack(">L4s", len(TEXT) + 8, b"xml ") + TEXT
    assert TEXT not in without_text(dirty)
    assert (jpeg2k_decode(without_text(dirty)) == samples).all()


def test_jpeg_xl_loses_text_in_boxes() -> None:
    from imagecodecs import jpegxl_decode, jpegxl_encode

    samples = np.random.default_rng(1).integers(0, 255, (40, 50)).astype(np.uint8)
    boxed = bytes(jpegxl_encode(samples, lossless=True, usecontainer=True))
    dirty = boxed + struct.pack(">L4s", len(TEXT) + 12, b"Exif") + bytes(4) + TEXT
    assert TEXT not in without_text(dirty)
    assert (jpegxl_decode(without_text(dirty)) == samples).all()


def reserved(stream: bytes, marker: int) -> bytes:
    return stream[:2] + segment(marker, TEXT) + stream[2:]


@pytest.mark.parametrize("marker", [0xFF02, 0xFFBF, 0xFFF0, 0xFFF8, 0xFFFD])
def test_segments_that_no_decoder_needs_go(marker: int) -> None:
    from imagecodecs import jpegls_decode, jpegls_encode

    assert without_text(reserved(jpeg(), marker)) == without_text(jpeg())
    samples = np.arange(400, dtype=np.uint8).reshape(20, 20)
    made = without_text(reserved(bytes(jpegls_encode(samples)), marker))
    assert TEXT not in made
    assert (jpegls_decode(made) == samples).all()


@pytest.mark.parametrize("length", [0, 10**7])
def test_what_follows_a_codestream_of_unknown_length_goes(length: int) -> None:
    from imagecodecs import jpeg2k_decode, jpeg2k_encode

    samples = np.random.default_rng(1).integers(0, 255, (40, 50)).astype(np.uint8)
    stream = bytes(jpeg2k_encode(samples, codecformat="J2K"))
    tile = stream.index(b"\xff\x90\x00\x0a")
    unknown = stream[: tile + 6] + struct.pack(">L", length) + stream[tile + 10 :]
    made = without_text(unknown + TEXT)
    assert made == without_text(unknown)
    assert TEXT not in made
    header = made.index(b"\xff\x52")
    made = without_text(made[:header] + segment(0xFF6F, TEXT) + made[header:])
    assert TEXT not in made
    if length == 0:
        assert (jpeg2k_decode(made) == samples).all()


def test_bytes_between_and_after_run_lengths_go() -> None:
    file = parse(file_bytes("MR_small_RLE.dcm"))
    frames = open_frames(file)
    assert frames is not None
    assert file.pixels is not None
    (stream,) = (bytes(file.pixels.value[place]) for place in frames.places(0))
    for dirty in (stream + TEXT, stream[:46] + TEXT.ljust(18, b"\0") + stream[64:]):
        dataset = pydicom.dcmread(io.BytesIO(file_bytes("MR_small_RLE.dcm")))
        dataset.PixelData = encapsulate([dirty])
        buffer = io.BytesIO()
        dataset.save_as(buffer)
        made, findings = deidentified(buffer.getvalue())
        assert made.pixels is not None
        assert TEXT not in bytes(made.pixels.value)
        assert findings == []
        assert (values(made)[0] == values(file)[0]).all()


def test_a_file_without_a_frame_has_nothing_to_blank() -> None:
    dataset = pydicom.dcmread(io.BytesIO(file_bytes("MR_small_RLE.dcm")))
    dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    with pytest.raises(Invalid, match="no frames"):
        deidentified(buffer.getvalue(), regions="0,0,3,3")


def test_broken_streams_are_refused_and_others_pass() -> None:
    clean = jpeg()
    for length in (3, 10, 30, 300):
        with pytest.raises(Unusable):
            without_text(clean[:length] if length < 300 else clean[:25] + b"\0" + clean[25:])
    assert without_text(b"\1\0\0\0anything") == b"\1\0\0\0anything"
