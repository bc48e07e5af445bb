"""What may be logged of a defect of ours."""

import traceback


def places(error: BaseException) -> list[str]:
    """Where in the code it passed, outermost first. Its message is no part of it, which can quote a DICOM value."""
    return [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
