"""GET /api/dicom/uploads/<id>/: the progress of an upload, and the URL of its result."""

import orjson
from aws_lambda_powertools.event_handler import Response

import web.api
from staging import jobs, progress
from web.by_api_key import user_id_of

api = web.api.rest_api(beside=["DELETE"])


@api.get("/api/dicom/uploads/<upload_id>")
def status(upload_id: str) -> Response[str]:
    job = jobs.find_own(user_id_of(api.current_event), upload_id)
    seconds = progress.retry_after(job)
    headers = {"Retry-After": str(seconds)} if seconds else {}
    return Response(200, "application/json", orjson.dumps(progress.describe(job)).decode(), {**headers})


handler = web.api.lambda_handler(api)
