"""The demo account. It is created through the API, so that a successful start proves that the API works."""

import requests

EMAIL = "demo@example.com"
PASSWORD = "demo-password"  # noqa: S105
PATHS = ("/api/register", "/api/token", "/api/developer/profiles", "/api-keys")
SECONDS = 60


class NoDemo(Exception):
    """The account could not be created. The message says at which step."""


def make(url: str) -> dict[str, str]:
    """Registers, logs in, makes a profile and an API key; gives `email`, `password`, `api_key`. Raises NoDemo."""
    register, token, profiles, keys = (f"{url}{path}/" for path in PATHS)
    with requests.Session() as session:
        session.trust_env = False  # no proxy, no .netrc

        def post(address: str, **body: str) -> dict[str, str]:
            answer = session.post(address, json=body, timeout=SECONDS)
            if not answer.ok:
                raise NoDemo(f"POST {address} answered {answer.status_code}: {answer.text}")
            fields: dict[str, str] = answer.json()
            return fields

        post(register, email=EMAIL, password=PASSWORD)
        session.headers["Authorization"] = "Bearer " + post(token, email=EMAIL, password=PASSWORD)["access"]
        post(profiles, purpose="trying it out", organization="Demo")
        return {"email": EMAIL, "password": PASSWORD, "api_key": post(keys, name="demo")["key"]}
