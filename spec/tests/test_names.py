"""Names of streams and consumers."""

import pytest

from nats_spec import names


@pytest.mark.parametrize(
    "name", ["a", "ORDERS", "$x", "-", "a b".replace(" ", "\u00a0"), "\u00fc", "x" * 300]
)
def test_a_name(name):
    assert names.valid(name)


@pytest.mark.parametrize("letter", " \t\r\n\f.*>/\\")
def test_no_name(letter):
    assert not names.valid(letter)
    for name in (f"a{letter}", f"{letter}a", f"a{letter}b"):
        assert not names.valid(name)


def test_nothing_is_no_name():
    assert not names.valid("")
