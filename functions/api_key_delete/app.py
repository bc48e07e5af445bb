"""DELETE /api-keys/delete/<id>/: deletes an API key."""

import web.api
from identity import api_keys
from web.by_token import user_id_of

api = web.api.rest_api()


@api.delete("/api-keys/delete/<key_id>")
def delete(key_id: str) -> tuple[dict[str, str], int]:
    api_keys.delete(user_id_of(api.current_event), key_id)
    # docs/usage-guide.md shows this body; HTTP has none in a 204, and servers drop it (RFC 9110 15.3.5).
    return {"detail": "Key deleted successfully."}, 204


handler = web.api.lambda_handler(api)
