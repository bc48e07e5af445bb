"""What is measured: each function with its example event, and reads of the files that this is about."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bench.cost.account import Account, Event
from bench.cost.memory import NOT_MEASURED
from bench.function import Form, with_form
from bench.inputs import inputs, pictures_to_generate

FILES = {file.name: file.path for file in inputs()}
PICTURES = {picture.name: picture.path for picture in pictures_to_generate()}
JPEG, SMALL = {"return_format": "jpeg"}, {"viewport": "1024,1024"}


class Case(NamedTuple):
    """`event` makes a new one; `file`: bytes that the client sends; `staged`: whether they go through S3."""

    name: str
    function: str
    event: Callable[[], Event]
    file: int
    staged: bool = False


def cases(account: Account) -> list[Case]:
    examples = [
        Case(f"{function}, its example", function, partial(account.event, function), 0)
        for function in account.functions
        if function not in NOT_MEASURED and function != "upload_worker"
    ]
    return [
        *examples,
        _fields(account, "All fields", None),
        _fields(account, "Fields by a regular expression", {"fields__regex": "."}),
        _direct(account, "CT slice", "CT, raw"),
        _direct(account, "CT slice, JPEG out", "CT, raw", JPEG),
        _direct(account, "CT slice of JPEG-LS", "CT, JPEG-LS"),
        _direct(account, "Mammogram of JPEG-LS", "Mammogram, JPEG-LS"),
        _generate(account, "Picture of 12 million pixels", "PNG 4096x3072"),
        _staged(account, "Mammogram", "Mammogram, raw"),
        _staged(account, "Mammogram, JPEG out", "Mammogram, raw", JPEG),
        _staged(account, "Mammogram, viewport 1024", "Mammogram, raw", JPEG | SMALL),
        _staged(account, "Mammogram of JPEG lossless", "Mammogram, JPEG lossless SV1"),
        _staged(account, "96 frames", "Angiogram, raw"),
        _staged(account, "96 frames, JPEG out", "Angiogram, raw", JPEG),
        _staged(account, "96 frames, the first alone", "Angiogram, raw", {"frames": "1"}),
        _staged(account, "96 frames of JPEG lossless", "Angiogram, JPEG lossless SV1"),
    ]


def _fields(account: Account, name: str, filters: dict[str, str] | None) -> Case:
    lists = {name: [value] for name, value in filters.items()} if filters else None

    def event() -> Event:
        query = {"queryStringParameters": filters, "multiValueQueryStringParameters": lists}
        return account.event("allowed_fields") | query

    return Case(name, "allowed_fields", event, 0)


def _direct(account: Account, name: str, file: str, options: dict[str, str] | None = None) -> Case:
    content = FILES[file].read_bytes()
    form: Form = {"file": ("file.dcm", content, "application/dicom"), **(options or {})}
    return Case(name, "read", partial(with_form, account.event("read"), form), len(content))


def _generate(account: Account, name: str, picture: str) -> Case:
    content = PICTURES[picture].read_bytes()
    form: Form = {"file_name": "made", "image": ("picture.png", content, "image/png")}
    return Case(name, "generate", partial(with_form, account.event("generate"), form), len(content))


def _staged(account: Account, name: str, file: str, options: dict[str, str] | None = None) -> Case:
    content = FILES[file].read_bytes()

    def event() -> Event:
        return account.upload(content, options or {})

    return Case(name, "upload_worker", event, len(content), staged=True)
