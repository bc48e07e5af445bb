"""DELETE /api/dicom/uploads/<id>/: erases an upload, the work on it and its result, at any stage."""

from aws_lambda_powertools.event_handler import Response

import web.api
from staging import jobs, traces
from web.by_api_key import user_id_of

api = web.api.rest_api()


@api.delete("/api/dicom/uploads/<upload_id>")
def delete(upload_id: str) -> Response[str]:
    # A retried request finds the job deleted already.
    job = jobs.find_own(user_id_of(api.current_event), upload_id, even_deleted=True)
    # The record first: a worker erases what it writes after that.
    jobs.delete(job)
    traces.erase(job)
    return Response(204, body="")


handler = web.api.lambda_handler(api)
