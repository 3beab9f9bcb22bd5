"""For every test: a slow machine is no failure, a failing example can be repeated; an INFO."""

import signal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

# A shell has what runs in its background ignore this, and what that starts inherits it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def info_fields() -> dict[str, Any]:
    """The members of an INFO that fits its schema, none that may be missing."""
    return {
        "server_id": "N" + "A" * 55,
        "server_name": "zed",
        "version": "2.15.1",
        "proto": 1,
        "go": "go1.27.2",
        "host": "127.0.0.1",
        "port": 4222,
        "headers": True,
        "max_payload": 1048576,
        "client_id": 5,
    }
