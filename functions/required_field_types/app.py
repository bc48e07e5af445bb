"""GET /api/dicom-format/required-field-type/: the keywords of the DICOM dictionary with their Python types."""

from typing import Any

import dicom_dictionary
import web.api

api = web.api.rest_api()


@api.get("/api/dicom-format/required-field-type")
def required_field_types() -> dict[str, Any]:
    return {"requiredFieldTypes": dicom_dictionary.table()["types"], **dicom_dictionary.versions()}


handler = web.api.lambda_handler(api)
