"""Puts a new key in place for signing tokens: `python -m ops.rotate_signing_secret --stack NAME`.

Starts what the schedule does each month (functions/rotate_signing_secret). Nobody is logged out, as the key before
stays valid, and a second rotation within a day is refused: docs/security.md says how to do without. Uses the AWS
profile and region of the environment.
"""

import sys

import boto3

from ops import command, stack


def main() -> None:
    arguments = command.arguments("rotate_signing_secret", "Rotate the signing key.")
    with command.on(arguments.stack):
        boto3.client("secretsmanager").rotate_secret(SecretId=stack.resource(arguments.stack, "SigningSecret"))
    sys.stdout.write("The rotation is on its way: a new key signs tokens within five minutes.\n")


if __name__ == "__main__":
    main()
