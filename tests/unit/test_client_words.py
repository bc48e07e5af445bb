"""A library's exception reaches a client as a sentence of ours."""

from typing import Any

import numpy as np
import pytest

from imaging.answers.options import ReadOptions
from imaging.display import rendering
from tests.dicom_files import picture_file
from tests.read_answer import read

INTERNAL = "zip() argument 2 is longer than argument 1"


@pytest.mark.parametrize("error", [ValueError(INTERNAL), RuntimeError(INTERNAL), MemoryError(INTERNAL)])
@pytest.mark.parametrize("step", ["render", "burn_in", "fit"])
def test_a_defect_costs_its_frame_and_says_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(rendering, step, fail)
    answer = read("a.dcm", picture_file(np.zeros((2, 2), np.uint8)), ReadOptions(overlays=True, viewport=(10, 10)))
    assert answer["Images"] == [""]
    (warning,) = answer["Warnings"]
    assert warning.startswith("Frame 1 can't be shown: ")
    assert INTERNAL not in warning
    assert type(error).__name__ not in warning
