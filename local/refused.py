"""S3's refusals."""

from xml.sax.saxutils import escape

from werkzeug import Response
from werkzeug.exceptions import HTTPException


class Refused(HTTPException):
    """The answer, as a WSGI application."""

    def __init__(self, status: int, code: str, message: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        # The bucket's rules let pages see S3's refusals as well as its other answers.
        headers = {"Access-Control-Allow-Origin": "*"}
        super().__init__(response=Response(body, status, headers, content_type="application/xml"))


def wrong_signature() -> Refused:
    return Refused(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    )
