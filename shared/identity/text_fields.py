"""Texts that a developer enters, such as the name of a key."""

from problems import Invalid


def check(max_characters: int, **texts: str) -> None:
    """Raises Invalid naming each text that is blank or too long."""
    fields = {}
    for name, text in texts.items():
        if len(text) > max_characters:
            fields[name] = f"It must have at most {max_characters} characters."
        elif not text.strip():
            fields[name] = "It must not be blank."
    if fields:
        raise Invalid(f"Send {' and '.join(fields)} with 1 to {max_characters} characters.", fields=fields)
