"""The Authorization header of a request."""

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

import telemetry
from problems import NotAuthenticated
from web import credentials


def given(authorization: str | None, scheme: str = "ApiKey") -> str:
    """The credentials that are found in the header."""
    headers = {} if authorization is None else {"authorization": authorization}
    return credentials.user_id_of(APIGatewayProxyEvent({"headers": headers}), scheme, "a key", lambda found: found)


@pytest.mark.parametrize("header", ["ApiKey k.e", "apikey k.e", "APIKEY k.e", " ApiKey   k.e  ", "aPiKeY\u0020k.e"])
def test_the_scheme_is_of_any_case(header: str) -> None:
    assert given(header) == "k.e"
    assert given("bearer a.b.c", "Bearer") == "a.b.c"


def test_who_it_is_is_in_the_lines_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str] = {}
    monkeypatch.setattr(telemetry, "add", told.update)
    given("ApiKey ann")
    assert told == {"developer": "ann"}


@pytest.mark.parametrize(
    "header", [None, "", "ApiKey", "ApiKey ", "ApiKeyk.e", "Bearer k.e", "k.e ApiKey", "Api Key k.e"]
)
def test_what_is_no_such_credentials_asks_for_them(header: str | None) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        given(header)
    assert refusal.value.message == "Send a key in the header Authorization: ApiKey <…>."
    assert refusal.value.scheme == "ApiKey"
