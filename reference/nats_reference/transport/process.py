"""A server as a process: signals, and the exit status. Its files are files.py.

LDM-005, LDM-006, ERR-025, SIG-001, SIG-002. SIGINT and SIGTERM end it, SIGUSR1 opens the log
anew, SIGUSR2 is lame duck mode, SIGHUP reloads the configuration.
"""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

from nats_reference import options as option_defaults
from nats_reference.logs import Log
from nats_reference.transport.files import Files, write_pid
from nats_reference.transport.loop import CannotListen, Running, new_event_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.options import Options

#: Names in the log: what the signals are called there.
SIGNAL_NAMES = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminated"}


class CannotStart(Exception):
    """Something is missing before there is a log to say so."""


def run(options: Options, configure: Callable[[], Options]) -> int:
    """Serve until told to stop; the exit status.

    Raises:
        CannotStart: the log file can't be opened.
    """
    options = option_defaults.with_defaults(options)
    try:
        log = Log(
            path=options.log_file or None,
            times=options.logtime,
            utc=options.logtime_utc,
            debug=options.debug,
            trace=options.trace,
        )
    except OSError as error:
        raise CannotStart(f"can't open {options.log_file}: {error.strerror}") from None
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
        write_pid(running.server.options)
        await running.start()
    except CannotListen as error:
        log.fatal(str(error))
        return 1
    except OSError as error:
        log.fatal(f"Could not write pidfile: {error.filename}: {error.strerror}")
        return 1
    for number, name in SIGNAL_NAMES.items():
        loop.add_signal_handler(number, shut_down, running, name)
    files = Files(running)
    loop.add_signal_handler(signal.SIGUSR1, reopen_log, log)
    loop.add_signal_handler(signal.SIGUSR2, running.enter_lame_duck)
    loop.add_signal_handler(signal.SIGHUP, reload, running, configure, files)
    try:
        await running.stopped
    finally:
        files.remove_ports()
    log.info("Server Exiting..")
    return 0


def shut_down(running: Running, name: str) -> None:
    """End it, unless it is leaving already (LDM-006)."""
    running.log.info(f'Trapped "{name}" signal')
    if name == SIGNAL_NAMES[signal.SIGTERM] and running.server.lame_duck:
        return
    running.log.info("Initiating Shutdown...")
    running.stop()


def reopen_log(log: Log) -> None:
    """Open the log file anew, or go on with the one there is."""
    log.info('Trapped "user defined signal 1" signal')
    if not log.path:
        log.info("File log re-open ignored, not a file logger")
        return
    try:
        log.reopen()
    except OSError as error:
        log.error(f"Failed to re-open the log file: {error.filename}: {error.strerror}")
    else:
        log.info("File log re-opened")


def reload(running: Running, configure: Callable[[], Options], files: Files) -> None:
    """Take the configuration as it is now (SIG-002)."""
    running.log.info('Trapped "hangup" signal')
    running.reload(configure)
    files.follow()
