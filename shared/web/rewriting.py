"""Requests that send DICOM files and get new ones."""

import time
from collections.abc import Callable, Mapping

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

import tally
from content_disposition import attachment
from imaging.budget import Budget
from imaging.rewriting import direct
from imaging.rewriting.operation import DICOM, JSON, ZIP, Operation
from problems import not_valid
from web import accept, headers, repeated
from web.delivery import deliver_file, deliver_json
from web.form import read_file_form

# Kept back of the function's time for the last file and the answer.
RESERVE_SECONDS = 7

EXTENSIONS = {DICOM: "dcm", ZIP: "zip"}
SECRET = "key"  # noqa: S105 - the name of a field


def answer(
    api: APIGatewayRestResolver,
    user_id: str,
    names: tuple[str, ...],
    operation_of: Callable[[Mapping[str, str], str], Operation],
) -> Response[str]:
    """The answer to a request with a file and the options `names`. `operation_of`: makes what is done with it, of the
    options and of a secret that is the same if the request is repeated."""
    event = api.current_event
    seconds = api.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    budget = Budget(time.monotonic() + seconds, whole_files=True)
    headers.add("Vary", "Accept")
    if SECRET in event.resolved_query_string_parameters:
        raise not_valid(SECRET, "Send it as a field of a form, as addresses are written into logs.", what="parameter")
    form = read_file_form(event, "file")
    form.refuse_others(texts=names, files=("file",))
    file = form.one_file("file", "a .dcm, .DCM or .zip")
    usual, *others = direct.media_types(file.name, file.content)
    if accept.names(event, usual):  # a zip beside it is for several files
        others = [JSON]
    media_type = accept.chosen(event, usual, others)
    tally.add("Generates")
    attempt = repeated.attempt(event, [form.texts, file.name, file.content], user_id)
    made = direct.rewrite(file.name, file.content, operation_of(form.texts, attempt.new_secret()), media_type, budget)
    warning = headers.warning(made.warned)
    if media_type == JSON:
        return deliver_json(made.content, JSON, warning)
    disposition = attachment(made.name, EXTENSIONS[media_type])
    return deliver_file(made.content, media_type, {"Content-Disposition": disposition, **warning})
