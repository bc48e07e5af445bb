"""Ends all sessions of an account: `python -m ops.end_sessions EMAIL --stack NAME`.

Its password and its API keys stay valid, and so do its access tokens, for at most 15 minutes. Uses the AWS profile and
region of the environment.
"""

import sys

from identity import accounts
from ops import command


def main() -> None:
    arguments = command.arguments("end_sessions", "End all sessions of an account.", "email")
    with command.on(arguments.stack, ACCOUNTS_TABLE="AccountsTable"):
        address = accounts.end_sessions(arguments.email)
    sys.stdout.write(f"All sessions of {address} have ended.\n")


if __name__ == "__main__":
    main()
