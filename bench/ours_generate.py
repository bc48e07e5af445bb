"""Ours: functions/generate, from API Gateway's event to its answer, with AWS in memory."""

from collections.abc import Callable

from bench.function import Answer, body, facts, load

__all__ = ["answer", "facts", "prepare"]

call = load("generate")


def prepare(content: bytes) -> Callable[[], Answer]:
    return call({"file_name": "file", "PatientName": "Bench^Mark", "image": ("picture", content, "image/*")})


answer = body
