"""The answer to a read, as a client gets it."""

from typing import Any

import orjson

from imaging.answers.options import ReadOptions
from imaging.answers.read import write_answer
from imaging.budget import Budget


def read(file_name: str, content: bytes, options: ReadOptions, budget: Budget | None = None) -> dict[str, Any]:
    answer = bytearray()
    write_answer(file_name, content, options, answer.extend, budget)
    members: dict[str, Any] = orjson.loads(answer)
    return members
