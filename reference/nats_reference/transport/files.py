"""The files that tell others of a running server: its process id, its ports (CONF-OPT-002)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.options import Options
    from nats_reference.transport.loop import Running


class Files:
    """What a server has written, and where."""

    def __init__(self, running: Running) -> None:
        """Write the ports file; the pid file has been written before the server listened."""
        self._running = running
        self._options = running.server.options
        self._ports = write_ports(running)

    def follow(self) -> None:
        """Write anew what a reload wants elsewhere."""
        before, self._options = self._options, self._running.server.options
        if before.pid_file != self._options.pid_file:
            try:
                write_pid(self._options)
            except OSError as error:
                self._running.log.error(f"Could not write pidfile: {error}")
        if before.ports_file_dir != self._options.ports_file_dir:
            self.remove_ports()
            self._ports = write_ports(self._running)

    def remove_ports(self) -> None:
        """Nobody is to come any more; the pid file stays."""
        if self._ports is not None:
            self._ports.unlink(missing_ok=True)


def write_pid(options: Options) -> None:
    """The pid file, if there is to be one.

    Raises:
        OSError: it can't be written.
    """
    if options.pid_file:
        Path(options.pid_file).write_text(f"{os.getpid()}", encoding="utf-8")


def write_ports(running: Running) -> Path | None:
    """The ports file, if there is to be one and it can be written."""
    folder = running.server.options.ports_file_dir
    if not folder:
        return None
    ports = Path(folder) / f"{Path(sys.argv[0]).name}_{os.getpid()}.ports"
    text = json.dumps(running.ports(), separators=(",", ":"))
    try:
        ports.write_text(text, encoding="utf-8")
    except OSError as error:
        running.log.error(f"Error writing ports file ({ports}): {error.strerror}")
        return None
    return ports
