"""The largest requests and answers, in bytes. tests/unit/test_direct_limits.py holds clients and documents to them."""

REQUEST = 10 * 1024 * 1024  # of a body at API Gateway
EVENT = 6 * 1024 * 1024  # of an invocation of Lambda, with the body in base64
RESPONSE = 6_291_556  # of a function's answer
DIRECT_FILE = 4_400_000  # of a file, with room for the rest of its form: what people are told
