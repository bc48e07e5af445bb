"""GET /health/: whether the API answers, and which version it is. It asks no other service."""

import web.api
from version import VERSION

api = web.api.rest_api()


@api.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


handler = web.api.lambda_handler(api)
