"""Deletes an account with its profile, API keys and usage: `python -m ops.delete_developer EMAIL --stack NAME`.

Its keys are refused at once. Uses the AWS profile and region of the environment.
"""

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError
from email_validator import EmailNotValidError

from identity.accounts import Account, normalise
from identity.api_keys import ApiKey
from identity.developers import Developer
from identity.login_attempts import LoginAttempts
from metering.usage import Usage
from ops import stack

TABLES = {
    "ACCOUNTS_TABLE": "AccountsTable",
    "API_KEYS_TABLE": "ApiKeysTable",
    "DEVELOPERS_TABLE": "DevelopersTable",
    "LOGIN_ATTEMPTS_TABLE": "LoginAttemptsTable",
    "USAGE_TABLE": "UsageTable",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.delete_developer", description="Delete a developer's data.")
    parser.add_argument("email")
    parser.add_argument("--stack", required=True, help="the stack's name in CloudFormation")
    arguments = parser.parse_args()
    try:
        os.environ |= {name: stack.resource(arguments.stack, table) for name, table in TABLES.items()}
        user_id = _delete(normalise(arguments.email))
    except (EmailNotValidError, Account.DoesNotExist):
        sys.exit(f"There is no account {arguments.email}.")
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.stdout.write(f"Deleted {arguments.email}, who is {user_id} in the logs.\n")


def _delete(email: str) -> str:
    """The user id. If it fails on the way it can be done again: the account goes last."""
    account = Account.get(email, consistent_read=True)
    for developer in Developer.query(account.user_id, consistent_read=True):
        for held in developer.api_keys.as_dict().values():
            ApiKey(held["prefix"]).delete()
        developer.delete()
    for month in Usage.query(account.user_id, consistent_read=True):
        month.delete()
    LoginAttempts(email).delete()
    account.delete()
    return account.user_id


if __name__ == "__main__":
    main()
