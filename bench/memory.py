"""Memory: the peak resident memory of a process that reads one file."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.inputs import Input, films_to_weigh
from bench.processes import PEERS, Process

MB = 1_000_000


def memory() -> Iterator[str]:
    """The lines of a table. More frames must not take 100 MB more memory, without file and answer."""
    yield f"{'peak memory, MB':32}{'file':>9}{'answer':>9}{'ours':>9}{'more than 1 frame':>20}{'weekend':>9}"
    own_of_one = None
    for film in films_to_weigh():
        ours, answer = _weigh(Process("ours"), film)
        weekend, _ = _weigh(Process("weekend", python=PEERS), film)
        size = film.path.stat().st_size
        own = ours - size - answer
        own_of_one = own_of_one or own
        yield (
            f"{film.name:32}{size / MB:9.1f}{answer / MB:9.1f}{ours / MB:9.1f}{(own - own_of_one) / MB:20.1f}"
            f"{weekend / MB:9.1f}"
        )


def _weigh(process: Process, film: Input) -> tuple[int, int]:
    """Peak and size of the answer, in bytes."""
    with closing(process), tempfile.TemporaryDirectory() as folder:
        process.run(film.path)  # loads what it needs
        answer = Path(folder, "answer.json")
        return process.run(film.path, answer)["peak"], answer.stat().st_size
