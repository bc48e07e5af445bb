"""Each limit of a direct request is one constant. Clients, documents, template and local gateway agree with it."""

import json
import re
from pathlib import Path

import pytest

from dicom_api.operations import DIRECT_BYTES
from local import limits
from web import delivery

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000

# The texts that say how large a direct file may be.
TEXTS = [
    "template.yaml",
    "openapi/openapi.yaml",
    "client/src/dicom_api/operations.py",
    "client-js/dicom-api.js",
    "README.md",
]
TEXTS += ["docs/usage-guide.md", "docs/staged-uploads.md"]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_gives_the_same_limit(text: str) -> None:
    given = set(re.findall(r"\b(4\.\d+) MB", (ROOT / text).read_text()))
    assert given == {f"{limits.DIRECT_FILE / MEGABYTE:g}"}, f"DIRECT_FILE of local/limits.py is not what {text} says."


def test_an_event_carries_such_a_file_with_its_form_and_its_headers() -> None:
    without_body = json.loads((ROOT / "events/read.json").read_text()) | {"body": ""}
    assert len(json.dumps(without_body)) + limits.DIRECT_FILE * 4 / 3 < limits.EVENT


def test_clients_stage_what_may_not_fit() -> None:
    (javascript,) = re.findall(r"DIRECT_BYTES = ([\d_]+);", (ROOT / "client-js/dicom-api.js").read_text())
    assert int(javascript) == DIRECT_BYTES < limits.DIRECT_FILE


def test_an_answer_that_is_not_sent_by_s3_fits_into_a_response() -> None:
    assert delivery.MAX_BODY_CHARACTERS < limits.RESPONSE
