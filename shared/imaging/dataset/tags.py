"""The names of elements."""

from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag

NOT_IN_DATA_SETS = (0x0000, 0x0002, 0x0004, 0xFFFE)  # groups: commands, file meta, directories, delimiters


def name(tag: BaseTag) -> str:
    """The name of an element in warnings."""
    return keyword_for_tag(tag) or tag_text(tag)


def tag_text(tag: int) -> str:
    """As "(gggg,eeee)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def keyed(tags: list[BaseTag]) -> Iterator[tuple[BaseTag, str]]:
    """Each tag with its keyword; with its text if it is private or unknown, or its keyword came before (60xx)."""
    seen = set()
    for tag in tags:
        keyword = "" if tag.is_private else keyword_for_tag(tag)
        yield tag, tag_text(tag) if not keyword or keyword in seen else keyword
        seen.add(keyword)
