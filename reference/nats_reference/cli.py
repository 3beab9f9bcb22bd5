"""The command `nats-reference`: what the command line asks for, and its exit status.

Imports what it needs when it needs it: a server is ready before a grammar is
read. Flags are flags.py, files config/, the loop transport/loop.py.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nats_reference import flags, options, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: The exit status of a process that was interrupted, as shells write it.
INTERRUPTED = 128 + signal.SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    terminal.begin()
    try:
        return act(sys.argv[1:] if argv is None else argv)
    finally:
        terminal.finish()


def act(words: Sequence[str]) -> int:  # noqa: PLR0911 - one for each thing it can do
    """Do what these words ask for; the exit status."""
    try:
        misbehave(words)
        command = flags.parse(words)
    except flags.UnknownFlag as error:
        terminal.complain(str(error))
        return usage()
    except (flags.BadCommand, LookupError, AttributeError) as error:
        return fail(str(error))
    actions = command.actions
    if actions.get("help"):
        return usage()
    if actions.get("version"):
        return version()
    if actions.get("list_faults"):
        return list_faults()
    if "signal" in actions:
        from nats_reference import signals  # noqa: PLC0415 - not needed to serve

        return signals.send(actions["signal"])
    try:
        return serve(command)
    except KeyboardInterrupt:  # before the server minds its signals
        return INTERRUPTED


def misbehave(words: Sequence[str]) -> None:
    """Install the faults that are asked for, before anything can be right.

    Raises:
        LookupError: there is no such fault.
        AttributeError: it changes what is not there.
    """
    if names := flags.faults(words):
        from nats_reference import faults  # noqa: PLC0415 - not needed to serve

        faults.apply(names)


def usage() -> int:
    """Show what there is to ask for."""
    terminal.tell(Path(__file__).with_name("usage.txt").read_text(encoding="utf-8").rstrip("\n"))
    return 0


def version() -> int:
    """Tell what it follows (CLI-002)."""
    terminal.tell(f"nats-reference: v{options.VERSION}")
    return 0


def fail(text: str) -> int:
    """Say what keeps it from running."""
    terminal.complain(f"nats-reference: {text}")
    return 1


def list_faults() -> int:
    """Show the faults as JSON."""
    import json  # noqa: PLC0415 - not needed to serve

    from nats_reference import faults  # noqa: PLC0415 - not needed to serve

    found = [
        {"id": f.id, "text": f.text} for f in sorted(faults.load().values(), key=lambda f: f.id)
    ]
    terminal.tell(json.dumps(found, indent=2))
    return 0


def reason(error: Exception) -> str:
    """What went wrong, and with which file, without the number of the error."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def configure(
    command: flags.CommandLine, warn: Callable[[str], None] = terminal.complain
) -> options.Options:
    """The options of the file, if there is one, under those of the command line.

    What is only mentioned to somebody who wants to serve goes to `warn`.

    Raises:
        ValueError: the file is wrong; the text says where.
        OSError: it can't be read.
    """
    found = options.Options()
    if command.config_file:
        from nats_reference.config import loader  # noqa: PLC0415 - not needed without a file

        loaded = loader.read(Path(command.config_file))
        found = loaded.options
        for text in loaded.warnings:
            warn(text)
    found = overruled(found, command)
    if command.actions.get("jetstream") and found.jetstream is None:
        from nats_reference.jetstream.settings import JetStreamOptions  # noqa: PLC0415 - few need it

        found = replace(found, jetstream=JetStreamOptions())
    if found.jetstream is not None and "js_ack_fc_v2" in found.feature_flags:
        found = replace(found, jetstream=replace(found.jetstream, long_replies=True))
    if found.jetstream is not None and found.store_dir:
        place = found.store_dir if command.overrides.get("store_dir") else None
        inner = place or found.jetstream.store_dir or found.store_dir
        found = replace(found, jetstream=replace(found.jetstream, store_dir=inner))
    return found


def overruled(found: options.Options, command: flags.CommandLine) -> options.Options:
    """The options, but for what flags say (CLI-007)."""
    found = replace(found, **command.overrides)
    if not command.credentials:
        return found
    return replace(found, authorization=replace(found.authorization, **command.credentials))


def serve(command: flags.CommandLine) -> int:
    """Start a server and stay until it ends."""
    try:
        if command.actions.get("test"):
            return check(command)
        found = configure(command)
        options.validate(options.with_defaults(found))
    except (ValueError, OSError) as error:
        return fail(reason(error))
    from nats_reference.transport import process  # noqa: PLC0415 - a fault may come first

    try:
        return process.run(found, lambda: reconfigure(command))
    except process.CannotStart as error:
        return fail(str(error))


def check(command: flags.CommandLine) -> int:
    """Say whether the file is right (CLI-005); what goes together is looked at when it starts.

    Raises:
        ValueError: the file is wrong; the text says where.
        OSError: it can't be read.
    """
    if not command.config_file:
        return fail("must specify [-c, --config] option to check configuration file syntax")
    complaints: list[str] = []
    found = configure(command, complaints.append)
    if complaints:
        return fail("\n".join(complaints))
    valid = f"configuration file {command.config_file} is valid ({found.config_digest})"
    terminal.complain(f"nats-reference: {valid}")
    return 0


def reconfigure(command: flags.CommandLine) -> options.Options:
    """The options as the file has them now.

    Raises:
        ValueError: there is no file, or it is wrong.
        OSError: it can't be read.
    """
    if not command.config_file:
        raise ValueError("can only reload config when a file is provided using -c or --config")
    return configure(command)
