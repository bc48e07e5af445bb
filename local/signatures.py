"""Recomputes the signatures of presigned URLs and forms (AWS Signature Version 4) with the local AWS's key."""

from collections.abc import Mapping

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local import aws_endpoint, aws_names

SIGNER = S3SigV4QueryAuth(Credentials(aws_endpoint.KEY_ID, aws_endpoint.SECRET_KEY), "s3", aws_names.REGION)


def is_of_url(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """Whether the query's signature is that of the rest. `path` is as it came; `headers` are those that are signed."""
    rest = {name: value for name, value in query.items() if name != "X-Amz-Signature"}
    request = AWSRequest(method, f"http://{headers.get('host')}{path}", headers, params=rest)
    request.context["timestamp"] = query["X-Amz-Date"]
    text = SIGNER.string_to_sign(request, SIGNER.canonical_request(request))
    return _is_of(text, request, query["X-Amz-Credential"], query["X-Amz-Signature"])


def is_of_form(fields: Mapping[str, str]) -> bool:
    """Whether the form's signature is that of its policy. The fields have names in lower case."""
    request = AWSRequest()
    request.context["timestamp"] = fields.get("x-amz-date", "")
    return _is_of(fields["policy"], request, fields.get("x-amz-credential", ""), fields["x-amz-signature"])


def _is_of(text: str, request: AWSRequest, credential: str, given: str) -> bool:
    return credential == SIGNER.scope(request) and given == SIGNER.signature(text, request)
