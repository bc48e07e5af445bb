"""Ours: functions/read, from API Gateway's event to its answer, with AWS in memory."""

from collections.abc import Callable

from bench.function import Answer, body, facts, load

__all__ = ["answer", "facts", "prepare"]

call = load("read")


def prepare(content: bytes) -> Callable[[], Answer]:
    return call({"file": ("file.dcm", content, "application/dicom")})


answer = body
