"""Bytes of logs that CloudWatch takes in: functions' own lines are measured, these are Lambda's and the gateway's."""

import re

from bench.cost.assumptions import LOG_EVENT

ID = "00000000-0000-4000-8000-000000000000"
TRACE = (
    '{"spanId":"0123456789abcdef","type":"X-Amzn-Trace-Id","value":'
    '"Root=1-65a0f5c0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1;Lineage=1:01234567:0"}'
)
# As Lambda's guide shows them ("Log and monitor Python functions", JSON), with what a function of ours would have.
START = (
    f'{{"time":"2026-11-22T12:00:00.000Z","type":"platform.start","record":{{"requestId":"{ID}","functionArn":'
    f'"arn:aws:lambda:us-east-1:123456789012:function:dicom-api-ReadFunction-0123456789ab","version":"12","tracing":{TRACE}}}}}'
)
REPORT = (
    f'{{"time":"2026-11-22T12:00:00.000Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":18.123,'
    f'"billedDurationMs":19,"memorySizeMB":1769,"maxMemoryUsedMB":140}},"tracing":{TRACE},"status":"success"}}}}'
)
LAMBDA = len(START) + len(REPORT) + 2 * LOG_EVENT
CONTEXT = {"requestId": ID, "integration.requestId": ID, "requestTime": "22/Nov/2026:12:00:00 +0000"}


def access(form: str) -> int:
    """Of a line of the gateway's access log, by the template's format."""
    line = re.sub(r"\$context\.([\w.]+)", lambda found: CONTEXT.get(found[1], "/api/dicom"), form)
    return len(line) + LOG_EVENT
