"""Faults of chapter 110: what a configuration comes to, and what is refused of it.

Most pass over one refusal; they are a table. A step of the check is a function
from a configuration to what it comes to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nats_reference.faults import Patch, fault
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.config.context import Context

    Step: TypeAlias = "Callable[[StreamConfig, Context], StreamConfig]"

CONFIG = "nats_reference.jetstream.config"
CHECKING = f"{CONFIG}.checking"
CAPTURING = f"{CONFIG}.capturing"
METADATA = f"{CONFIG}.metadata"
READING = f"{CONFIG}.reading"
DECODING = "nats_reference.jetstream.api.decoding"
STEPS = f"{CHECKING}:STEPS"
SECOND = 1_000_000_000

#: A refusal that is passed over: fault, step of the check, err_code, words of its text, what is wrong.
PASSED_OVER: Final[tuple[tuple[str, str, int, str, str], ...]] = (
    ("JS-CFG-003", "counts", 10157, "", "pedantic servers put a limit below -1 right, too"),
    ("JS-CFG-005", "ages", 10052, "age needs", "an age may be as short as one likes"),
    ("JS-CFG-005/negative", "ages", 10052, "age can not be negative", "an age may be negative"),
    ("JS-CFG-006", "ages", 10052, "larger then max age", "duplicates outlive their messages"),
    ("JS-CFG-006/short", "ages", 10052, "window needs", "a window may be as short as one likes"),
    ("JS-CFG-009", "name_and_words", 10052, "metadata", "metadata has no end"),
    ("JS-CFG-009/words", "name_and_words", 10052, "description", "descriptions have no end"),
    ("JS-CFG-018", "permissions", 10052, "roll-ups require", "roll-ups may purge what must stay"),
    ("JS-CFG-026", "permissions", 10052, "per subject requires max", "no limit per subject will do"),
    ("JS-CFG-026/old", "permissions", 10052, "requires discard new", "discarding the old will do"),
    ("JS-CFG-027", "markers", 10052, "at least 1", "markers may be gone in an instant"),
    ("JS-CFG-075", "markers", 10052, "scheduling cannot use", "schedules may be discarded when new"),
    ("JS-CFG-075/counter", "permissions", 10052, "use message sch", "counters may be scheduled"),
    ("JS-CFG-030", "permissions", 10052, "use message TTLs", "counters may expire"),
    ("JS-CFG-030/limits", "permissions", 10052, "only use limits", "counters may be work"),
    ("JS-CFG-031", "persistence", 10052, "atomic", "atomic batches may be lost in part"),
    ("JS-CFG-031/memory", "persistence", 10052, "file storage", "memory may be written later"),
    ("JS-CFG-034", "check_subjects", 10052, "invalid subject", "subjects may be anything"),
    ("JS-CFG-035", "check_subjects", 10052, "overlaps with", "subjects of a stream may overlap"),
    ("JS-CFG-037", "check_subjects", 10052, "all subjects requires no", "> needs no no_ack"),
    ("JS-CFG-040", "check_transform", 10156, "", "a transform may come to nothing"),
    ("JS-CFG-040/src", "check_transform", 10155, "", "a transform may begin with no subject"),
    ("JS-CFG-041", "check_republish", 10052, "cycle", "what is republished may come back"),
    ("JS-CFG-041/mapping", "check_republish", 10052, "not valid", "any mapping will do"),
    ("JS-CFG-046", "check_mirror", 10142, "", "an origin may have any name"),
    ("JS-CFG-046/source", "check_sources", 10141, "", "a source may have any name"),
    ("JS-CFG-048", "check_mirror", 10150, "", "a mirror may be filtered twice"),
    ("JS-CFG-048/source", "check_sources", 10144, "", "a source may be filtered twice"),
    ("JS-CFG-049", "check_mirror", 10152, "", "transforms of a mirror may overlap"),
    ("JS-CFG-049/source", "check_sources", 10146, "", "a source's transforms may be anything"),
    ("JS-CFG-052", "check_sources", 10140, "", "the same source may be there twice"),
    ("JS-CFG-053", "check_mirror", 10030, "", "an origin's messages need not fit"),
    ("JS-CFG-053/source", "check_sources", 10046, "", "a source's messages need not fit"),
    ("JS-CFG-054", "check_cycles", 10052, "", "messages may go in circles"),
    ("JS-CFG-055", "check_prefixes", 10021, "", "elsewhere may be here"),
    ("JS-CFG-055/deliver", "check_prefixes", 10022, "", "what is delivered may be captured"),
    ("JS-CFG-060", "check_sources", 10187, "", "sources may have schedules"),
    ("JS-CFG-069", "ages", 10157, "", "pedantic servers lower a window, too"),
    ("JS-CFG-070", "placement", 10052, "preferred", "one may prefer a server"),
    ("JS-CFG-073", "check_republish", 10157, "source", "pedantic servers don't ask for src"),
    ("JS-CFG-074", "check_mirror", 10157, "", "pedantic servers let mirrors differ"),
)  # fmt: skip


def stepped(patch: Patch, name: str, change: Callable[[Step], Step]) -> None:
    """Replace the step called `name` by what `change` makes of it."""
    steps = patch.original(STEPS)
    found = [change(step) if step.__name__ == name else step for step in steps]
    if len([step for step in steps if step.__name__ == name]) != 1:
        raise AttributeError(f"no step {name}")
    patch.attribute(STEPS, tuple(found))


def passing_over(err_code: int, words: str) -> Callable[[Step], Step]:
    """A step that takes the configuration as it is where it would refuse in these words."""

    def change(step: Step) -> Step:
        def lax(config: StreamConfig, context: Context) -> StreamConfig:
            try:
                return step(config, context)
            except ApiError as error:
                if error.err_code == err_code and words in str(error):
                    return config
                raise

        return lax

    return change


def passed_over(step: str, err_code: int, words: str) -> Callable[[Patch], None]:
    """The fault that passes over this refusal."""
    return lambda patch: stepped(patch, step, passing_over(err_code, words))


for _name, _step, _err_code, _words, _text in PASSED_OVER:
    fault(_name, _text)(passed_over(_step, _err_code, _words))


def after(
    patch: Patch, step: str, change: Callable[[StreamConfig, StreamConfig], StreamConfig]
) -> None:
    """Let `change(before, after)` have the last word in a step."""

    def changed(original: Step) -> Step:
        return lambda config, context: change(config, original(config, context))

    stepped(patch, step, changed)


# ---- What goes with what ------------------------------------------------------------


def switches(
    patch: Patch, what: str, change: Callable[[StreamConfig, StreamConfig], StreamConfig]
) -> None:
    """Let `change(before, after)` decide what markers or schedules bring with them."""
    path = f"{CHECKING}:with_rollups"
    original = patch.original(path)

    def other(config: StreamConfig, context: Context, named: str) -> StreamConfig:
        now: StreamConfig = original(config, context, named)
        return change(config, now) if named == what else now

    patch.attribute(path, other)


@fault("JS-CFG-028", "markers leave deny_purge as it is")
def markers_are_kept(patch: Patch) -> None:
    """Nobody asked for purging."""
    switches(
        patch,
        "subject delete marker",
        lambda before, now: replace(now, deny_purge=before.deny_purge),
    )


@fault("JS-CFG-028/pedantic", "pedantic servers switch on what markers need, too")
def markers_insist(patch: Patch) -> None:
    """It can't be done otherwise."""
    insist = patch.original(f"{CHECKING}:insist")
    patch.attribute(
        f"{CHECKING}:insist",
        lambda context, text: None if "marker" in text else insist(context, text),
    )


@fault("JS-CFG-029", "schedules leave roll-ups as they are")
def schedules_are_kept(patch: Patch) -> None:
    """They have none."""
    switches(patch, "message scheduling", lambda before, _now: before)


@fault("JS-CFG-064", "template_owner is passed over")
def templates(patch: Patch) -> None:
    """For old clients."""
    overlay = patch.original(f"{DECODING}:overlay")

    def older(strict: bool, form: Any, value: Any, found: Any, into: str) -> None:  # noqa: ANN401 - as there
        if isinstance(value, list):
            value = type(value)(pair for pair in value if pair[0] != "template_owner")
        overlay(strict, form, value, found, into)

    patch.attribute(f"{DECODING}:overlay", older)
