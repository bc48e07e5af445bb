"""Several frames, or strips of one, in parallel: codecs, isal and numpy release the GIL while they work."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

CORES = os.cpu_count() or 1

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_order(work: Callable[[_T], _R], items: Sequence[_T], kind: str = "frames") -> Iterator[_R]:
    """Applies `work` to the items, and yields the results in order. At most one result per core is computed ahead.

    `kind`: what the items are. Each kind has threads of its own, so work on one kind may wait for work on another.
    """
    if len(items) < 2 or CORES == 1:
        yield from map(work, items)
        return
    ahead: deque[Future[_R]] = deque()
    try:
        for item in items:
            ahead.append(_threads(kind).submit(work, item))
            if len(ahead) > CORES:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for result in ahead:
            result.cancel()


def each_strip(work: Callable[[slice], _R], strips: Sequence[slice]) -> list[_R]:
    """Applies `work` to the strips of a picture, and returns the results in order. Threads get equal shares."""
    if len(strips) < 2 * CORES:  # handing over takes longer than a small picture does
        return [work(strip) for strip in strips]

    def share(number: int) -> list[_R]:
        return [work(strip) for strip in strips[number::CORES]]

    others = [_threads("strips").submit(share, number) for number in range(1, CORES)]
    shares = [share(0), *(other.result() for other in others)]
    return [shares[place % CORES][place // CORES] for place in range(len(strips))]


@cache
def _threads(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CORES, name)
