"""Puts a new key in place for signing tokens: `python -m ops.rotate_signing_secret --stack NAME`.

Tokens that the key before has signed stay valid, those of the key before that do not. So leave a day, which is how long
refresh tokens live, between two rotations, or rotate twice at once to make everybody log in again. Functions take the
new key up within five minutes. Uses the AWS profile and region of the environment.
"""

import argparse
import secrets
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops import stack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.rotate_signing_secret", description="Rotate the signing key.")
    parser.add_argument("--stack", required=True, help="the stack's name in CloudFormation")
    arguments = parser.parse_args()
    try:
        secret = stack.output(arguments.stack, "SigningSecret")
        boto3.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=secrets.token_urlsafe(48))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.stdout.write("A new key signs tokens within five minutes. Leave a day before the next rotation.\n")


if __name__ == "__main__":
    main()
