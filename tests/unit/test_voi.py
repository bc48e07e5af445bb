"""Windows, compared with arithmetic from the clauses of PS3.3 C.11.2."""

import numpy as np
import pytest

from imaging.display.voi import Window, range_window

# PS3.3 C.11.2.1.2.1 gives c=2048, w=4096 as its example: y is 0 up to 0, 255 from 4095, and x / 4095 * 255 in between.
LINEAR = Window(2048, 4096)


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, 0), (4095, 255), (4096, 255), (2047.5, 127.5), (819, 51)])
def test_linear(x: float, y: float) -> None:
    assert LINEAR.apply(np.array([x])) == pytest.approx([y])


def test_linear_of_width_one_is_a_threshold() -> None:
    # x <= c - 0.5 is black, x > c - 0.5 is white.
    assert Window(100, 1).apply(np.array([99, 99.5, 99.6, 100])).tolist() == [0, 0, 255, 255]


# C.11.2.1.3.2: y = ((x - c) / w + 0.5) * 255 between c - w/2 and c + w/2
@pytest.mark.parametrize(("x", "y"), [(90, 0), (95, 63.75), (100, 127.5), (105, 191.25), (110, 255), (111, 255)])
def test_linear_exact(x: float, y: float) -> None:
    assert Window(100, 20, "LINEAR_EXACT").apply(np.array([x])) == pytest.approx([y])


# C.11.2.1.3.1: y = 255 / (1 + exp(-4 (x - c) / w)); 1 / (1 + e) = 0.268941 and so on
@pytest.mark.parametrize(("x", "y"), [(100, 127.5), (95, 68.57999), (105, 186.42001), (-1e9, 0), (1e9, 255)])
def test_sigmoid(x: float, y: float) -> None:
    assert Window(100, 20, "SIGMOID").apply(np.array([x])) == pytest.approx([y], abs=1e-4)


def test_the_identity_of_eight_bits() -> None:
    assert Window(128, 256).apply(np.arange(256)).tolist() == pytest.approx(list(range(256)))


@pytest.mark.parametrize(
    ("window", "valid"),
    [
        (Window(0, 1), True),
        (Window(0, 0.5), False),
        (Window(0, 0.5, "LINEAR_EXACT"), True),
        (Window(0, 0, "SIGMOID"), False),
        (Window(0, -5), False),
        (Window(float("nan"), 5), False),
        (Window(0, float("inf")), False),
    ],
)
def test_validity(window: Window, valid: bool) -> None:
    assert window.valid is valid


def test_a_range_is_black_at_its_low_end_and_white_at_its_high_end() -> None:
    assert range_window(-10, 30).apply(np.array([-10, 10, 30])).tolist() == [0, 127.5, 255]
    assert range_window(7, 7).apply(np.array([7])).tolist() == [0]
