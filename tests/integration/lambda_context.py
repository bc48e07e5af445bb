"""Lambda's context object, as handlers see it (the second argument)."""

from types import SimpleNamespace

CONTEXT = SimpleNamespace(
    function_name="function",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:function",
    memory_limit_in_mb=512,
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 29_000,
)
