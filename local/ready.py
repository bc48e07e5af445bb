"""The message of a server that is ready: its address, and how to try it."""

import importlib.metadata
import json
import os
import shlex
import sys
from pathlib import Path

from local import demo

READY = """\
The API answers on {url} (Ctrl-C ends it, and nothing is kept).

  E-mail    {email}
  Password  {password}
  API key   {api_key}

Try it:

  curl '{url}/api/dicom-format/allowed-fields/?fields__contains=Patient'

  curl -H 'Authorization: ApiKey {api_key}' -F file=@{sample_here} -F return_format=png {url}/api/dicom/read/file/

"""
READY_WITHOUT_ACCOUNT = "The API answers on {url}, without a demo account: {reason}\n"


def tell(url: str, file: Path | None) -> None:
    """Makes the demo account and prints how to try the API; writes the same into `file`, as JSON."""
    sample = _sample()
    facts = {"url": url, "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"], "sample": str(sample)}
    try:
        facts |= demo.make(url)
        text = READY
    except demo.NoDemo as problem:
        facts["reason"] = str(problem)
        text = READY_WITHOUT_ACCOUNT
    sys.stdout.write(text.format(**facts, sample_here=shlex.quote(os.path.relpath(sample))))
    sys.stdout.flush()
    if file:
        # The file is complete as soon as it exists.
        new = file.with_suffix(".new")
        new.write_text(json.dumps(facts))
        new.replace(file)


def _sample() -> Path:
    """A DICOM file that comes with pydicom."""
    return Path(
        str(importlib.metadata.distribution("pydicom").locate_file("pydicom/data/test_files/examples_overlay.dcm"))
    )
