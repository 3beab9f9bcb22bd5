"""What becomes of a pull request: taken, refused, served, ended.

JS-PULL-003, JS-PULL-006 .. JS-PULL-017, JS-PULL-021 .. JS-PULL-031, JS-PULL-037 ..
JS-PULL-041. What a request may ask for is pulls.py, the texts are statuses.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import acks, lifetime, pulls, statuses
from nats_reference.jetstream.consumer.outbox import status

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.pulls import Pull


def request(consumer: Consumer, reply: bytes, body: bytes) -> None:
    """Take a request, or say why not."""
    refusal = refuse(consumer, reply, body)
    if refusal:
        consumer.group.say(status(reply, refusal))
    consumer.wake()


def refuse(consumer: Consumer, reply: bytes, body: bytes) -> bytes | None:
    """Why a request is refused, as a header block; None if it waits now, or is dropped."""
    now = consumer.now()
    if consumer.config.push:
        return statuses.block(statuses.PUSH_BASED)
    try:
        pull = pulls.parse(reply, body, now)
    except pulls.BadRequest as error:
        return statuses.block(statuses.BAD_REQUEST.format(why=error))
    excess = too_much(consumer, pull)
    if excess:
        return statuses.block(excess)
    lifetime.active(consumer)
    if consumer.waiting.full:
        drop_dead(consumer)
    if pull.no_wait:
        at_once = nothing_now(consumer, pull)
        if at_once:
            return statuses.block(at_once)
    if consumer.waiting.full:
        # One that hears heartbeats notices their absence; an answer would make it ask at once.
        return None if pull.heartbeat else statuses.block(statuses.MAX_WAITING)
    consumer.waiting.pulls.append(pull)
    return None


def too_much(consumer: Consumer, pull: Pull) -> str | None:
    """The status of a request beyond the consumer's limits (JS-PULL-024 .. JS-PULL-026)."""
    config = consumer.config
    if 0 < config.max_batch < pull.batch:
        return statuses.MAX_BATCH.format(limit=config.max_batch)
    if pull.ends and 0 < config.max_expires < pull.expires:
        return statuses.MAX_EXPIRES.format(limit=acks.spoken(config.max_expires))
    if 0 < config.max_bytes < pull.max_bytes:
        return statuses.MAX_BYTES.format(limit=config.max_bytes)
    return None


def nothing_now(consumer: Consumer, pull: Pull) -> str | None:
    """The status of a request that won't wait, and needn't (JS-PULL-009, JS-PULL-012)."""
    there = consumer.pending_count() + len(consumer.progress.queue)
    if not there:
        return None if pull.ends else statuses.NO_MESSAGES
    drop_dead(consumer)
    claimed = sum(each.batch for each in consumer.waiting.pulls)
    return statuses.REQUESTS_PENDING if there < claimed else None


def taker(consumer: Consumer, size: int) -> Pull | None:
    """The request that gets the next message, of `size` bytes; those that can't are ended."""
    waiting = consumer.waiting
    now = consumer.now()
    while waiting.pulls:
        pull = waiting.pulls[0]
        if pull.ends and pull.ends <= now:
            end(consumer, pull, statuses.REQUEST_TIMEOUT)
        elif 0 < pull.max_bytes < size:
            end(consumer, pull, statuses.TOO_LARGE)
        elif not consumer.group.host.heard(pull.reply):
            waiting.pulls.popleft()
        else:
            if pull.max_bytes > 0:
                pull.max_bytes -= size
                if not pull.max_bytes:
                    pull.batch = 1
                    pull.spent = True
            return waiting.serve()
    return None


def one_waits(consumer: Consumer) -> bool:
    """Whether one request waits, and takes whatever is next, up to its batch."""
    waiting = consumer.waiting.pulls
    if len(waiting) != 1:
        return False
    pull = waiting[0]
    over = pull.max_bytes > 0 or (pull.ends and pull.ends <= consumer.now())
    return not over and consumer.group.host.heard(pull.reply)


def served(consumer: Consumer, messages: int) -> None:
    """The one that waits got so many."""
    pull = consumer.waiting.serve(messages)
    after_delivery(consumer, pull)


