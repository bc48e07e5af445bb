"""The files of an upload, a DICOM file or a zip of several, opened one at a time."""

from collections.abc import Callable, Iterable, Iterator
from zipfile import ZipFile, ZipInfo

from imaging.budget import Budget, Spent
from imaging.dataset import archive
from imaging.dataset.dicom_file import DicomFile
from imaging.dataset.file_names import is_archive
from imaging.dataset.ranges import Ranges
from imaging.pixels.encapsulation import open_file
from problems import Problem


def each_file(
    file_name: str,
    content: bytes | memoryview,
    budget_of: Callable[[], Budget],
    most: int = archive.MAX_TOTAL_BYTES,
    *,
    keep_places: bool = False,
) -> Iterator[tuple[str, DicomFile | Problem]]:
    """The files of the upload, each with a budget. `most`: bytes of an archive when unpacked.

    `keep_places`: the files will be written again.
    """
    if not is_archive(file_name, content):
        yield file_name, open_file(content, budget_of(), keep_places=keep_places)
        return

    def opened_member(member: memoryview) -> DicomFile:
        budget = budget_of()
        budget.spend_bytes(len(member))
        return open_file(member, budget, keep_places=keep_places)

    with archive.opened(Ranges(len(content), [(0, content)]), most) as (opened, infos):
        for number, file in each_member(opened, infos, range(len(infos)), opened_member):
            yield infos[number].filename, file


def each_member(
    opened: ZipFile, infos: list[ZipInfo], numbers: Iterable[int], open_content: Callable[[memoryview], DicomFile]
) -> Iterator[tuple[int, DicomFile | Problem]]:
    """These members of an archive, opened with `open_content`, or the reason why one can't be read.

    Raises Spent and archive.Refused, which concern the whole archive.
    """
    for number in numbers:
        try:
            file: DicomFile | Problem = open_content(archive.member(opened, infos[number]))
        except (Spent, archive.Refused):
            raise
        except Problem as problem:
            problem.__traceback__ = problem.__context__ = None  # they would keep unpacked data in memory
            file = problem
        yield number, file
