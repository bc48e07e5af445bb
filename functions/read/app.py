"""POST /api/dicom/read/file/: a DICOM file, or a zip of several, as metadata and pictures."""

import time

import orjson
from aws_lambda_powertools.event_handler import Response

import tally
import web.api
from imaging.answers.options import NAMES, read_options
from imaging.answers.read import read_model, write_answer
from imaging.budget import Budget
from metering import usage
from web import metered
from web.accept import prefers
from web.by_api_key import developer
from web.delivery import deliver_json
from web.form import read_form

# Kept back of the function's time for the last picture and the answer.
RESERVE_SECONDS = 7

DICOM_JSON = "application/dicom+json"
# The model has no place for what was wrong: a header tells of it, as in DICOMweb (PS3.18 11.6.3.2), and quotes nothing.
WARNING = '299 - "Warnings: {}. They are in the answer to Accept: application/json."'

api = web.api.rest_api()


@api.post("/api/dicom/read/file")
def read_file() -> Response[str]:
    seconds = api.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    budget = Budget(time.monotonic() + seconds)
    metered.count(developer(api.current_event), usage.READS)
    form = read_form(api.current_event)
    form.refuse_others(texts=NAMES, files=("file",))
    file = form.one_file("file", "a .dcm, .DCM or .zip")
    options = read_options(form.texts)
    tally.add("Reads")
    if prefers(api.current_event, DICOM_JSON, "application/json"):
        model, warned = read_model(file.name, file.content, options.fields, budget)
        return deliver_json(orjson.dumps(model), DICOM_JSON, {"Warning": WARNING.format(warned)} if warned else None)
    answer = bytearray()
    write_answer(file.name, file.content, options, answer.extend, budget)
    return deliver_json(answer)


handler = web.api.lambda_handler(api)
