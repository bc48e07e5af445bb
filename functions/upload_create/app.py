"""POST /api/dicom/uploads/: a form for the upload of a file of any size, which is then processed."""

from typing import Any

import orjson
from aws_lambda_powertools.event_handler import Response

import initialisation
import web.api
from idempotency import Attempt
from metering import usage
from metering.usage import Quota
from problems import Conflict
from staging import jobs, keys, objects, upload_requests
from web import metered, repeated
from web.body import json_object
from web.by_api_key import user_id_of

EXPIRES_IN = 3600  # seconds
MEDIA_TYPE = "application/octet-stream"

initialisation.make_client(objects.client)

api = web.api.rest_api(beside=["GET"])


@api.post("/api/dicom/uploads")
def create() -> Response[str]:
    user_id = user_id_of(api.current_event)
    members: dict[str, Any] = {}
    attempt = None
    try:
        members = json_object(api.current_event, upload_requests.MAX_BODY_BYTES)
        # The original body, as JSON may be nested deeper than the serialiser allows.
        attempt = repeated.attempt(api.current_event, api.current_event.body, user_id)
    finally:  # a body or a key that is refused counts, too
        if not (attempt and _was_made(attempt)):
            metered.count_request(user_id, _quota(members))
    kind, request = upload_requests.parse(members)
    # The record is written before the form is given out, so that no upload arrives without one.
    job = jobs.create(user_id, kind, request, attempt.new_id())
    if job.status == jobs.DELETED:
        raise Conflict("The upload that was made by this Idempotency-Key has been deleted: send a new key.")
    if kind in jobs.REWRITE and job.is_open:
        keys.store(job, upload_requests.key(members) or attempt.new_secret())
    form = objects.form(f"uploads/{job.id}", MEDIA_TYPE, upload_requests.MAX_BYTES[kind], EXPIRES_IN)
    status_url = f"{_own_url()}/{job.id}/"
    body = {"id": job.id, "upload": form, "expires_in": EXPIRES_IN, "status_url": status_url}
    return Response(201, "application/json", orjson.dumps(body).decode(), {"Location": status_url})


def _quota(members: dict[str, Any]) -> Quota:
    return usage.READS if upload_requests.kind(members) in (None, jobs.READ) else usage.GENERATES


def _was_made(attempt: Attempt) -> bool:
    """Whether an earlier request has created the job, and was counted."""
    return attempt.repeated and jobs.find(attempt.new_id()) is not None


def _own_url() -> str:
    """The URL of this request, stage or base path included, without trailing slash."""
    context = api.current_event.request_context
    # The local server has no TLS.
    scheme = "http" if api.current_event.headers.get("X-Forwarded-Proto") == "http" else "https"
    return f"{scheme}://{context.domain_name}{context.path.rstrip('/')}"


handler = web.api.lambda_handler(api)
