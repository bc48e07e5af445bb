"""A developer's jobs, page by page."""

import base64
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from problems import not_valid
from staging import jobs
from staging.jobs import Job

USUAL_LIMIT, MAX_LIMIT = 20, 100
CLOCKS_DIFFER_SECONDS = 60  # of two functions, at the very most
LIMIT = re.compile(r"[0-9]{1,3}")


def page(user_id: str, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """{"uploads": [{"id", "status", "file_name", "created"}], "next"?}, the newest first.

    `query` may have `limit`, the maximum number, and `next`, where the previous page ended. Raises Invalid.
    """
    limit, after = _options(query)
    found = jobs.made_by(user_id, limit + 1, after)
    answer: dict[str, Any] = {"uploads": [_describe(job) for job in found[:limit]]}
    if len(found) > limit:
        answer["next"] = _token(found[limit - 1])
    return answer


def _describe(job: Job) -> dict[str, str]:
    created = datetime.fromtimestamp(job.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": job.id, "status": job.status, "file_name": job.file_name, "created": created}


def _options(query: Mapping[str, Sequence[str]]) -> tuple[int, jobs.Place | None]:
    for name, values in query.items():
        if name not in ("limit", "next"):
            raise not_valid(name, "There is no such parameter here: send limit and next.", what="parameter")
        if len(values) > 1:
            raise not_valid(name, "Send it once.", what="parameter")
    limit = query.get("limit", [str(USUAL_LIMIT)])[0]
    if not LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise not_valid("limit", f"Send a whole number from 1 to {MAX_LIMIT}.", what="parameter")
    return int(limit), _place(query["next"][0]) if "next" in query else None


def _token(job: Job) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([job.created, job.id])).decode().rstrip("=")


def _place(token: str) -> jobs.Place:
    """The place in a token of `_token`. A made-up token leads to another place in one's own list, and nowhere else."""
    try:
        created, job_id = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not jobs.ID.fullmatch(job_id) or not 0 <= created <= time.time() + CLOCKS_DIFFER_SECONDS:
            raise ValueError
    except (ValueError, TypeError):
        raise not_valid("next", "Send it as the page before gave it.", what="parameter") from None
    return jobs.Place(float(created), job_id)
