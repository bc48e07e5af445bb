"""What the layers load more of than functions need stays unloaded (layers/lazy.py, layers/trim.py)."""

import json

import pytest

from tests.build.conftest import BUILT, Built

UNWANTED = {
    "asyncio",
    "aws_lambda_powertools.event_handler.appsync",
    "aws_lambda_powertools.utilities.data_classes.kinesis_stream_event",
    "PIL.Image",
    "pydicom.pixels.decoders.base",
}


@pytest.mark.parametrize("function", ["HealthFunction", "ReadFunction", "TokenFunction"])
def test_importing_a_function_loads_nothing_for_others(built: Built, function: str) -> None:
    told = built.run("loaded.py", BUILT / function, *built.layers, given=b"", AWS_DEFAULT_REGION="us-east-1")
    loaded = set(json.loads(told))
    assert "aws_lambda_powertools.event_handler.api_gateway" in loaded
    assert loaded & UNWANTED == set()
