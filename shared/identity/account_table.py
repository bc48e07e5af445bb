"""The table of accounts. It is separate from `accounts`, as a refresh reads it and needs no Argon2."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from tables import Table


class Account(Table):
    class Meta(Table.Meta):
        environment_variable = "ACCOUNTS_TABLE"

    email = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    nonce_mark = UnicodeAttribute(null=True)  # of the attempt that made it
    # A session belongs to one generation. A new password starts the next one, which ends all sessions at once.
    generation = NumberAttribute(default=0)


def find(email: str) -> Account | None:
    """The account of a normalised e-mail address, read consistently."""
    try:
        return Account.get(email, consistent_read=True)
    except Account.DoesNotExist:
        return None
