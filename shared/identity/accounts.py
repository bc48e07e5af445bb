"""Accounts: who may log in, with which password."""

import os
import uuid

import email_validator
from email_validator import EmailNotValidError

import idempotency
from identity import account_table, login_attempts, passwords
from identity.account_table import Account
from problems import Conflict, Invalid, NotAllowed, NotAuthenticated, NotFound

MAX_EMAIL_CHARACTERS = 254  # RFC 5321 4.5.3.1.3, without the angle brackets

# No mail is sent, so addresses under .test or .local are accepted.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def register(email: str, password: str, nonce: bytes | None = None) -> str:
    """Creates an account, as `create_account`. Raises NotAllowed if the operator has turned self-registration off."""
    if os.environ["SELF_REGISTRATION"] != "true":
        raise NotAllowed("Registration is closed here: ask the operator of this service for an account.")
    return create_account(email, password, nonce)


def create_account(email: str, password: str, nonce: bytes | None = None) -> str:
    """Creates an account and returns its normalised e-mail address. Can be repeated with the same `nonce`.

    Raises Invalid, Conflict if the address is taken, or KeyReused if it is repeated with another password.
    """
    fields = {}
    try:
        address = normalise(email)
    except EmailNotValidError:
        fields["email"] = (
            f"It must be an e-mail address of at most {MAX_EMAIL_CHARACTERS} characters, such as name@example.com."
        )
    if why := passwords.refusal(password):
        fields["password"] = why
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


def authenticate(email: str, password: str, source: str) -> Account:
    """The account, for a login from the network address `source`.

    Raises TooMany, or NotAuthenticated: with the same message and after the same time for a wrong e-mail address and
    for a wrong password.
    """
    account = _account_to_try(email, source)
    right = passwords.verify(password, account.password_hash if account else passwords.NOBODYS_HASH)
    if account is None or not right:
        raise NotAuthenticated("The e-mail address or the password is wrong: check both and try again.")
    if passwords.outdated(account.password_hash):
        account.update_if(
            Account.password_hash == account.password_hash,
            [Account.password_hash.set(passwords.hash_password(password))],
        )
    login_attempts.succeeded(account.email, source)
    return account


def change_password(email: str, old_password: str, new_password: str, source: str) -> Account:
    """Sets a new password of the account with this normalised e-mail address, and ends all of its sessions.

    A wrong old password counts as an attempt to log in. Raises Invalid or TooMany.
    """
    if why := passwords.refusal(new_password):
        raise Invalid("Send a valid new_password.", fields={"new_password": why})
    account = _account_to_try(email, source)
    if account is None or not passwords.verify(old_password, account.password_hash):
        # If the answer was lost, the retried request finds the new password in place.
        if account is None or not passwords.verify(new_password, account.password_hash):
            raise _wrong_old_password()
    elif not _replace(account, new_password):
        raise _wrong_old_password()
    login_attempts.succeeded(email, source)
    return account


def set_password(email: str, password: str) -> str:
    """Sets a new password without the old one, for an operator. All sessions end.

    Returns the normalised e-mail address. Raises Invalid, or NotFound if there is no such account.
    """
    if why := passwords.refusal(password):
        raise Invalid("Send a valid password.", fields={"password": why})
    return _next_generation(email, password_hash=passwords.hash_password(password))


def end_sessions(email: str) -> str:
    """Ends all sessions of an account.

    Returns the normalised e-mail address. Raises NotFound if there is no such account.
    """
    return _next_generation(email)


def close(email: str) -> str:
    """Prevents any further login to the account, and ends its sessions, before it is deleted.

    Returns the normalised e-mail address. Raises NotFound if there is no such account.
    """
    return _next_generation(email, password_hash=passwords.NOBODYS_HASH)


def normalise(email: str) -> str:
    """The normalised form of an e-mail address, in lower case: the account's key. Raises EmailNotValidError."""
    if len(email) > MAX_EMAIL_CHARACTERS:  # checked first, as normalising takes quadratic time
        raise EmailNotValidError(
            f"The email address is too long: it must have at most {MAX_EMAIL_CHARACTERS} characters."
        )
    # Lower case comes first, as it can break the normal form (NFC) that validation produces.
    return email_validator.validate_email(email.lower(), check_deliverability=False).normalized


def _account_to_try(email: str, source: str) -> Account | None:
    try:
        address = normalise(email)
    except EmailNotValidError:
        return None
    login_attempts.count_attempt(address, source)
    return account_table.find(address)


def _replace(account: Account, password: str) -> bool:
    """Whether the verified password was still the account's."""
    password_hash = passwords.hash_password(password)
    changed = account.update_if(
        Account.password_hash == account.password_hash,
        [Account.password_hash.set(password_hash), Account.generation.add(1)],
    )
    if not changed:
        # If the SDK retried a write whose answer was lost, the write has been done already.
        now = account_table.find(account.email)
        return now is not None and now.password_hash == password_hash
    return True


def _next_generation(email: str, **changes: str) -> str:
    try:
        account = Account(normalise(email))
    except EmailNotValidError:
        raise _no_account() from None
    actions = [Account.generation.add(1), *(getattr(Account, name).set(value) for name, value in changes.items())]
    if not account.update_if(Account.email.exists(), actions):
        raise _no_account()
    return account.email


def _no_account() -> NotFound:
    return NotFound("There is no account with this e-mail address.")


def _wrong_old_password() -> Invalid:
    return Invalid(
        "The old password is wrong: send the one that you log in with.",
        fields={"old_password": "It is not the password of your account."},
    )
