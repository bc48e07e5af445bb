"""The table of accounts. Apart from `accounts`, as a refresh reads it and has no use for Argon2."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from tables import Table


class Account(Table):
    class Meta(Table.Meta):
        environment_variable = "ACCOUNTS_TABLE"

    email = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    nonce_mark = UnicodeAttribute(null=True)  # of the attempt that made it
    # A session is of one generation. The next one ends all sessions at once, in the same write as a new password.
    generation = NumberAttribute(default=0)


def find(email: str) -> Account | None:
    """The account of a normalised e-mail address, as of now."""
    try:
        return Account.get(email, consistent_read=True)
    except Account.DoesNotExist:
        return None
