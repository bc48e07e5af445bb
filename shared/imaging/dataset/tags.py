"""What elements are called, by their tags."""

from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag


def name(tag: BaseTag) -> str:
    """What warnings call an element."""
    return keyword_for_tag(tag) or tag_text(tag)


def tag_text(tag: int) -> str:
    """As "(gggg,eeee)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def keyed(tags: list[BaseTag]) -> Iterator[tuple[BaseTag, str]]:
    """Each with its keyword; with itself if it is private or unknown, or a repeating group (60xx) had that."""
    seen = set()
    for tag in tags:
        keyword = "" if tag.is_private else keyword_for_tag(tag)
        yield tag, tag_text(tag) if not keyword or keyword in seen else keyword
        seen.add(keyword)
