"""Size and speed of every target of conversion, there and back, on uncompressed files of the four shapes.

    python -m bench.each_target [ROUNDS]

It writes the table of docs/conversion.md. `make bench` compares the usual targets with other programs.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from bench.inputs import FILMS, Input, inputs
from bench.load import BUSY, load
from bench.processes import ROOT, NotMeasured
from bench.rounds import Times, measure

sys.path.insert(0, str(ROOT / "shared"))

from imaging.conversion import ConvertOptions, convert
from imaging.conversion.targets import JPEG_XL_OF_JPEG, NATIVE, TARGETS
from imaging.pixels import codecs
from imaging.pixels.codecs import codec_of
from imaging.pixels.codecs.coding import Coding
from imaging.pixels.encapsulation import open_file
from imaging.pixels.frames import decoded_frame, open_frames
from problems import Invalid

PAGE = ROOT / "docs/conversion.md"
START, END = "<!-- bench.each_target writes this table -->\n", "<!-- end of the table -->\n"
QUALITY = 90
WORTH_A_LINE = [name for name, uid in TARGETS.items() if uid not in (*NATIVE, JPEG_XL_OF_JPEG) or name == "deflated"]
HEADINGS = "\n| File | Target | Times smaller | ms | the codec | back, ms |\n|---|---|---|---|---|---|\n"


def rows(rounds: int) -> Iterator[str]:
    """Lines of the table."""
    names = {f"{film.name}, raw" for film in FILMS}
    for file in (file for file in inputs() if file.name in names):
        for name in WORTH_A_LINE:
            try:
                yield row(file, name, rounds)
            except Invalid as reason:  # such as 12 bits as baseline JPEG
                print(f"{file.name} to {name}: {reason.message}", flush=True)


def row(file: Input, name: str, rounds: int) -> str:
    """One file and one target."""
    content = file.path.read_bytes()
    codec = codec_of(TARGETS[name])
    lossy = codec is not None and TARGETS[name] in codec.lossy
    options = ConvertOptions(TARGETS[name], lossy=lossy, quality=QUALITY if lossy else None)
    there = converted(content, options)
    runs: dict[str, Callable[[], float]] = {
        "ours": partial(timed, partial(converted, content, options)),
        "codec": partial(codec_alone, content, name, options.quality),
        "back": partial(timed, partial(converted, there, ConvertOptions(TARGETS["explicit"]))),
    }
    times = measure(runs, rounds)
    shown = " | ".join(milliseconds(times[what]) for what in runs)
    line = f"| {file.name.removesuffix(', raw')} | {name} | {len(content) / len(there):.2f} | {shown} |\n"
    print(line, end="", flush=True)
    return line


def milliseconds(times: Times) -> str:
    return (
        f"{times.median:.0f}" if times.rounds and times.median > 10 else f"{times.median:.1f}" if times.rounds else ""
    )


def converted(content: bytes, options: ConvertOptions) -> bytes:
    return b"".join(convert(open_file(content, keep_places=True), options).parts)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def codec_alone(content: bytes, name: str, quality: int | None) -> float:
    """Encoding every frame and decoding it again, which is the check, on one core. Raises NotMeasured."""
    frames = open_frames(open_file(content))
    codec = codec_of(TARGETS[name])
    if frames is None or codec is None or codec.encode is None:
        raise NotMeasured("no codec")
    image = frames.image
    coding = Coding(TARGETS[name], image.bits_stored, image.photometric, quality)
    samples = [frames.frame(index).samples for index in range(frames.count)]
    return timed(lambda: [decoded_frame(codecs.encode(frame, coding), image) for frame in samples])


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    before = load()
    table = HEADINGS + "".join(rows(rounds))
    if max(before, load()) > BUSY:
        print("bench: the machine was busy, so the times are too high")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(f"{page.partition(START)[0]}{START}{table}\n{END}{page.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
