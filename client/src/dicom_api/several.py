"""Many files, several at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from dicom_api.bar import Bar
from dicom_api.errors import DicomApiError, NotAuthorized, QuotaReached
from dicom_api.output import printable

T = TypeVar("T")


def each(files: Sequence[Path], work: Callable[[Path], T], done: Callable[[Path, T], None], jobs: int) -> int:
    """Calls `work` in threads, and `done` with each result. Returns how many failed, which does not stop the others."""
    bar = Bar()
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(work, file): file for file in files}
        try:
            for number, future in enumerate(as_completed(futures), 1):
                file = futures[future]
                try:
                    made = future.result()
                except (NotAuthorized, QuotaReached):
                    raise  # the others would be refused, too
                except (DicomApiError, OSError) as error:
                    failed += 1
                    bar.say(printable(f"{file}: {error}"))
                else:
                    bar.end()
                    done(file, made)
                bar.show("working", number, len(files), f"{number}/{len(files)}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    bar.end()
    return failed
