"""A bar on standard error, if that is a terminal."""

import sys
import threading

from dicom_api.progress import Progress

CELLS = 30
VERBS = {"upload": "uploading", "work": "working", "download": "fetching"}


class Bar:
    """A line that is overwritten as work goes on. Threads may share it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._line = ""

    def report(self, progress: Progress) -> None:
        """Shows the progress of one file."""
        megabytes = progress.step != "work"
        done, total = (number and number / 1e6 if megabytes else number for number in progress[1:])
        unit = " MB" if megabytes else ""
        numbers = f"{done:.{megabytes:d}f}" + (f"/{total:.{megabytes:d}f}" if total else "") + unit
        self.show(VERBS[progress.step], progress.done, progress.total, numbers)

    def show(self, text: str, done: int, total: int | None, numbers: str) -> None:
        if not self._shown:
            return
        filled = round(CELLS * min(done / total, 1)) if total else 0
        cells = f" [{'#' * filled}{'.' * (CELLS - filled)}]" if total else ""
        self._write(f"{text}{cells} {numbers}")

    def say(self, line: str) -> None:
        """Prints a line that stays."""
        with self._lock:
            self._erase()
            print(line, file=sys.stderr)

    def end(self) -> None:
        with self._lock:
            self._erase()

    def _write(self, line: str) -> None:
        with self._lock:
            if line == self._line:
                return
            print(f"\r{line:<{len(self._line)}}", end="", file=sys.stderr, flush=True)
            self._line = line

    def _erase(self) -> None:
        if self._line:
            print(f"\r{'':<{len(self._line)}}\r", end="", file=sys.stderr, flush=True)
            self._line = ""
