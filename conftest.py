"""For every test: a slow machine is no failure, and a failing example can be repeated."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")
