"""Pictures in strips of rows: wider numbers for a strip at a time, not for the whole picture, and within the cache."""

from collections.abc import Iterator

ROWS = 64


def strips(rows: int) -> Iterator[slice]:
    """Slices that make up `rows` rows."""
    return (slice(top, top + ROWS) for top in range(0, rows, ROWS))
