"""The command `nats-reference`: what the command line asks for, and its exit status.

Imports what it needs when it needs it: a server is ready before a grammar is
read. Flags are flags.py, files config/, the loop transport/loop.py.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nats_reference import flags, options

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNALS = {
    "stop": signal.SIGKILL,
    "quit": signal.SIGINT,
    "term": signal.SIGTERM,
    "reopen": signal.SIGUSR1,
    "reload": signal.SIGHUP,
    "ldm": signal.SIGUSR2,
}


#: The exit status of a process that was interrupted, as shells write it.
INTERRUPTED = 128 + signal.SIGINT


def main(argv: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one for each thing it can do
    """Run the command; its exit status."""
    try:
        command = flags.parse(sys.argv[1:] if argv is None else argv)
    except flags.UnknownFlag as error:
        print(error, file=sys.stderr)
        return usage()
    except flags.BadCommand as error:
        return fail(str(error))
    actions = command.actions
    if actions.get("help"):
        return usage()
    if actions.get("version"):
        print(f"nats-reference: v{options.VERSION}")
        return 0
    if actions.get("list_faults"):
        return list_faults()
    if "signal" in actions:
        return send_signal(actions["signal"])
    try:
        return serve(command)
    except KeyboardInterrupt:  # before the server minds its signals
        return INTERRUPTED


def usage() -> int:
    """Show what there is to ask for."""
    print(Path(__file__).with_name("usage.txt").read_text(encoding="utf-8"), end="")
    return 0


def fail(text: str) -> int:
    """Say what keeps it from running."""
    print(f"nats-reference: {text}", file=sys.stderr)
    return 1


def list_faults() -> int:
    """Show the faults as JSON."""
    import json  # noqa: PLC0415 - not needed to serve

    from nats_reference import faults  # noqa: PLC0415 - not needed to serve

    found = [
        {"id": f.id, "text": f.text} for f in sorted(faults.load().values(), key=lambda f: f.id)
    ]
    print(json.dumps(found, indent=2))
    return 0


def send_signal(text: str) -> int:
    """`--signal name=pid`, where pid may be a file that holds it."""
    name, _, target = text.partition("=")
    if name not in SIGNALS:
        return fail(f'unknown signal "{name}"')
    if not target:
        return fail("which process? give --signal a pid or a pid file: " + f"{name}=<pid>")
    try:
        number = target if is_number(target) else Path(target).read_text(encoding="utf-8").strip()
        # 0 and negative numbers are whole groups of processes.
        if not is_number(number) or not int(number):
            return fail(f"invalid pid: {number}")
        os.kill(int(number), SIGNALS[name])
    except (OSError, ValueError, OverflowError) as error:
        return fail(f"can't signal {target}: {reason(error)}")
    return 0


def is_number(text: str) -> bool:
    """Whether `text` is digits and nothing else."""
    return text.isascii() and text.isdigit()


def reason(error: Exception) -> str:
    """What went wrong, and with which file, without the number of the error."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def configure(command: flags.CommandLine) -> options.Options:
    """The options of the file, if there is one, under those of the command line.

    Raises:
        ValueError: the file is wrong; the text says where.
        OSError: it can't be read.
    """
    found = options.Options()
    if command.config_file:
        from nats_reference.config import loader  # noqa: PLC0415 - not needed without a file

        found = loader.load(Path(command.config_file))
    found = replace(found, **command.overrides)
    if command.actions.get("jetstream") and found.jetstream is None:
        from nats_reference.jetstream.settings import JetStreamOptions  # noqa: PLC0415 - few need it

        found = replace(found, jetstream=JetStreamOptions())
    if found.jetstream is not None and "js_ack_fc_v2" in found.feature_flags:
        found = replace(found, jetstream=replace(found.jetstream, long_replies=True))
    if found.jetstream is not None and found.store_dir:
        place = found.store_dir if command.overrides.get("store_dir") else None
        inner = place or found.jetstream.store_dir or found.store_dir
        found = replace(found, jetstream=replace(found.jetstream, store_dir=inner))
    if command.credentials:
        found = replace(
            found, authorization=replace(options.Authorization(), **command.credentials)
        )
    return found


def serve(command: flags.CommandLine) -> int:
    """Start a server and stay until it ends."""
    if command.faults:
        from nats_reference import faults  # noqa: PLC0415 - not needed to serve

        try:
            faults.apply(command.faults)
        except (LookupError, AttributeError, ValueError) as error:
            return fail(str(error))
    if command.actions.get("test") and not command.config_file:
        return fail("must specify configuration file with -t option")
    try:
        found = configure(command)
        if command.actions.get("test"):
            print(
                f"nats-reference: configuration file {command.config_file} is valid",
                file=sys.stderr,
            )
            return 0
        options.validate(options.with_defaults(found))
    except (ValueError, OSError) as error:
        return fail(reason(error))
    from nats_reference.transport import process  # noqa: PLC0415 - a fault may come first

    try:
        return process.run(found, lambda: reconfigure(command))
    except process.CannotStart as error:
        return fail(str(error))


def reconfigure(command: flags.CommandLine) -> options.Options:
    """The options as the file has them now.

    Raises:
        ValueError: there is no file, or it is wrong.
        OSError: it can't be read.
    """
    if not command.config_file:
        raise ValueError("can only reload config when a file is provided using -c or --config")
    return configure(command)
