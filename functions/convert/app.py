"""POST /api/dicom/convert/: a DICOM file, or a zip of several, in another transfer syntax or with other attributes."""

from aws_lambda_powertools.event_handler import Response

import tally
import web.api
from imaging.rewriting.converting import NAMES, operation
from metering import usage
from web import metered, rewriting
from web.by_api_key import user_id_of

api = web.api.rest_api()


@api.post("/api/dicom/convert")
def convert_file() -> Response[str]:
    user_id = user_id_of(api.current_event)
    metered.count_request(user_id, usage.GENERATES)
    tally.add("Converts")
    return rewriting.answer(api, user_id, NAMES, operation)


handler = web.api.lambda_handler(api)
