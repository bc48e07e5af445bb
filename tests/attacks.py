"""Files made to take a service down. They are small to send, but take much memory or time to read."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

from tests.dicom_bytes import EXPLICIT, IMPLICIT, ITEM_END, SEQUENCE_END, UNDEFINED, element, file_of, implicit, item

MEGABYTE = 1 << 20
SENT = MEGABYTE // 2  # enough to show a time that grows faster than the size

JPEG_BASELINE, DEFLATED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1.99"
SEQUENCE, PRIVATE = 0x00081140, 0x00091010


class Attack(NamedTuple):
    """An upload and its options."""

    name: str
    make: Callable[[], bytes]
    file_name: str = "a.dcm"
    options: dict[str, str] = {}  # noqa: RUF012


def us(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}H", *numbers)


def image(
    rows: int = 1,
    columns: int = 1,
    frames: int = 1,
    bits: int = 8,
    samples: int = 1,
    photometric: bytes = b"MONOCHROME2 ",
) -> list[bytes]:
    """The elements of group 0028 that say what pixel data is."""
    return [
        element(0x00280002, "US", us(samples)),
        element(0x00280004, "CS", photometric),
        element(0x00280006, "US", us(0)),
        element(0x00280008, "IS", str(frames).encode().ljust(len(str(frames)) + len(str(frames)) % 2)),
        element(0x00280010, "US", us(rows)),
        element(0x00280011, "US", us(columns)),
        element(0x00280100, "US", us(bits)),
        element(0x00280101, "US", us(bits)),
        element(0x00280102, "US", us(bits - 1)),
        element(0x00280103, "US", us(0)),
    ]


def pixels(content: bytes, vr: str = "OB") -> bytes:
    return element(0x7FE00010, vr, content)


def fragments(*streams: bytes, offsets: bytes = b"") -> bytes:
    """Encapsulated pixel data."""
    return element(0x7FE00010, "OB", b"".join([item(offsets), *map(item, streams), SEQUENCE_END]), UNDEFINED)


def deflated(parts: Iterable[bytes]) -> bytes:
    """A file whose data set is deflated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = b"".join(map(deflate.compress, parts)) + deflate.flush()
    return file_of(body + bytes(len(body) % 2), syntax=DEFLATED)


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def claiming(archive: bytes, size: int) -> bytes:
    """The archive with its first member as LZMA, which asks for a dictionary of this many bytes (APPNOTE 5.8.8)."""
    name, extra = struct.unpack_from("<HH", archive, 26)
    place = 30 + name + extra + 5  # after version and size of the properties, and the first of these
    return archive[:place] + struct.pack("<L", size) + archive[place + 4 :]


def mutated(archive: bytes, seed: int) -> bytes:
    """The archive with some bytes changed. Most are in its headers, which random places would seldom hit."""
    random = Random(seed)  # noqa: S311
    changed = bytearray(archive)
    headers = [place for place in range(len(archive) - 4) if archive[place : place + 2] == b"PK"]
    for _ in range(random.randint(1, 5)):
        place = random.choice(headers) + random.randint(0, 60) if random.random() < 0.8 else random.randrange(1 << 20)
        changed[place % len(changed)] = random.choice((0, 1, 0x7F, 0xFF, random.randrange(256)))
    if random.random() < 0.1:
        del changed[random.randrange(len(changed)) :]
    return bytes(changed)


def sequence_of(items: bytes) -> bytes:
    return element(SEQUENCE, "SQ", items)


FILM = {"return_format": "gif", "animation": "true"}
RATE = element(0x00082144, "IS", b"0 ")
EMPTY = element(0x00100010, "LO")


