"""Creates an account, even if self-registration is off: `python -m ops.account EMAIL --stack NAME`.

The password is asked for, or read from standard input if that is not a terminal. Uses the AWS profile and region of
the environment.
"""

import sys

from identity import accounts
from ops import command


def main() -> None:
    arguments = command.arguments("account", "Make an account.", "email")
    with command.on(arguments.stack, ACCOUNTS_TABLE="AccountsTable"):
        address = accounts.create_account(arguments.email, command.new_password())
    sys.stdout.write(f"Made the account {address}.\n")


if __name__ == "__main__":
    main()
