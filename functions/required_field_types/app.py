"""GET /api/dicom-format/required-field-type/: the keywords of the DICOM dictionary with their Python types."""

from functools import cache

import orjson
from aws_lambda_powertools.event_handler import Response

import dicom_dictionary
import web.api
from web.public import Document

api = web.api.rest_api()


@api.get("/api/dicom-format/required-field-type")
def required_field_types() -> Response[str]:
    return _document().answer(api.current_event)


@cache
def _document() -> Document:
    body = {"requiredFieldTypes": dicom_dictionary.table()["types"], **dicom_dictionary.versions()}
    return Document(orjson.dumps(body))


handler = web.api.lambda_handler(api)
