"""What is said of a consumer that is refused (JS-API-041): in the words of nats-server."""

from __future__ import annotations

import pytest

from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import checks
from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.errors import ApiError

LIMITS = configs.Limits(stream_inactive_threshold=90_000_000_000)
SAMPLING = "failed to parse consumer sampling configuration: "
ATOI = SAMPLING + 'strconv.Atoi: parsing "'


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"filter_subject": "a b"}, "invalid subject"),
        ({"filter_subjects": ["a", "b..c"]}, "invalid subject"),
        ({"inactive_threshold": 1 << 62}, "consumer inactive threshold exceeds system limit of 1m30s"),
        ({"sample_freq": "-1"}, SAMPLING + "<nil>"),
        ({"sample_freq": "-5%"}, SAMPLING + "<nil>"),
        ({"sample_freq": "%"}, ATOI + '": invalid syntax'),
        ({"sample_freq": "1e3"}, ATOI + '1e3": invalid syntax'),
        ({"sample_freq": "\u0663"}, ATOI + '\u0663": invalid syntax'),
        ({"sample_freq": "9" * 20}, ATOI + "9" * 20 + '": value out of range'),
        ({"sample_freq": "9" * 5000}, ATOI + "9" * 5000 + '": value out of range'),
    ],
)  # fmt: skip
def test_the_words_of_a_refusal(members, said):
    config = configs.with_defaults(configs.from_json(members), LIMITS, pedantic=False)
    with pytest.raises(ApiError) as caught:
        checks.check(config, StreamConfig("S"), LIMITS)
    assert str(caught.value) == said


@pytest.mark.parametrize("text", ["-0", "+5", "0005%", "0" * 5000])
def test_shares_that_are_taken(text):
    assert checks.bad_sampling(text) is None
    assert checks.sampling(text) in {0, 5}
