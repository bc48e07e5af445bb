"""What was not measured, each with where it comes from."""

# Milliseconds until AWS answers. DynamoDB: "single-digit millisecond", the middle of it (DynamoDB's guide, "What is
# Amazon DynamoDB"). S3: "roughly 100-200 milliseconds" (S3's guide, "Performance design patterns"). SQS: nothing is
# published, "tens of milliseconds" are said.
ANSWERS_AFTER = {"dynamodb": 5, "s3": 100, "sqs": 20, "secretsmanager": 10}
# One S3 request carries 85 to 90 MB/s (S3's guide, "Performance guidelines"); the network of a small function less.
BYTES_A_MILLISECOND = 70_000

COLD = 0.01  # of the invocations; "under 1%" (AWS Compute Blog, "AWS Lambda standardizes billing for INIT phase")
POLLS = 2  # of an upload's status, as Retry-After has it for some seconds' work
STORED_DAYS = 1.5  # the lifecycle rule acts at the next midnight after a day
HEADERS = 600  # bytes of an answer that are not its body
LOG_EVENT = 26  # bytes that CloudWatch Logs counts for each event besides it (CloudWatch Logs' guide, PutLogEvents)
DAYS = 30