def give_back(consumer: Consumer, pull: Pull, size: int) -> None:
    """The message was not sent after all: the request is the next once more."""
    if pull in consumer.waiting.pulls:
        consumer.waiting.pulls.remove(pull)
    pull.batch += 1
    pull.taken -= 1
    if pull.max_bytes > 0 or pull.spent:
        pull.max_bytes += size
        pull.spent = False
    consumer.waiting.pulls.appendleft(pull)


def unserved(consumer: Consumer, reply: bytes, messages: int) -> None:
    """A request didn't get these after all: it wants them still, or is over."""
    pull = next((each for each in consumer.waiting.pulls if each.reply == reply), None)
    if pull is not None and pull.max_bytes <= 0:
        pull.batch += messages
        pull.taken -= messages
        return
    if pull is not None:
        consumer.waiting.pulls.remove(pull)
        messages += pull.batch
    block = statuses.with_rest(statuses.REQUEST_TIMEOUT, messages, pull.max_bytes if pull else 0)
    consumer.group.say(status(reply, block))


def end(consumer: Consumer, pull: Pull, text: str) -> None:
    """End a request, and tell it what is left of it."""
    consumer.waiting.pulls.remove(pull)
    block = statuses.with_rest(text, pull.batch, pull.max_bytes)
    consumer.group.say(status(pull.reply, block))


def after_delivery(consumer: Consumer, pull: Pull) -> None:
    """A request got a message."""
    now = consumer.now()
    lifetime.active(consumer)
    if pull.batch <= 0:
        if pull.max_bytes > 0:
            block = statuses.with_rest(statuses.BATCH_COMPLETED, pull.batch, pull.max_bytes)
            consumer.group.say(status(pull.reply, block))
    elif pull.heartbeat:
        pull.beats = now + pull.heartbeat


def drop_dead(consumer: Consumer) -> None:
    """End what has expired; drop in silence those whose client is gone (JS-PULL-028)."""
    tidy(consumer, drained=False)


def tidy(consumer: Consumer, *, drained: bool) -> None:
    """See to the requests that got nothing.

    Args:
        consumer: whose requests.
        drained: there is nothing left to deliver, so those that won't wait end (JS-PULL-010, JS-PULL-011).
    """
    now = consumer.now()
    for pull in tuple(consumer.waiting.pulls):
        if pull.ends and pull.ends <= now:
            end(consumer, pull, statuses.REQUEST_TIMEOUT)
        elif drained and pull.no_wait and (not pull.ends or pull.taken):
            consumer.waiting.pulls.remove(pull)
            consumer.group.say(status(pull.reply, statuses.block(statuses.NO_MESSAGES)))
        elif not consumer.group.host.heard(pull.reply):
            consumer.waiting.pulls.remove(pull)
        elif pull.heartbeat and pull.beats <= now:
            say_alive(consumer, pull.reply)
            pull.beats = now + pull.heartbeat
    moments = [
        moment for pull in consumer.waiting.pulls for moment in (pull.ends, pull.beats) if moment
    ]
    if moments:
        consumer.set_timer("pulls", min(moments) - now, type(consumer).wake)
    else:
        consumer.stop_timer("pulls")
    consumer.group.demand(consumer)


def say_alive(consumer: Consumer, to: bytes, stalled: str = "") -> None:
    """Send a heartbeat (JS-PULL-021, JS-PUSH-004, JS-PUSH-007)."""
    progress = consumer.progress
    block = statuses.heartbeat(progress.next_sequence - 1, progress.next_stream - 1, stalled)
    consumer.group.say(status(to, block))


def release(consumer: Consumer, text: str, *, rest: bool = False) -> None:
    """End all requests, because the consumer ends (JS-PULL-031, JS-PULL-032)."""
    for pull in tuple(consumer.waiting.pulls):
        if not consumer.group.host.heard(pull.reply):
            continue
        block = (
            statuses.with_rest(text, pull.batch, pull.max_bytes) if rest else statuses.block(text)
        )
        consumer.group.say(status(pull.reply, block))
    consumer.waiting.pulls.clear()
