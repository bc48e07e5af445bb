"""A picture's ICC profile, as the ICC Profile module requires it (PS3.3 C.11.15.1.1)."""

_HEADER = 128  # ICC.1 7.2
_MATRIX_OR_TABLE = (b"scnr", b"mntr", b"spac")  # what these classes must hold is enough for an input profile (ICC.1 8)


def input_profile(profile: object) -> bytes | None:
    """The profile as one of class Input Device; None if it is none of RGB, or broken."""
    if not isinstance(profile, bytes) or len(profile) < _HEADER or profile[36:40] != b"acsp":
        return None
    device_class, colours, connection = profile[12:16], profile[16:20], profile[20:24]
    if (
        int.from_bytes(profile[:4], "big") != len(profile)
        or device_class not in _MATRIX_OR_TABLE
        or colours != b"RGB "
        or connection not in (b"XYZ ", b"Lab ")
    ):
        return None
    # The profile's digest would no longer be right (7.2.18); zeros mean that there is none.
    return profile[:12] + b"scnr" + profile[16:84] + bytes(16) + profile[100:]
