"""A frame to the requested picture."""

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
from imaging.pictures import FORMATS
from imaging.pixels.frames import Frame, Frames
from imaging.pixels.image_pixel import ImagePixel
from problems import Unusable

Rendered = NDArray[np.uint8]  # grey, (rows, columns), or RGB, (rows, columns, 3)


@dataclass(frozen=True)
class Shot:
    """Frame `index`, from 0, of a file."""

    file: DicomFile
    frames: Frames
    index: int


def picture(shot: Shot, options: PictureOptions) -> tuple[bytes, list[str]]:
    """A picture file, empty if the frame can't be shown, and warnings. Several threads may call this at a time."""
    shown, warnings = show(shot, options)
    if shown is None:
        return b"", warnings
    profile = _icc_profile(shot.file) if shown.ndim == 3 else None
    try:
        return FORMATS[options.picture_format].encode(shown, options.quality, profile), warnings
    except Unusable as reason:
        return b"", [*warnings, f"Frame {shot.index + 1} can't be shown: {reason.message}."]


def animation(file: DicomFile, shown: dict[int, Rendered], frames: int, options: PictureOptions) -> bytes:
    """An animation of the pictures, by the index of their frames, with the file's timing; empty if it can't be made."""
    animate = FORMATS[options.picture_format].animate
    if not shown or animate is None:
        return b""
    times = frame_milliseconds(file.dataset, frames)
    try:
        return animate(shown.values(), [times[index] for index in shown])
    except Unusable as reason:
        file.warnings.append(f"The animation can't be made: {reason.message}.")
        return b""


def show(shot: Shot, options: PictureOptions) -> tuple[Rendered | None, list[str]]:
    """The requested picture, None if the frame can't be shown, and warnings. Several threads may call this."""
    tally.add("Frames")
    frames, index = shot.frames, shot.index
    file = replace(shot.file, warnings=[])  # as frames are shown in any order
    try:
        frame = frames.frame(index)
        shown = render(file, frames.image, frame, index, options)
        if options.overlays:
            shown = burn_in(file, frames.image, frame, shown, index)
        if options.viewport:
            shown = fit(shown, *options.viewport, pixel_aspect(file.dataset, index))
    except Unusable as reason:
        file.warnings.append(f"Frame {index + 1} can't be shown: {reason.message}.")
    except Exception:  # a defect of ours, which must not cost the other frames; the metric shows it
        tally.add("FrameDefects")
        file.warnings.append(f"Frame {index + 1} can't be shown: it is not as any file that is known here.")
    else:
        return shown, file.warnings
    return None, file.warnings


def render(file: DicomFile, image: ImagePixel, frame: Frame, index: int, options: PictureOptions) -> Rendered:
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
