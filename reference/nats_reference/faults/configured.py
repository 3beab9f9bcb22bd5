"""Ways to change what a consumer's configuration becomes, for faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.faults import Patch
    from nats_reference.jetstream.consumer.config import ConsumerConfig

CONFIG = "nats_reference.jetstream.consumer.config"


def configured(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of a configuration
    """Have `change` look at each configuration when its defaults are in."""
    wrap(
        patch,
        f"{CONFIG}:with_defaults",
        lambda decide, *arguments, **named: change(decide(*arguments, **named)),
    )


def refused_if(patch: Patch, condition: Any) -> None:  # noqa: ANN401 - a function of a configuration
    """Have configurations refused for which `condition` holds."""

    def strict(config: ConsumerConfig) -> ConsumerConfig:
        from nats_reference.jetstream.errors import ApiError  # noqa: PLC0415 - a fault is seldom installed

        if condition(config):
            raise ApiError(10049, err="refused")
        return config

    configured(patch, strict)
