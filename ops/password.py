"""Sets a new password of an account and ends all of its sessions: `python -m ops.password EMAIL --stack NAME`.

The password is asked for, or read from standard input if that is not a terminal. API keys stay valid. Uses the AWS
profile and region of the environment.
"""

import sys

from identity import accounts
from ops import command


def main() -> None:
    arguments = command.arguments("password", "Set an account's password.", "email")
    with command.on(arguments.stack, ACCOUNTS_TABLE="AccountsTable"):
        address = accounts.set_password(arguments.email, command.new_password())
    sys.stdout.write(f"The account {address} has the new password, and its sessions have ended.\n")


if __name__ == "__main__":
    main()
