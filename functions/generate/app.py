"""POST /api/dicom/generate/: pictures and DICOM attributes as a DICOM file.

The fields of the form are `file_name`, one or several `image`s, `compression`, and attributes by their keywords.
"""

from aws_lambda_powertools.event_handler import Response

import tally
import web.api
from content_disposition import attachment
from imaging.secondary_capture import generate
from metering import usage
from problems import Invalid
from web import metered, repeated
from web.by_api_key import user_id_of
from web.delivery import deliver_file
from web.form import read_form

api = web.api.rest_api()


@api.post("/api/dicom/generate")
def generate_file() -> Response[str]:
    user_id = user_id_of(api.current_event)
    metered.count_request(user_id, usage.GENERATES)
    form = read_form(api.current_event)
    form.refuse_others(texts=None, files=("image",))  # every other text field is an attribute
    images = form.files.get("image") or [form.one_file("image", "a PNG or JPEG")]  # which says that it is missing
    attributes = dict(form.texts)
    file_name = attributes.pop("file_name", "")
    if not file_name:
        why = "Send the name of the DICOM file, without extension."
        raise Invalid("The form needs the field file_name: the DICOM file's name.", fields={"file_name": why})
    compression = attributes.pop("compression", "").lower() or "none"
    tally.add("Generates")
    contents = [image.content for image in images]
    attempt = repeated.attempt(api.current_event, [form.texts, contents], user_id)
    file = generate(contents, attributes, compression, seed=attempt.nonce)
    return deliver_file(file, "application/dicom", {"Content-Disposition": attachment(file_name, "dcm")})


handler = web.api.lambda_handler(api)
