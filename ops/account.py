"""Makes an account, also where self-registration is off: `python -m ops.account EMAIL --stack NAME`.

The password is asked for, or read from standard input if that is not a terminal. Uses the AWS profile and region of
the environment.
"""

import argparse
import getpass
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from identity import accounts
from ops import stack
from problems import Problem


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.account", description="Make an account.")
    parser.add_argument("email")
    parser.add_argument("--stack", required=True, help="the stack's name in CloudFormation")
    arguments = parser.parse_args()
    try:
        os.environ["ACCOUNTS_TABLE"] = stack.output(arguments.stack, "AccountsTable")
        address = accounts.create_account(arguments.email, _password())
    except Problem as problem:
        sys.exit("\n".join([problem.message, *(f"{name}: {why}" for name, why in (problem.fields or {}).items())]))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.stdout.write(f"Made the account {address}.\n")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        sys.exit("The two passwords differ: nothing was made.")
    return password


if __name__ == "__main__":
    main()
