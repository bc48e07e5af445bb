"""The API's OpenAPI document: openapi.yaml is written by hand, and build.py makes of it what is served and shown."""
