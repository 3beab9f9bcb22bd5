"""A server as a process: signals, the pid file, the ports file, the exit status.

LDM-005, LDM-006, ERR-025. SIGINT and SIGTERM end it, SIGUSR1 opens the log
anew, SIGUSR2 is lame duck mode, SIGHUP reloads the configuration.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nats_reference import options as option_defaults
from nats_reference.logs import Log
from nats_reference.transport.loop import Running, new_event_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.options import Options

#: Names in the log: what the signals are called there.
SIGNAL_NAMES = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminated"}


def run(options: Options, configure: Callable[[], Options]) -> int:
    """Serve until told to stop; the exit status."""
    options = option_defaults.with_defaults(options)
    log = Log(
        path=options.log_file or None,
        times=options.logtime,
        debug=options.debug,
        trace=options.trace,
    )
    # Next to nothing that a message makes can be part of a cycle.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    loop = new_event_loop()
    running = Running(options, loop, log)
    try:
        return loop.run_until_complete(live(running, configure))
    finally:
        loop.close()
        log.close()


async def live(running: Running, configure: Callable[[], Options]) -> int:
    """From the first line of the log to the last."""
    server, log, loop = running.server, running.log, running.loop
    log.info("Starting nats-server")
    log.info(f"  Version:  {option_defaults.VERSION}")
    log.info(f"  Name:     {server.name}")
    log.info(f"  ID:       {server.id}")
    try:
        await running.start()
    except OSError as error:
        log.fatal(f"Error listening on port: {server.options.port}, {error.strerror or error}")
        return 1
    for number, name in SIGNAL_NAMES.items():
        loop.add_signal_handler(number, shut_down, running, name)
    loop.add_signal_handler(signal.SIGUSR1, log.reopen)
    loop.add_signal_handler(signal.SIGUSR2, running.enter_lame_duck)
    loop.add_signal_handler(signal.SIGHUP, running.reload, configure)
    files = write_files(running)
    try:
        await running.stopped
    finally:
        for file in files:
            file.unlink(missing_ok=True)
    log.info("Server Exiting..")
    return 0


def shut_down(running: Running, name: str) -> None:
    """End it, unless it is leaving already (LDM-006)."""
    running.log.info(f'Trapped "{name}" signal')
    if name == SIGNAL_NAMES[signal.SIGTERM] and running.server.lame_duck:
        return
    running.log.info("Initiating Shutdown...")
    running.stop()


def write_files(running: Running) -> list[Path]:
    """The pid file, which stays, and the ports file, which is returned to be removed."""
    options = running.server.options
    if options.pid_file:
        Path(options.pid_file).write_text(f"{os.getpid()}", encoding="utf-8")
    if not options.ports_file_dir:
        return []
    name = f"{Path(sys.argv[0]).name}_{os.getpid()}.ports"
    ports = Path(options.ports_file_dir) / name
    ports.write_text(json.dumps(running.ports(), separators=(",", ":")), encoding="utf-8")
    return [ports]
