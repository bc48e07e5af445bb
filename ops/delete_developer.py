"""Deletes an account with its profile, API keys and usage: `python -m ops.delete_developer EMAIL --stack NAME`.

Its keys are refused at once. Uses the AWS profile and region of the environment.
"""

import sys
import time

from identity import account_table, accounts
from identity.account_table import Account
from identity.api_keys import ApiKey
from identity.developers import Developer
from identity.login_attempts import LoginAttempts
from identity.sessions import Session
from metering.usage import Usage
from ops import command
from problems import NotFound

TABLES = {
    "ACCOUNTS_TABLE": "AccountsTable",
    "API_KEYS_TABLE": "ApiKeysTable",
    "DEVELOPERS_TABLE": "DevelopersTable",
    "LOGIN_ATTEMPTS_TABLE": "LoginAttemptsTable",
    "SESSIONS_TABLE": "SessionsTable",
    "USAGE_TABLE": "UsageTable",
}
# How long no profile can be created under the user id: much longer than an access token is valid.
GONE_SECONDS = 24 * 60 * 60


def main() -> None:
    arguments = command.arguments("delete_developer", "Delete a developer's data.", "email")
    with command.on(arguments.stack, **TABLES):
        user_id = _delete(arguments.email)
    sys.stdout.write(f"Deleted {arguments.email}, who is {user_id} in the logs.\n")


def _delete(email: str) -> str:
    """Deletes the developer and returns the user id. It can be repeated after a failure, as the account is deleted
    last.

    After the first step nobody can log in or refresh. After the second no key can be created, so the third deletes all
    keys.
    """
    account = account_table.find(accounts.close(email))
    if account is None:
        raise NotFound("There is no account with this e-mail address any more.")
    developer = _no_more_keys(account.user_id)
    for held in developer.api_keys.as_dict().values():
        ApiKey(held["prefix"]).delete()
    personal = (Developer.purpose, Developer.organization, Developer.api_keys, Developer.nonce_mark)
    developer.update([attribute.remove() for attribute in personal])
    for month in Usage.query(account.user_id, consistent_read=True):
        month.delete()
    for session in Session.query(account.user_id, consistent_read=True):
        session.delete()
    for counter in LoginAttempts.query(account.email, consistent_read=True):
        counter.delete()
    Account(account.email).delete()
    return account.user_id


def _no_more_keys(user_id: str) -> Developer:
    """Marks the developer as deleted, and returns it with its keys. Creates the item for the mark if there is none."""
    developer = Developer(user_id)
    developer.update([Developer.expires.set(int(time.time()) + GONE_SECONDS)])
    return developer


if __name__ == "__main__":
    main()
