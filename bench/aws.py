"""AWS in memory, as botocore's clients call it: `calls` lists the operations, `objects` what was put into S3."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from botocore.client import BaseClient

API_KEY = "amRqSgZZ.CLevHmvt7WJucw2gKA5sGhEUs2Fh6Svq"
VARIABLES = {
    "API_KEYS_TABLE": "ApiKeys",
    "USAGE_TABLE": "Usage",
    "MONTHLY_QUOTA": "1000000000",
    "MONTHLY_GENERATES": "1000000000",
    "IDEMPOTENCY_KEYS_TABLE": "IdempotencyKeys",
    "STAGING_BUCKET": "staging",
    "AWS_LAMBDA_FUNCTION_NAME": "Function",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}

calls: list[str] = []
objects: dict[str, bytes] = {}


def stand_in() -> None:
    """Replaces AWS for every client from now on."""
    setattr(BaseClient, "_make_api_call", _answer)  # noqa: B010 - its stubs do not have it


def _answer(_: BaseClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    calls.append(operation)
    if operation == "GetItem":
        key_hash = hashlib.sha256(API_KEY.encode()).hexdigest()
        used = datetime.now(UTC).date().isoformat()  # as for all but the first request of a day
        item = {"prefix": API_KEY[:8], "key_hash": key_hash, "user_id": "1", "last_used": used}
        return {"Item": {name: {"S": text} for name, text in item.items()}}
    if operation == "UpdateItem":
        # The slot of the exact count has the name that is in the update (shared/metering/exact.py).
        slots = [name for name in parameters["ExpressionAttributeNames"].values() if name.startswith("slot_")]
        return {"Attributes": {**parameters["Key"], **{name: {"N": "1"} for name in (*slots, "total", "expires")}}}
    if operation == "PutObject":
        objects[parameters["Key"]] = parameters["Body"]
        return {}
    raise NotImplementedError(operation)
