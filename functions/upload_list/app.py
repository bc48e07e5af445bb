"""GET /api/dicom/uploads/: a developer's uploads, the newest first, page by page."""

from typing import Any

import web.api
from staging import listing
from web.by_api_key import user_id_of

api = web.api.rest_api()


@api.get("/api/dicom/uploads")
def show() -> dict[str, Any]:
    user_id = user_id_of(api.current_event)
    return listing.page(user_id, api.current_event.resolved_query_string_parameters)


handler = web.api.lambda_handler(api)
