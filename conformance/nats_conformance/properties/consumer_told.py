"""What CONSUMER.INFO may say of a consumer of the consumer machine at rest, by its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_spec.model import consumer as fold

if TYPE_CHECKING:
    from nats_conformance.properties.consumer_watch import Watched


def differs(
    watched: Watched, expected: fold.Consumer, answer: dict[str, Any], release: tuple[int, ...]
) -> str:
    """The first thing that INFO says otherwise; empty if there is none."""
    if "error" in answer:
        return str(answer["error"])
    delivered, floor = answer["delivered"], answer["ack_floor"]
    floors = expected.floor
    # A consumer may also tell up to where it has looked in vain (JS-DLV-018).
    behind = next(fold.ahead(expected, watched.held.model), watched.held.model.last + 1) - 1
    reach = max(behind, expected.delivered_stream[-1])
    loose = release < (2, 14) or (expected.config.ack is fold.Ack.ALL and expected.behind)
    least = len(expected.outstanding)
    # What is exhausted and no request has come upon since may be counted (JS-RDL-011).
    candidates = watched.unnoticed.keys() & expected.exhausted.keys()
    unnoticed = 0 if watched.open else min(watched.uncertain, len(candidates))
    checks = (
        ("delivered consumer_seq", delivered["consumer_seq"], [expected.delivered[0]]),
        ("delivered stream_seq", delivered["stream_seq"], _range(expected.delivered[1], reach)),
        (
            "ack_floor consumer_seq",
            floor["consumer_seq"],
            _range(0 if loose else floors[0][0], floors[0][-1]),
        ),
        (
            "ack_floor stream_seq",
            floor["stream_seq"],
            _range(
                0 if loose else floors[1][0],
                reach if loose or not expected.outstanding else floors[1][-1],
            ),
        ),
        ("num_ack_pending", answer["num_ack_pending"], _range(least, least + unnoticed)),
        ("num_pending", answer["num_pending"], [fold.pending(expected, watched.held.model)]),
        ("num_redelivered", answer["num_redelivered"], _redelivered(expected)),
        ("num_waiting", answer["num_waiting"], [len(watched.open)]),
    )
    return next(
        (f"{name} is {got}, not {_shown(may)}" for name, got, may in checks if got not in may),
        "",
    )


def _redelivered(model: fold.Consumer) -> range:
    """A purge may also make it forget what is exhausted."""
    most = model.redelivered
    forgotten = sum(count > 1 for count in model.exhausted.values()) if model.purged else 0
    return range(max(most - forgotten, 0), most + 1)


def _range(least: int, most: int) -> range:
    return range(least, most + 1)


def _shown(may: Any) -> str:  # noqa: ANN401 - a range or a list of one
    return f"{may[0]}" if len(may) == 1 else f"{may[0]} .. {may[-1]}"
