"""Requests to the API, with its errors and its wishes to be asked later."""

import re
import time
from collections.abc import Callable
from typing import Any

import requests

TIMEOUT = (10, 90)  # seconds to connect, and of silence: the gateway answers within 29
TRIES = 4
MAX_PAUSE = 60  # seconds; the quota's 429 asks to come back next month
FOREIGN = "The answer is not from this API: see whether the address is right."


class ApiError(Exception):
    """What the API, or S3, refused: the text is for the person. `status`: of HTTP; 0 if it was not that."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Api:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._session = requests.Session()
        # On to S3, by 303, requests leaves it out, and S3 takes no second kind of credentials beside a presigned URL.
        self._headers = {"Authorization": f"ApiKey {key}"}

    def post(self, path: str, **body: Any) -> requests.Response:
        """Its answer, whose body is still to come; a redirect is followed. Raises ApiError."""
        return _patiently(lambda: self._send("POST", self._url + path, headers=self._headers, **body))

    def get(self, path: str) -> requests.Response:
        """Raises ApiError."""
        return _patiently(lambda: self._send("GET", self._url + path, headers=self._headers), repeatable=True)

    def fetch(self, presigned_url: str) -> requests.Response:
        """An object of S3, whose content is still to come. Raises ApiError."""
        return _patiently(lambda: self._send("GET", presigned_url), repeatable=True)

    def upload(self, presigned_url: str, form: Any, media_type: str) -> None:
        """Sends a form to S3. It may be sent twice, as the same object. Raises ApiError."""
        headers = {"Content-Type": media_type}
        _patiently(lambda: self._send("POST", presigned_url, headers=headers, data=form), repeatable=True)

    def close(self) -> None:
        self._session.close()

    def _send(self, method: str, url: str, **arguments: Any) -> requests.Response:
        try:
            return self._session.request(method, url, stream=True, timeout=TIMEOUT, **arguments)
        except ValueError:  # of requests, urllib3, or Python
            raise ApiError(
                "The address given by --url, or one that came with an answer, is not valid: see whether --url is right."
            ) from None


def _patiently(send: Callable[[], requests.Response], *, repeatable: bool = False) -> requests.Response:
    """`repeatable`: whether to send again what may have arrived."""
    attempt = 0
    while True:
        attempt += 1
        pause = float(2**attempt)
        try:
            answer = send()
        except (requests.ConnectionError, requests.Timeout):
            if not repeatable or attempt == TRIES:
                raise
        else:
            if answer.status_code == 429:
                pause = retry_after(answer, MAX_PAUSE + 1)
            elif not (repeatable and answer.status_code >= 500):
                return _checked(answer)
            if pause > MAX_PAUSE or attempt == TRIES:
                return _checked(answer)
            answer.close()
        time.sleep(pause)


def json_of(answer: requests.Response) -> Any:
    """Raises ApiError if it is none."""
    try:
        return answer.json()
    except ValueError:
        raise ApiError(FOREIGN) from None


def retry_after(answer: requests.Response, default: float) -> float:
    """Seconds until it is worth asking again."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else default


def _checked(answer: requests.Response) -> requests.Response:
    if answer.ok:
        return answer
    raise ApiError(_error(answer), answer.status_code)


def _error(answer: requests.Response) -> str:
    """The API's sentence and what else it says, a line each, as it is; or S3's message."""
    try:
        body = answer.json()
        lines = [body.pop("error"), *(f"  {name}: {why}" for name, why in body.pop("fields", {}).items())]
        return "\n".join([*lines, *(f"  {name}: {value}" for name, value in body.items())])
    except (ValueError, KeyError, AttributeError, TypeError):
        message = re.search("<Message>(.*?)</Message>", answer.text)
        return f"{answer.status_code} {message[1] if message else answer.reason}".rstrip()
