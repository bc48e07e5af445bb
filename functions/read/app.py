"""POST /api/dicom/read/file/: a DICOM file, or a zip of several, as metadata and pictures."""

import time

import orjson
from aws_lambda_powertools.event_handler import Response

from identity import api_keys
from imaging.options import NAMES, read_options
from imaging.read import read
from metering import usage
from web.api import lambda_handler, rest_api
from web.credentials import api_key
from web.delivery import deliver_json
from web.form import read_form

# Kept back of the function's time for the last picture and the answer.
RESERVE_SECONDS = 7

api = rest_api()


@api.post("/api/dicom/read/file")
def read_file() -> Response[str]:
    deadline = time.monotonic() + api.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    usage.count(api_keys.authenticate(api_key(api.current_event)))
    form = read_form(api.current_event)
    form.refuse_others(texts=NAMES, files=("file",))
    file = form.one_file("file", "a .dcm, .DCM or .zip")
    answer = read(file.name, file.content, read_options(form.texts), deadline)
    return deliver_json(orjson.dumps(answer))


handler = lambda_handler(api)
