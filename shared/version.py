"""The API's version, by semantic versioning: CHANGELOG.md says what each one changed."""

VERSION = "1.0.0"
