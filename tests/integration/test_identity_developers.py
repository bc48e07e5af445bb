"""Developer profiles, against DynamoDB."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException
from moto.dynamodb.responses import DynamoHandler

from identity import api_keys, developers
from problems import Conflict, Invalid, NotAllowed, NotFound

pytestmark = pytest.mark.usefixtures("aws")

PROFILE = {"purpose": "testing", "organization": "My Organization"}


def test_a_profile_is_read_as_it_was_made() -> None:
    assert developers.create_profile("ann", **PROFILE) == PROFILE
    assert developers.get_profile("ann") == PROFILE


def test_a_second_profile_changes_nothing() -> None:
    developers.create_profile("ann", **PROFILE)
    api_keys.create("ann", "first")
    with pytest.raises(Conflict):
        developers.create_profile("ann", "another", "another")
    assert developers.get_profile("ann") == PROFILE
    assert len(api_keys.list_for("ann")) == 1


def test_a_profile_that_appears_while_another_is_made_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    developers.create_profile("ann", **PROFILE)
    with monkeypatch.context() as before:
        before.setattr(developers, "_find", lambda _: None)
        with pytest.raises(Conflict):
            developers.create_profile("ann", "another", "another")
    assert developers.get_profile("ann") == PROFILE


def test_a_profile_that_a_transaction_is_changing_is_not_put(monkeypatch: pytest.MonkeyPatch) -> None:
    developers.create_profile("ann", **PROFILE)

    def conflict(_: DynamoHandler) -> None:
        raise DynamodbException(ERROR_TYPE_PREFIX + "TransactionConflictException", "A transaction is in progress.")

    monkeypatch.setattr(DynamoHandler, "put_item", conflict)
    with pytest.raises(Conflict):
        developers.create_profile("ann", "another", "another")


def test_of_parallel_profiles_one_wins() -> None:
    developers.create_profile("bob", **PROFILE)  # creates the AWS client first

    def create(number: int) -> int | None:
        try:
            developers.create_profile("ann", f"purpose {number}", "organization")
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(8)) if number is not None]
    assert len(winners) == 1
    assert developers.get_profile("ann")["purpose"] == f"purpose {winners[0]}"


@pytest.mark.parametrize("text", ["x", "x" * 500, "🩻" * 500, " with spaces \n and lines ", "\0"])
def test_texts_are_kept_to_the_letter(text: str) -> None:
    profile = {"purpose": text, "organization": text}
    assert developers.create_profile("ann", **profile) == profile
    assert developers.get_profile("ann") == profile


@pytest.mark.parametrize("text", ["", " ", "\t\n\u3000", "x" * 501])
@pytest.mark.parametrize("field", ["purpose", "organization"])
def test_a_blank_or_long_text_is_invalid(field: str, text: str) -> None:
    with pytest.raises(Invalid) as problem:
        developers.create_profile("ann", **{**PROFILE, field: text})
    assert set(problem.value.fields or {}) == {field}
    with pytest.raises(NotFound):
        developers.get_profile("ann")


def test_every_field_says_what_is_wrong_with_it() -> None:
    with pytest.raises(Invalid) as problem:
        developers.create_profile("ann", "", "x" * 501)
    assert problem.value.fields == {
        "purpose": "It must not be blank.",
        "organization": "It must have at most 500 characters.",
    }


def test_who_needs_a_profile_is_told_how_to_make_it() -> None:
    developers.create_profile("bob", **PROFILE)
    with pytest.raises(NotAllowed, match="POST /api/developer/profiles/"):
        developers.require_developer("ann")
    assert developers.require_developer("bob").user_id == "bob"
