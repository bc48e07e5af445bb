"""Options of a picture."""

from dataclasses import dataclass

from imaging.display.voi import Window

DEFAULT_QUALITY = 90


@dataclass(frozen=True)
class PictureOptions:
    """`window`: in place of the file's own. `viewport`: columns and rows to fit into. `quality`: of JPEG, 1 to 100."""

    picture_format: str = "png"
    window: Window | None = None
    viewport: tuple[int, int] | None = None
    quality: int = DEFAULT_QUALITY
    overlays: bool = False  # burn the overlays into the pictures
