"""POST /api/dicom/deidentify/: a DICOM file, or a zip of several, without what tells who the patient is."""

from aws_lambda_powertools.event_handler import Response

import tally
import web.api
from imaging.rewriting.deidentifying import NAMES, operation
from metering import usage
from web import metered, rewriting
from web.by_api_key import user_id_of

api = web.api.rest_api()


@api.post("/api/dicom/deidentify")
def deidentify_file() -> Response[str]:
    user_id = user_id_of(api.current_event)
    metered.count_request(user_id, usage.GENERATES)
    tally.add("Deidentifies")
    return rewriting.answer(api, user_id, NAMES, operation)


handler = web.api.lambda_handler(api)
