"""The options of a read."""

import pytest

from imaging.answers.options import ReadOptions, read_options
from imaging.budget import Budget
from imaging.display.voi import Window
from problems import Invalid


def test_nothing_asked() -> None:
    assert read_options({}) == ReadOptions()
    assert read_options({"fields": "", "window": "", "frames": ""}) == ReadOptions()


@pytest.mark.parametrize("text", ["gif", "PNG", "Jpeg"])
def test_formats_in_any_case(text: str) -> None:
    assert read_options({"return_format": text}).picture_format == text.lower()


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("40,400", Window(40, 400)),
        (" -600 , 1500.5 , linear", Window(-600, 1500.5)),
        ("0,0.5,linear-exact", Window(0, 0.5, "LINEAR_EXACT")),
        ("1e3,20,SIGMOID", Window(1000, 20, "SIGMOID")),
    ],
)
def test_windows(text: str, window: Window) -> None:
    assert read_options({"window": text}).window == window


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("return_format", "bmp"),
        ("window", "40"),
        ("window", "a,b"),
        ("window", "40,0"),
        ("window", "40,400,cubic"),
        ("window", "40,400,linear,1"),
        ("window", "nan,inf"),
        ("window", "40,-1,sigmoid"),
        ("viewport", "100"),
        ("viewport", "0,100"),
        ("viewport", "100,99999"),
        ("viewport", "1.5,2"),
        ("viewport", "-1,2"),
        ("quality", "0"),
        ("quality", "101"),
        ("quality", "high"),
        ("quality", "٣"),
        ("overlays", "yes"),
        ("animation", "true"),
        ("frames", "0"),
        ("frames", "3-2"),
        ("frames", "1,,2"),
        ("frames", "1-2-3"),
        ("frames", "99999999999999999999"),
    ],
)
def test_what_is_not_valid_is_named(name: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_options({name: text})
    assert caught.value.fields is not None
    assert list(caught.value.fields) == [name]
    assert name in caught.value.message


def test_many_ranges_of_many_frames() -> None:
    frames = ",".join(f"{first}-400000" for first in range(1, 100_000))  # as many as a form has room for
    assert len(read_options({"frames": frames}).frame_numbers(400_000, Budget())) == 400_000


def test_frame_numbers() -> None:
    assert read_options({"frames": "1,4-7"}).frame_numbers(8, Budget()) == [1, 4, 5, 6, 7]
    assert read_options({}).frame_numbers(3, Budget()) == [1, 2, 3]
    assert read_options({"frames": "4-6,1,2-5,1-2,6"}).frame_numbers(8, Budget()) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(Invalid, match="the file has 6 frames"):
        read_options({"frames": "1,4-7"}).frame_numbers(6, Budget())
    with pytest.raises(Invalid):
        read_options({"frames": "1-999999999"}).frame_numbers(6, Budget())
