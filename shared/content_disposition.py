"""The Content-Disposition header of a file to download (RFC 6266)."""

from urllib.parse import quote

from problems import not_valid

MAX_NAME_CHARACTERS = 200


def attachment(name: str, extension: str) -> str:
    """`attachment; filename="<name>.<extension>"`, with the UTF-8 form beside it where ASCII can't say the name.

    Raises Invalid if the name is empty, too long, or could lead out of the folder it is saved in.
    """
    bare = name.removesuffix(f".{extension}")
    if not bare.strip(". ") or len(bare) > MAX_NAME_CHARACTERS or "/" in bare or "\\" in bare or not bare.isprintable():
        why = f"Send a name of 1 to {MAX_NAME_CHARACTERS} printable characters, without slashes and without extension."
        raise not_valid("file_name", why)
    full = f"{bare}.{extension}"
    ascii_name = full.encode("ascii", "replace").decode().replace('"', '\\"')
    if full.isascii():
        return f'attachment; filename="{ascii_name}"'
    return f"attachment; filename=\"{ascii_name.replace('?', '_')}\"; filename*=UTF-8''{quote(full, safe='')}"
