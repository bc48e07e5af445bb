"""The portal and the JavaScript client offer what the API takes, under the same names."""

import re
from pathlib import Path

from imaging.conversion.targets import TARGETS, may_lose
from imaging.deidentification.profile_options import PROFILE_OPTIONS, option_name

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "functions/site/assets"


def pairs_in(script: str, begin: str, end: str) -> list[tuple[str, str]]:
    """The first two texts of each array in a part of a script."""
    part = script[script.index(begin) :]
    return re.findall(r'\[\s*"([^"]+)",\s*"([^"]+)"', part[: part.index(end)])


def test_the_options_of_the_profile_have_the_names_of_the_standard() -> None:
    shown = pairs_in((ASSETS / "deidentifier.js").read_text(), "const OPTIONS", "];")
    assert {name for name, _ in shown} == set(PROFILE_OPTIONS)
    assert [(name, option_name(title)) for name, title in shown] == [(name, name) for name, _ in shown]


def test_every_transfer_syntax_that_is_written_can_be_chosen() -> None:
    script = (ASSETS / "converter.js").read_text()
    with_loss = {name for name, _ in pairs_in(script, "const WITH_LOSS", "];")}
    others = {name for name, _ in pairs_in(script, "const SYNTAXES", "\n];")}
    assert with_loss | others == set(TARGETS)
    assert with_loss == {name for name, uid in TARGETS.items() if may_lose(uid)}


def test_the_javascript_clients_types_know_every_option() -> None:
    types = (ROOT / "client-js/dicom-api.d.ts").read_text()
    part = types[types.index("export type ProfileOption") :]
    assert set(re.findall(r'"([^"]+)"', part[: part.index(";")])) == set(PROFILE_OPTIONS)
