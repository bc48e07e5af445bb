"""What stands for a UID, an identifier or a patient's time, by a key: the same in every file, and stored nowhere."""

import base64
import hmac

MAX_DAYS = 3650
CODE_BYTES = 10  # as base32 these are 16 characters, which fit every VR for text (PS3.5 6.2)


class Pseudonyms:
    """Pseudonyms by HMAC-SHA-256, which nobody can undo, nor try values for, without the key.

    Each kind has a domain of its own, so that none tells anything about another.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def uid(self, uid: str) -> str:
        """A UID of 128 bits, in the form that needs no registration (PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16])}"

    def code(self, identifier: str) -> str:
        """16 capital letters and digits."""
        return base64.b32encode(self._digest("identifier", identifier)[:CODE_BYTES]).decode()

    def name(self, person: str) -> str:
        """The code as a family name. Without the delimiter it might be a whole name in a form that is retired."""
        return f"{self.code(person)}^"

    def days(self, patient: str) -> int:
        """The days by which all dates of a patient move: up to ten years back."""
        return -1 - int.from_bytes(self._digest("date", patient)[:8]) % MAX_DAYS

    def _digest(self, domain: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{domain}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
