"""POST /api/dicom/read/file/: a DICOM file, or a zip of several, as metadata and pictures."""

import time

import orjson
from aws_lambda_powertools.event_handler import Response

import tally
import web.api
from imaging.answers.options import OPTIONS, ReadOptions, read_options
from imaging.answers.read import read_model, write_answer
from imaging.budget import Budget
from imaging.pictures import FORMATS
from metering import usage
from problems import not_valid
from web import accept, headers, metered
from web.by_api_key import user_id_of
from web.delivery import deliver_file, deliver_json
from web.form import File, read_file_form

# Kept back of the function's time for the last picture and the answer.
RESERVE_SECONDS = 7

JSON, DICOM_JSON, ZIP, RELATED = "application/json", "application/dicom+json", "application/zip", "multipart/related"
PICTURES = {f"image/{name}": name for name in FORMATS}

api = web.api.rest_api()


@api.post("/api/dicom/read/file")
def read_file() -> Response[str]:
    seconds = api.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    budget = Budget(time.monotonic() + seconds)
    headers.add("Vary", "Accept")
    metered.count_request(user_id_of(api.current_event), usage.READS)
    media_type = accept.chosen(api.current_event, JSON, (DICOM_JSON, *PICTURES, ZIP, RELATED))
    form = read_file_form(api.current_event, "file")
    form.refuse_others(texts=tuple(OPTIONS), files=("file",))
    file = form.one_file("file", "a .dcm, .DCM or .zip")
    options = read_options(_with_format(form.texts, PICTURES.get(media_type)))
    tally.add("Reads")
    if media_type == JSON:
        answer = bytearray()
        write_answer(file.name, file.content, options, answer.extend, budget)
        return deliver_json(answer)
    if media_type == DICOM_JSON:
        model, warned = read_model(file.name, file.content, options.fields, budget)
        return deliver_json(orjson.dumps(model), DICOM_JSON, headers.warning(warned))
    return _pictures(file, media_type, options, budget)


def _with_format(texts: dict[str, str], accepted: str | None) -> dict[str, str]:
    """The form's fields, with the format of the picture that Accept names, if it names one."""
    if accepted is None:
        return texts
    if texts.get("return_format", accepted).lower() != accepted:
        why = f"Accept asks for {accepted}: send the same, or leave this out."
        raise not_valid("return_format", why)
    return {**texts, "return_format": accepted}


def _pictures(file: File, media_type: str, options: ReadOptions, budget: Budget) -> Response[str]:
    """The picture itself, or several as a zip or as the parts of a message."""
    from imaging.answers.picture_files import as_related, as_zip, picture_files

    if not options.images:
        why = "Accept application/json, or leave this out."
        raise not_valid("images", why)
    made, warnings = picture_files(file.name, file.content, options, budget)
    warning = headers.warning(len(warnings))
    if media_type == RELATED:
        return deliver_file(*as_related(made, f"image/{options.picture_format}"), warning)
    if media_type in PICTURES and len(made) == 1:
        return deliver_file(made[0].content, media_type, warning)
    return deliver_file(as_zip(made, warnings), ZIP, warning)


handler = web.api.lambda_handler(api)
