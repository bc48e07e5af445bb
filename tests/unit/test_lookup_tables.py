"""Modality, VOI and palette tables with unusual bytes, bits or segments."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from imaging.display.lookup_table import palette_table
from tests.dicom_files import picture_file
from tests.shown import shown, warnings

EVERY = np.arange(256, dtype=np.uint8).reshape(16, 16)
FALLING, STEPS = 255 - EVERY.reshape(-1), EVERY.reshape(-1) * np.uint8(7)
TABLES = (EVERY.reshape(-1), FALLING, STEPS)
COLOURS = np.stack([table[EVERY] for table in TABLES], axis=-1)


def octets_in_words(octets: NDArray[Any] | bytes, *, big: bool) -> bytes:
    """Entries packed two in a word, the first in the lower byte (PS3.5 8.1), in a data set of this byte order."""
    content = bytes(octets)
    content += b"\0" * (len(content) % 2)
    return np.frombuffer(content, "<u2").astype(">u2" if big else "<u2").tobytes()


def palette_file(data: list[Any], bits: int, *, big: bool = False, segmented: bool = False, vr: str = "OW") -> bytes:
    elements = []
    for place, content in enumerate(data):
        elements.append(DataElement(Tag(0x0028, 0x1101 + place), "US", [256, 0, bits]))
        elements.append(DataElement(Tag(0x0028, (0x1221 if segmented else 0x1201) + place), vr, content))
    syntax = ExplicitVRBigEndian if big else ExplicitVRLittleEndian
    return picture_file(EVERY, elements=elements, transfer_syntax=syntax, PhotometricInterpretation="PALETTE COLOR")


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("bits", [8, 16])  # some descriptors say this of 8-bit entries
def test_entries_of_eight_bits_in_words(big: bool, bits: int) -> None:
    data = [octets_in_words(table, big=big) for table in TABLES]
    assert shown(palette_file(data, bits, big=big)).tolist() == COLOURS.tolist()


@pytest.mark.parametrize("big", [False, True])
def test_entries_of_eight_bits_that_are_no_words(big: bool) -> None:
    assert shown(palette_file([table.tobytes() for table in TABLES], 8, big=big, vr="OB")).tolist() == COLOURS.tolist()


@pytest.mark.parametrize("big", [False, True])
def test_entries_of_eight_bits_in_words_that_are_numbers(big: bool) -> None:
    data = [np.frombuffer(table.tobytes(), "<u2").tolist() for table in TABLES]
    assert shown(palette_file(data, 8, big=big, vr="US")).tolist() == COLOURS.tolist()


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("factor", [1, 257])
@pytest.mark.parametrize("bits", [8, 16])
def test_entries_in_a_word_each(big: bool, factor: int, bits: int) -> None:
    # Entries above 255 have 16 bits, and entries up to 255 have 8, whatever the descriptor says.
    data = [(table.astype(int) * factor).astype(">u2" if big else "<u2").tobytes() for table in TABLES]
    assert shown(palette_file(data, bits, big=big)).tolist() == COLOURS.tolist()


# PS3.3 C.7.9.2, in bytes: 0 alone, 100 steps to 200, three values, the first two segments again (the
# linear one, which goes on from the last value), then the last value to the end.
SEGMENTS_OF_OCTETS = [0, 1, 0, 1, 100, 200, 0, 3, 9, 8, 7, 2, 2, 0, 0, 0, 0, 1, 51, 200]
EXPANDED = [
    0,
    *np.floor(np.arange(1, 101) * 2 + 0.5).astype(int),
    9,
    8,
    7,
    0,
    *np.floor(np.arange(1, 101) * 2 + 0.5).astype(int),
    *[200] * 51,
]


@pytest.mark.parametrize("big", [False, True])
def test_segments_of_entries_of_eight_bits(big: bool) -> None:
    assert len(EXPANDED) == 256
    data = [octets_in_words(bytes(SEGMENTS_OF_OCTETS), big=big)] * 3
    assert (
        shown(palette_file(data, 8, big=big, segmented=True))[..., 0].tolist()
        == np.reshape(EXPANDED, (16, 16)).tolist()
    )


@pytest.mark.parametrize("bits", [8, 16])
def test_segments_in_words_whatever_the_descriptor_says(bits: int) -> None:
    # The offset of an indirect segment counts bytes. It takes two words, the lower one first.
    factor = 1 if bits == 8 else 257
    words = [0, 1, 0, 1, 100, 200 * factor, 0, 3, 9 * factor, 8 * factor, 7 * factor, 2, 2, 0, 0, 1, 51, 200 * factor]
    data = [np.array(words, "<u2").tobytes()] * 3
    assert shown(palette_file(data, bits, segmented=True))[..., 0].tolist() == np.reshape(EXPANDED, (16, 16)).tolist()


def expanded(words: list[int], entries: int = 0) -> list[int] | None:
    dataset = Dataset()
    dataset.add_new(0x00281101, "US", [entries, 0, 16])
    dataset.add_new(0x00281221, "OW", np.array(words, "<u2").tobytes())
    table = palette_table(dataset, "Red", signed_input=False, little_endian=True)
    return None if table is None else table.entries.tolist()


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        ([0, 2, 5, 6, 7, 1, 1], [5, 6]),  # no such opcode
        ([1, 3, 9], None),  # linear, without a value to start from
        ([0, 1, 5, 2, 1, 8, 0, 0, 1, 7], [5]),  # indirect, to itself
        ([0, 1, 5, 2, 1, 9999, 9999, 0, 1, 7], [5]),  # indirect, to nowhere
        ([0, 1, 5, 2, 1, 0, 0, 0, 1, 7], [5, 5, 7]),
        ([0, 1, 5, 0, 2, 7, 8, 2, 1, 6, 0], [5, 7, 8, 7, 8]),  # from the sixth byte on
        ([0, 1, 5, 2, 1, 0], [5]),  # an offset that is cut short
        ([0, 0, 0, 0, 1, 7], None),  # an empty segment
        ([0, 1, 5, 1, 0, 9, 0, 1, 7], [5]),
        ([0, 9, 5, 6], [5, 6]),
        ([0, 1], None),
    ],
)
def test_broken_segments_end_the_table(words: list[int], entries: list[int] | None) -> None:
    assert expanded(words) == entries


def test_segments_within_segments_within_segments_are_not_followed() -> None:
    assert expanded([0, 1, 5, 2, 1, 0, 0, 2, 2, 0, 0, 0, 1, 7]) == [5, 5, 5, 7]


def test_a_table_has_no_more_entries_than_there_are_inputs() -> None:
    tracemalloc.start()
    assert expanded([0, 1, 5, *[1, 60000, 9] * 400], 1000) == [*np.floor(np.linspace(5, 9, 60001) + 0.5)[:1000]]
    assert len(expanded([0, 1, 5, *[1, 60000, 9] * 400]) or []) == 65536
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 32 << 20  # all segments together would have six times as many entries
    # Many segments that each repeat many empty ones: expansion still ends.
    assert expanded([*[0, 1, 5], *[1, 0, 5] * 20000, *[2, 65535, 6, 0] * 20000]) == [5]


def voi_file(
    pixels: NDArray[Any], bits: int, entries: NDArray[Any], first: int = 0, vr: str = "US", **attributes: Any
) -> bytes:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(entries), first, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return picture_file(pixels, VOILUTSequence=[item], **attributes)


@pytest.mark.parametrize(
    ("bits", "highest", "white"),
    [
        (16, 65535, 65535),
        (16, 32768, 65535),
        (16, 32767, 32767),  # the descriptor gives the word's 16 bits, but the entries have fewer
        (16, 4095, 4095),
        (16, 255, 255),
        (12, 4095, 4095),
        (12, 1000, 4095),  # a table that means to end at a dark grey
        (8, 255, 255),
        (8, 4095, 4095),  # more than its bits can hold
        (10, 65535, 65535),
        (16, 0, 65535),
    ],
)
def test_the_entry_of_a_voi_lut_that_is_white(bits: int, highest: int, white: int) -> None:
    content = voi_file(EVERY, bits, np.linspace(0, highest, 256).round())
    entries = np.linspace(0, highest, 256).round()[EVERY]
    assert shown(content).tolist() == np.floor(entries / white * 255 + 0.5).tolist()
    told = [f"The VOI LUT says that its entries have {bits} bits, which they have not; {highest} is shown as white."]
    assert warnings(content) == (told if white != (1 << bits) - 1 else [])


def test_more_bits_than_a_word_has() -> None:
    entries = np.arange(256) * 257
    assert shown(voi_file(EVERY, 32, entries)).tolist() == EVERY.tolist()
    assert warnings(voi_file(EVERY, 32, entries)) == []


@pytest.mark.parametrize("descriptor", [[256, 0], [256, 0, 8, 8]])
def test_a_descriptor_that_is_none(descriptor: list[int]) -> None:
    tables: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = descriptor
        tables[f"{colour}PaletteColorLookupTableData"] = bytes(256)
    content = picture_file(EVERY, PhotometricInterpretation="PALETTE COLOR", **tables)
    assert warnings(content) == ["Frame 1 can't be shown: its palette is missing or broken."]


def test_a_table_that_is_shorter_than_its_descriptor_says() -> None:
    # Values beyond the table get its last entry.
    data = [bytes(range(100, 200))] * 3
    expected = np.minimum(EVERY.astype(int) + 100, 199)
    assert shown(palette_file(data, 8))[..., 0].tolist() == expected.tolist()


@pytest.mark.parametrize("big", [False, True])
def test_a_voi_lut_of_eight_bits_in_words(big: bool) -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [256, 0, 8])
    item.add_new("LUTData", "OW", octets_in_words(FALLING, big=big))
    syntax = ExplicitVRBigEndian if big else ExplicitVRLittleEndian
    assert shown(picture_file(EVERY, transfer_syntax=syntax, VOILUTSequence=[item])).tolist() == (255 - EVERY).tolist()


SIGNED = (EVERY.astype(np.int32) * 257 - 32768).astype(np.int16)


@pytest.mark.parametrize(
    ("pixels", "attributes", "first", "lowest"),
    [
        # The lowest and highest possible values, by bits, sign, slope and intercept (PS3.3 C.11.2.1.1).
        (SIGNED, {"RescaleIntercept": 32768, "RescaleSlope": 1}, 40000, 40000),  # 0 to 65535
        (SIGNED, {"RescaleIntercept": 32767, "RescaleSlope": 1}, 40000, 40000 - 65536),  # -1 to 65534
        (SIGNED, {"RescaleIntercept": 32767, "RescaleSlope": -1}, 40000, 40000),  # 0 to 65535
        (SIGNED, {}, 40000, 40000 - 65536),
        (SIGNED.view(np.uint16), {}, 40000, 40000),
        (SIGNED.view(np.uint16), {"RescaleIntercept": -1, "RescaleSlope": 1}, 40000, 40000 - 65536),
        (SIGNED.view(np.uint16), {"RescaleIntercept": 65535, "RescaleSlope": -1}, 40000, 40000),
        (SIGNED.view(np.uint16), {"RescaleIntercept": 65534, "RescaleSlope": -1}, 40000, 40000 - 65536),
        ((SIGNED >> 4), {"BitsStored": 12, "HighBit": 11, "RescaleIntercept": 2048}, 40000, 40000),  # 0 to 4095
        ((SIGNED >> 4), {"BitsStored": 12, "HighBit": 11, "RescaleIntercept": 2047}, 40000, 40000 - 65536),
    ],
)
def test_the_sign_of_a_voi_luts_first_input(
    pixels: NDArray[Any], attributes: dict[str, Any], first: int, lowest: int
) -> None:
    # Black up to the first input, then one grey per step. The last is white, also for all values beyond.
    content = voi_file(pixels, 8, np.arange(256), first, **attributes)
    values = pixels.astype(float) * attributes.get("RescaleSlope", 1) + attributes.get("RescaleIntercept", 0)
    assert shown(content).tolist() == np.clip(values - lowest, 0, 255).tolist()


def test_a_modality_lut_makes_values_unsigned() -> None:
    modality = Dataset()
    modality.add_new("LUTDescriptor", "SS", [256, -128, 16])
    modality.add_new("LUTData", "OW", (np.arange(256) + 39900).astype("<u2").tobytes())
    modality.ModalityLUTType = "US"
    pixels = EVERY.view(np.int8)
    content = voi_file(pixels, 8, np.arange(256), 40000, ModalityLUTSequence=[modality])
    assert shown(content).tolist() == np.clip(pixels.astype(int) + 128 - 100, 0, 255).tolist()


def test_the_range_of_a_modality_lut_that_rises_and_falls() -> None:
    # The table covers only a part of the stored values.
    modality = Dataset()
    modality.add_new("LUTDescriptor", "US", [256, 0, 16])
    entries = np.concatenate([np.arange(128) * 2, np.arange(128)[::-1]])
    modality.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    modality.ModalityLUTType = "US"
    content = picture_file(EVERY, ModalityLUTSequence=[modality])
    assert shown(content).tolist() == np.floor(entries[EVERY] / 254 * 255 + 0.5).tolist()