def _elements(count: int) -> bytes:
    return b"".join(
        struct.pack("<HH2sH", 0x0011 + 2 * (place // 0xEF00), 0x1000 + place % 0xEF00, b"LO", 0)
        for place in range(count)
    )


def _nested(levels: int) -> bytes:
    return (element(SEQUENCE, "SQ", length=UNDEFINED) + item(b"", UNDEFINED)) * levels


def _functional_groups(frames: int) -> bytes:
    window = element(0x00281050, "DS", b"4 ") + element(0x00281051, "DS", b"8 ")
    groups = item(element(0x00289132, "SQ", item(window))) * frames
    return file_of(*image(frames=frames), element(0x52009230, "SQ", groups), pixels(bytes(frames + frames % 2)))


def _overlays(groups: int, frames: int) -> bytes:
    planes = [
        element(0x60000010 + (group << 17), "US", us(100))
        + element(0x60000011 + (group << 17), "US", us(100))
        + element(0x60000015 + (group << 17), "IS", str(frames).encode().ljust(6))
        + element(0x60000050 + (group << 17), "SS", struct.pack("<hh", -32768, 32767))
        + element(0x60003000 + (group << 17), "OW", bytes(2))
        for group in range(groups)
    ]
    return file_of(*image(100, 100, frames), *planes, pixels(bytes(10_000 * min(frames, 100))))


def _palette(segments: bytes) -> bytes:
    tables = [element(0x00281101 + colour, "US", us(0, 0, 16)) for colour in range(3)]
    tables += [element(0x00281221 + colour, "OW", segments) for colour in range(3)]
    return file_of(*image(photometric=b"PALETTE COLOR "), *tables, pixels(b"\1\0"))


def _lut(words: int, frames: int) -> bytes:
    table = implicit(0x00283002, us(0, 0, 16)) + implicit(0x00283006, bytes(2 * words))
    return file_of(*image(frames=frames), element(0x00283010, "UN", item(table)), pixels(bytes(frames)))


def window(center: bytes, width: bytes) -> list[bytes]:
    return [element(0x00281050, "DS", center), element(0x00281051, "DS", width)]


def _with_character_set(number: int) -> bytes:
    return item(element(0x00080005, "CS", b"%06d" % number))


def _jpeg(rows: int, columns: int, scans: int) -> bytes:
    """A progressive JPEG with many empty scans (ITU-T T.81 B.2)."""
    frame = struct.pack(">HHBHHB3B", 0xFFC2, 11, 8, rows, columns, 1, 1, 0x11, 0)
    quantisation = b"\xff\xdb\0\x43\0" + bytes([1] * 64)
    huffman = b"\xff\xc4\0\x14\0\1" + bytes(15) + b"\0" + b"\xff\xc4\0\x14\x10\1" + bytes(15) + b"\xe0"
    first = b"\xff\xda\0\x08\1\1\0\0\0\0" + b"\0"
    others = b"\xff\xda\0\x08\1\1\0\1\x3f\0" + b"\0"
    return b"\xff\xd8" + quantisation + frame + huffman + first + others * scans + b"\xff\xd9"


def _archive_of_deflated() -> bytes:
    head = element(0x00080060, "CS", b"CT") + element(0x7FE00010, "OB", length=200 * MEGABYTE)
    return _members(3, deflated([head, *[bytes(MEGABYTE)] * 200]), zipfile.ZIP_STORED)


def _members(count: int, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped(((f"{number}.dcm", content) for number in range(count)), method)


def _unpacked_to(size: int) -> bytes:
    """An archive whose directory gives its member this size in bytes."""
    archive = bytearray(_members(1, SMALL))
    struct.pack_into("<L", archive, archive.index(b"PK\1\2") + 24, size)
    return bytes(archive)


def _broken(method: int) -> bytes:
    """An archive with zeros at the end of its first member's packed bytes."""
    archive = _members(2, file_of(element(PRIVATE, "OB", Random(0).randbytes(1000))), method)  # noqa: S311
    return archive[:200] + bytes(500) + archive[700:]


SMALL = file_of(element(0x00080060, "CS", b"CT"))
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "LZMA": zipfile.ZIP_LZMA,
    "bzip2": zipfile.ZIP_BZIP2,
}


def _alone(name: str, *elements: bytes, syntax: str = EXPLICIT, **options: str) -> Attack:
    return Attack(name, lambda: file_of(*elements, syntax=syntax), options=options)


def _packed(name: str, head: bytes, part: bytes, times: int) -> Attack:
    """A deflated data set that repeats a part."""
    return Attack(name, lambda: deflated([head, *[part] * times]))


def _in_fragments(name: str, frames: int, *elements: bytes) -> Attack:
    return _alone(name, *image(8, 8, frames), *elements, syntax=JPEG_BASELINE)


def _of_one_stream(name: str, side: int, stream: bytes) -> Attack:
    return _alone(name, *image(side, side), fragments(stream), syntax=JPEG_BASELINE)


def _of_text(name: str, value: bytes) -> Attack:
    return _alone(name, element(0x00080005, "CS", b"\\ISO 2022 IR 87 "), element(PRIVATE, "UT", value))


def _of_decimals(name: str, value: bytes) -> Attack:
    return _alone(name, implicit(0x00181318, value), syntax=IMPLICIT)


def _of_archive(name: str, make: Callable[[], bytes]) -> Attack:
    return Attack(name, make, "a.zip")


DATA_SETS = [
    _alone("empty items", sequence_of(item(b"") * (SENT // 8))),
    _alone("items of one element", sequence_of(item(EMPTY) * (SENT // 16))),
    _alone("items without length", sequence_of((item(b"", UNDEFINED) + ITEM_END) * (SENT // 16))),
    _alone("empty elements", _elements(SENT // 8)),
    _alone("one element again and again", element(0x00080060, "CS", b"CT") * (SENT // 10)),
    _alone("elements in reverse", *(element(0x00110000 + number, "LO") for number in range(0xFF00, 0x1000, -1))),
    _alone("nested sequences", _nested(SENT // 20)),
    _alone("nested without end", _nested(64) + EMPTY * 1000),
    _packed("a deflated data set of items", element(SEQUENCE, "SQ", length=UNDEFINED), item(b"") * 131_072, 30),
]
ARCHIVES = [
    _of_archive("members of empty items", lambda: _members(2, file_of(sequence_of(item(b"") * 300_000)))),
    _of_archive("members of deflated data sets", _archive_of_deflated),
    _of_archive("5,000 members", lambda: _members(5000, SMALL)),
    _of_archive("5,001 members", lambda: _members(5001, b"")),
    _of_archive("a directory of 40,000", lambda: _members(40_000, b"")),
    _of_archive("a member that inflates", lambda: _members(1, bytes(100 * MEGABYTE))),
    _of_archive("an archive in an archive", lambda: _members(1, _members(1, SMALL))),
    _of_archive("a member of LZMA", lambda: zipped([("a.dcm", SMALL)], zipfile.ZIP_LZMA)),
    _of_archive("a member of bzip2", lambda: zipped([("a.dcm", SMALL)], zipfile.ZIP_BZIP2)),
    _of_archive("a dictionary of 4 GB", lambda: claiming(_members(2, SMALL, zipfile.ZIP_LZMA), 0xFFFFFFFF)),
    _of_archive("a member of 4 GB", lambda: _unpacked_to(0xFFFFFFFE)),
    _of_archive("no archive", lambda: b"PK\5\6" + b"\xff" * 18),
    *(_of_archive(f"broken, {name}", lambda method=method: _broken(method)) for name, method in METHODS.items()),
    *(
        _of_archive(
            f"mutated by {seed}, {name}", lambda method=method, seed=seed: mutated(_members(2, SMALL, method), seed)
        )
        for name, method in METHODS.items()
        for seed in range(12)
    ),
]
PICTURES = [
    _in_fragments("fragments of nothing", 1000, fragments(*[b""] * (SENT // 8))),
    _in_fragments("fragments without end", 1000, element(0x7FE00010, "OB", item(b"") * (SENT // 8), UNDEFINED)),
    _in_fragments("streams of nothing", 1 << 30, fragments(b"\xff\xd9\xff\xd8\xff" * (SENT // 5))),
    _in_fragments("a stream and zeros", 1 << 30, fragments(b"\xff\xd9" + bytes(SENT))),
    _in_fragments("a table of everything", 1000, fragments(b"", b"", offsets=bytes(SENT))),
    _in_fragments("another", 1000, element(0x7FE00001, "OV", bytes(SENT)), fragments(b"", b"")),
    _alone("frames of a pixel", *image(frames=1_100_000), pixels(bytes(1_100_000))),
    _alone("frames of a bit", *image(frames=SENT * 8, bits=1), pixels(bytes(SENT)), frames=f"1-{SENT * 8}"),
    _alone("ranges", *image(frames=500), pixels(bytes(500)), frames=",".join(["1-500"] * 30_000)),
    Attack("functional groups", lambda: _functional_groups(2000)),
    _alone("a film of large pictures", *image(frames=100), pixels(bytes(100)), **FILM, viewport="8192,8192"),
    _alone("rates", *image(frames=2), element(0x00180040, "IS", b"1 "), RATE, pixels(bytes(2)), **FILM),
    _alone("spacing", *image(), element(0x00280030, "DS", b"1e300\\1e-300"), pixels(bytes(2)), viewport="9,9"),
    _alone("a window", *image(), *window(b"1e308 ", b"1e308 "), pixels(bytes(2)), window="1e308,1e308,sigmoid"),
    Attack("overlays", lambda: _overlays(16, 30_000), options={"overlays": "true", "frames": "1-50"}),
    Attack("palettes of nothing", lambda: _palette(us(0, 1, 7) + us(2, 65535, 0, 0) * (SENT // 8))),
    Attack("palettes of empty segments", lambda: _palette(us(0, 1, 7) + us(0, 0) * 90_000 + us(2, 65535, 6, 0) * 9000)),
    Attack("palettes of single steps", lambda: _palette(us(0, 1, 7) + us(1, 1, 9) * (SENT // 6))),
    Attack("a long table for each frame", lambda: _lut(1_000_000, 500)),
    _of_one_stream("scans of nothing", 8192, _jpeg(8192, 8192, 50_000)),
    _of_one_stream("fill bytes", 8, b"\xff\xd8" + b"\xff" * SENT),
    _of_one_stream("segments of nothing", 8, b"\xff\xd8" + b"\xff\xe1\0\2" * (SENT // 4)),
    _of_one_stream("boxes of nothing", 8, b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x08free" * (SENT // 8)),
]
VALUES = [
    _of_decimals("backslashes", b"\\" * SENT),
    _of_decimals("numbers", b"1\\" * (SENT // 2)),
    _packed("backslashes, deflated", element(PRIVATE, "UC", length=15 * MEGABYTE), b"\\" * MEGABYTE, 15),
    _packed("words, deflated", element(0x00189073, "SV", length=15 * MEGABYTE), bytes(MEGABYTE), 15),
    _packed("bytes, deflated", element(PRIVATE, "OB", length=300 * MEGABYTE), bytes(MEGABYTE), 300),
    _of_text("escape sequences", b"\x1b(B" * (SENT // 3)),
    _of_text("runs of a tab", b"\x1b(B" + b"\t" * SENT),
    _alone("character sets", implicit(0x00080005, b"ISO_IR 100\\" * (SENT // 12)), syntax=IMPLICIT),
    _alone("a character set an item", sequence_of(b"".join(map(_with_character_set, range(20_000))))),
]

READ = [Attack("nothing", lambda: b""), *DATA_SETS, *ARCHIVES, *PICTURES, *VALUES]
# A worker splits archives and pictures into parts. It parses data sets and writes values as a direct read does.
UPLOADED = [Attack("nothing", lambda: b""), *ARCHIVES, *PICTURES]
# The DICOM JSON Model writes values in another way, so attacks by data sets are tried in that form, too.
WRITTEN = [attack for attack in (*DATA_SETS, *VALUES) if "deflated" not in attack.name]


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG (W3C PNG 5.3)."""
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def _png(columns: int, rows: int, *chunks: bytes, data: bytes = b"", bits: int = 8, colour: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", columns, rows, bits, colour, 0, 0, 0))
    pixel_data = chunk(b"IDAT", data or zlib.compress(bytes(2)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixel_data + chunk(b"IEND", b"")


def _exif(directory: bytes) -> bytes:
    return b"II*\0\x08\0\0\0" + directory


def jpeg_of(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG of 8x8 grey pixels, with segments before its frame."""
    before = b"".join(struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in segments)
    return b"\xff\xd8" + before + _jpeg(8, 8, 0)[2:]


INFLATING = zlib.compress(bytes(100 * MEGABYTE), 9)

IMAGES: dict[str, Callable[[], bytes]] = {
    "a picture of more pixels than may be": lambda: _png(8193, 8192),
    "a picture of every pixel that there is": lambda: _png(0xFFFFFFFF, 0xFFFFFFFF),
    "as many pixels as may be": lambda: _png(8192, 8192, data=zlib.compress(bytes(8193 * 8192), 9)),
    "a row of the largest size": lambda: _png(65_535, 1024, data=zlib.compress(bytes(65_536 * 1024), 9)),
    "more data than pixels": lambda: _png(8, 8, data=INFLATING),
    "an inflating profile": lambda: _png(1, 1, chunk(b"iCCP", b"p\0\0" + INFLATING), colour=0),
    "inflating text": lambda: _png(1, 1, *[chunk(b"zTXt", b"t\0\0" + INFLATING)] * 30),
    "inflating international text": lambda: _png(1, 1, *[chunk(b"iTXt", b"t\0\1\0\0\0" + INFLATING)] * 30),
    "very many chunks": lambda: _png(1, 1, *[chunk(b"tEXt", b"t\0")] * (SENT // 14)),
    "very many data chunks": lambda: _png(1, 1, *[chunk(b"IDAT", b"")] * (SENT // 12)),
    "a palette of nothing": lambda: _png(1, 1, colour=3),
    "EXIF that leads to itself": lambda: _png(1, 1, chunk(b"eXIf", _exif(b"\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0" * 50))),
    "EXIF of very many entries": lambda: _png(
        1, 1, chunk(b"eXIf", _exif(b"\xff\xff" + b"\x12\1\3\0\1\0\0\0\1\0\0\0" * 65_535))
    ),
    "a JPEG of very many scans": lambda: _jpeg(8192, 8192, 50_000),
    "a JPEG of as many scans as may be": lambda: _jpeg(4096, 4096, 90),
    "a JPEG of comments": lambda: jpeg_of(*[(0xFE, b"")] * (SENT // 4)),
    "a JPEG of profiles": lambda: jpeg_of(*[(0xE2, b"ICC_PROFILE\0\1\xff" + bytes(1000))] * (SENT // 1018)),
    "a JPEG of EXIF": lambda: jpeg_of(*[(0xE1, b"Exif\0\0" + _exif(b"\xff\xff" + b"\x12\1\3\0" * 10_000))] * 20),
    "a JPEG without end": lambda: b"\xff\xd8" + b"\xff" * SENT,
    "a PNG without end": lambda: b"\x89PNG\r\n\x1a\n" + bytes(SENT),
    "nothing": lambda: b"",
}
# To be parsed takes most of their time, with which they are tried as files to be read.
SLOW_TO_PARSE = {
    *("members of empty items", "a deflated data set of items", "members of deflated data sets", "empty items"),
    *("items of one element", "empty elements", "elements in reverse", "bytes, deflated", "a directory of 40,000"),
}
REWRITTEN = [attack for attack in READ if attack.name not in SLOW_TO_PARSE]
