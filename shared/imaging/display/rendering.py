"""A frame to the picture that is asked for."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import tally
from imaging.dataset.attributes import items, value
from imaging.dataset.dicom_file import DicomFile
from imaging.display import colour, grayscale
from imaging.display.geometry import fit, pixel_aspect
from imaging.display.overlays import burn_in
from imaging.display.picture_options import PictureOptions
from imaging.display.timing import frame_milliseconds
from imaging.pictures import animate, encode
from imaging.pixels.frames import Frame, Frames
from imaging.pixels.image_pixel import ImagePixel
from problems import Unusable

Pixels = NDArray[np.uint8]  # grey, (rows, columns), or RGB, (rows, columns, 3)


@dataclass(frozen=True)
class Shot:
    """Frame `index`, from 0, of a file."""

    file: DicomFile
    frames: Frames
    index: int


def picture(shot: Shot, options: PictureOptions) -> tuple[bytes, list[str]]:
    """A picture file, empty if the frame can't be shown, and warnings. For several threads at a time."""
    shown, warnings = show(shot, options)
    if shown is None:
        return b"", warnings
    profile = _icc_profile(shot.file) if shown.ndim == 3 else None
    try:
        return encode(shown, options.picture_format, options.quality, profile), warnings
    except Unusable as reason:
        return b"", [*warnings, f"Frame {shot.index + 1} can't be shown: {reason.message}."]


def animation(file: DicomFile, shown: dict[int, Pixels], frames: int, options: PictureOptions) -> bytes:
    """One file of the pictures, by the index of the frame, each for its time; empty of none, or if it can't be made."""
    if not shown:
        return b""
    times = frame_milliseconds(file.dataset, frames)
    try:
        return animate(shown.values(), options.picture_format, [times[index] for index in shown])
    except Unusable as reason:
        file.warnings.append(f"The animation can't be made: {reason.message}.")
        return b""


def show(shot: Shot, options: PictureOptions) -> tuple[Pixels | None, list[str]]:
    """The frame as asked for, None if it can't be shown, and warnings. For several threads at a time."""
    tally.add("Frames")
    frames, index = shot.frames, shot.index
    file = replace(shot.file, warnings=[])  # as frames are shown in no certain order
    try:
        frame = frames.frame(index)
        shown = render(file, frames.image, frame, index, options)
        if options.overlays:
            shown = burn_in(file, frames.image, frame, shown, index)
        if options.viewport:
            shown = fit(shown, *options.viewport, pixel_aspect(file.dataset, index))
    except Unusable as reason:
        file.warnings.append(f"Frame {index + 1} can't be shown: {reason.message}.")
    except Exception:  # a defect of ours, which must cost this frame alone; an operator sees the number
        tally.add("FrameDefects")
        file.warnings.append(f"Frame {index + 1} can't be shown: it is not as any file that is known here.")
    else:
        return shown, file.warnings
    return None, file.warnings


def render(file: DicomFile, image: ImagePixel, frame: Frame, index: int, options: PictureOptions) -> Pixels:
    """Frame `index` (from 0) as 8-bit grey, (rows, columns), or RGB, (rows, columns, 3); Unusable if it can't be."""
    if frame.warning:
        file.warnings.append(f"Frame {index + 1}: {frame.warning}.")
    if frame.samples.ndim == 3:
        return colour.render(image, frame)
    if frame.photometric == "PALETTE COLOR":
        return colour.render_palette(file, image, frame)
    return grayscale.render(file, image, frame, index, options.window)


def _icc_profile(file: DicomFile) -> bytes | None:
    """What the colours of the file's pictures are (PS3.3 C.11.15; C.8.12.5 for slides)."""
    for dataset in (file.dataset, *items(file.dataset, "OpticalPathSequence")[:1]):
        profile = value(dataset, "ICCProfile")
        if isinstance(profile, bytes):
            return profile
    return None
