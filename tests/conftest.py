"""For all tests: properties are tried without a clock, since a busy machine is not a failure."""

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
