"""Rotates the key that signs tokens: `python -m ops.rotate_signing_secret --stack NAME`.

Starts the monthly rotation now (functions/rotate_signing_secret). Nobody is logged out, as the previous key stays
valid. A second rotation within a day is refused; docs/security.md says what to do then. Uses the AWS
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
