"""The layers are small enough for Lambda, and compiled for its Python."""

from layers.sizes import MOST, sizes, table
from tests.build.conftest import BUILT, Built


def test_a_function_and_its_layers_take_less_than_half_of_the_room() -> None:
    alone, together = sizes(BUILT)
    assert alone.keys() - together.keys() == {"CoreLayer", "ImagingLayer"}
    assert together["ReadFunction"] == alone["ReadFunction"] + alone["CoreLayer"] + alone["ImagingLayer"]
    assert together["TokenFunction"] == alone["TokenFunction"] + alone["CoreLayer"]
    assert max(together.values()) < MOST / 2, table(alone, together)


def test_all_code_is_compiled_for_lambdas_python_which_takes_it_unseen(built: Built) -> None:
    told = built.run("bytecode.py", *built.layers, given=b"").decode().splitlines()
    assert len(told) > 500
    assert {line for line in told if not line.endswith(": good")} == set()
