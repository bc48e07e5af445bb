"""Accounts: who may log in, with which password."""

import os
import uuid

import email_validator
from email_validator import EmailNotValidError
from pynamodb.attributes import UnicodeAttribute

import idempotency
from identity import login_attempts, passwords
from problems import Conflict, Invalid, NotAllowed, NotAuthenticated
from tables import Table

# No mail is sent, so an address under .test or .local is as good as any.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


class Account(Table):
    class Meta(Table.Meta):
        environment_variable = "ACCOUNTS_TABLE"

    email = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    nonce_mark = UnicodeAttribute(null=True)  # of the attempt that made it


def register(email: str, password: str, nonce: bytes | None = None) -> str:
    """`create_account` for everybody. Raises NotAllowed if the operator has turned that off."""
    if os.environ["SELF_REGISTRATION"] != "true":
        raise NotAllowed("Registration is closed here: ask the operator of this service for an account.")
    return create_account(email, password, nonce)


def create_account(email: str, password: str, nonce: bytes | None = None) -> str:
    """Makes an account and gives its e-mail address, normalised. May be repeated with the same `nonce`.

    Raises Invalid, Conflict if the address is taken, or KeyReused if it was repeated with another password.
    """
    fields = {}
    try:
        address = normalise(email)
    except EmailNotValidError:
        fields["email"] = "It must be an e-mail address, such as name@example.com."
    if not passwords.MIN_CHARACTERS <= len(password) <= passwords.MAX_CHARACTERS:
        fields["password"] = f"It must have {passwords.MIN_CHARACTERS} to {passwords.MAX_CHARACTERS} characters."
    if fields:
        raise Invalid(f"Send a valid {' and a valid '.join(fields)}.", fields=fields)
    account = Account(
        address,
        user_id=uuid.uuid4().hex,
        password_hash=passwords.hash_password(password),
        nonce_mark=idempotency.mark(nonce or idempotency.new_nonce()),
    )
    there = account.save_or_get(Account.email.does_not_exist())
    if there.nonce_mark != account.nonce_mark:
        raise Conflict("There is an account with this e-mail address already: log in, or take another address.")
    if there is not account and not passwords.verify(password, there.password_hash):
        raise idempotency.key_reused()
    return address


def authenticate(email: str, password: str) -> str:
    """The user id of the account. Raises NotAuthenticated, the same for a wrong e-mail address and a wrong password
    and after the same time, or TooMany."""
    account = _account_to_try(email)
    right = passwords.verify(password, account.password_hash if account else passwords.NOBODYS_HASH)
    if account is None or not right:
        raise NotAuthenticated("The e-mail address or the password is wrong: check both and try again.")
    if passwords.outdated(account.password_hash):
        account.update_if(
            Account.password_hash == account.password_hash,
            [Account.password_hash.set(passwords.hash_password(password))],
        )
    login_attempts.forget(account.email)
    return account.user_id


def normalise(email: str) -> str:
    """The one form of an e-mail address, in lower case, by which its account is found. Raises EmailNotValidError."""
    # Lower case comes first, as it can undo the normal form (NFC) that validation gives.
    return email_validator.validate_email(email.lower(), check_deliverability=False).normalized


def _account_to_try(email: str) -> Account | None:
    try:
        address = normalise(email)
    except EmailNotValidError:
        return None
    login_attempts.count(address)
    try:
        return Account.get(address, consistent_read=True)
    except Account.DoesNotExist:
        return None
