"""Whatever happens to a call to AWS, clients get the right answer or an honest error, and can repeat the request."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tally
from identity import signing_keys
from imaging.answers import planning
from staging import messages, objects
from tables import CONNECTION
from tests.integration import scenarios
from tests.integration.conftest import emulated
from tests.integration.faults import CUT, KINDS, LOST, TIMEOUT, Fault, Faults, Injector, injected
from tests.integration.scenarios import SCENARIOS, Answer, Run, Scenario
from tests.integration.template import resources
from web import delivery

Begin = Callable[[Scenario, Fault | None], tuple[Run, Faults]]


def worth_trying(calls: list[str]) -> Iterator[tuple[int, str]]:
    """The calls with their numbers. Of equal calls in a row, only the first and the last."""
    for number, name in enumerate(calls):
        if not calls[number - 1 : number] == [name] == calls[number + 1 : number + 2]:
            yield number, name


def kinds_for(name: str) -> Iterator[tuple[str, bool]]:
    """The kinds of faults to try on a call, with whether they last for ever."""
    for kind in KINDS:
        # A call that only reads changes nothing, so a lost answer is the same as a lost request.
        if kind != TIMEOUT or not name.startswith(("Get", "Describe")):
            yield kind, True
    yield LOST, False  # stands for all faults after which the SDK retries a call that is done already
    if name == "GetObject":
        yield CUT, True
        yield CUT, False


CASES = [
    pytest.param(
        scenario,
        Fault(call, kind, for_ever),
        id=f"{scenario.name}, {call} {name}, {kind}, {'for ever' if for_ever else 'once'}",
    )
    for scenario in SCENARIOS
    for call, name in worth_trying(scenario.calls)
    for kind, for_ever in kinds_for(name)
]


@pytest.fixture(scope="module")
def injector() -> Iterator[Injector]:
    """One emulated AWS for all of these tests, as creating it takes longer than most of them."""
    with pytest.MonkeyPatch.context() as monkeypatch, emulated(monkeypatch), injected(monkeypatch) as injector:
        monkeypatch.setattr(planning, "PART_BYTES", 400)  # a frame
        yield injector


@pytest.fixture
def begin(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """A run of a scenario in a cold function, with faults to come."""

    def begun(scenario: Scenario, fault: Fault | None = None) -> tuple[Run, Faults]:
        injector.begin()
        scenarios.clear()
        run = scenario.begin()
        if scenario.variant == "large":
            monkeypatch.setattr(delivery, "MAX_BODY_CHARACTERS", 10)
        monkeypatch.setattr(signing_keys, "_cache", signing_keys._Cache())
        return run, injector.begin(fault)

    return begun


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the names of all metrics that are counted from now on."""
    names: list[str] = []
    add = tally.add

    def added(name: str, number: float = 1) -> None:
        names.append(name)
        add(name, number)

    monkeypatch.setattr(tally, "add", added)
    return names


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_calls_of_a_successful_run(scenario: Scenario, begin: Begin) -> None:
    run, faults = begin(scenario, None)
    answer = run.send()
    assert (answer.status, faults.calls, faults.late_reads) == (scenario.status, scenario.calls, [])
    run.check([answer], faults)


def test_every_function_has_a_scenario() -> None:
    calling = {
        Path(function["CodeUri"]).name
        for function in resources("AWS::Serverless::Function").values()
        if function.get("Policies")
    }
    assert calling <= {scenario.function for scenario in SCENARIOS}, (
        "Give it a scenario in tests/integration/scenarios.py."
    )


@pytest.mark.parametrize(("scenario", "fault"), CASES)
def test_a_fault(scenario: Scenario, fault: Fault, begin: Begin, told: list[str]) -> None:
    run, faults = begin(scenario, fault)
    answers = [run.send()]
    if (fault.for_ever or fault.kind == CUT) and answers[0].status != scenario.status:
        assert_honest(answers[0])
        faults.lift()
        answers.append(run.send())
    faults.lift()
    assert answers[-1].status in {scenario.status, *(run.again if len(answers) > 1 else ())}
    assert "Defects" not in told
    assert faults.late_reads == []
    run.check(answers, faults)


@pytest.mark.usefixtures("injector")
@pytest.mark.parametrize("client", [lambda: CONNECTION.client, objects.client, messages.client, signing_keys.client])
def test_a_service_that_is_not_reached_is_given_up_in_time_for_an_answer(client: Callable[[], Any]) -> None:
    config = client().meta.config
    assert config.retries["mode"] == "standard"
    assert config.connect_timeout * config.retries["total_max_attempts"] <= 7  # of the 10 seconds that functions have


def assert_honest(answer: Answer) -> None:
    """Asserts that the answer says what to do about a failure that is not the client's."""
    assert answer.status in {429, 503}
    assert answer.body["error"]
