"""Log lines as nats-server writes them: `[pid] time [LEVEL] text`.

Five levels; debug and trace only when asked for. Leaves out syslog and file
rotation, which the command line refuses by name.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from nats_reference import terminal


class Log:
    """Writes to standard error, or to a file that can be opened anew."""

    def __init__(
        self,
        *,
        path: str | None = None,
        times: bool = True,
        utc: bool = False,
        debug: bool = False,
        trace: bool = False,
        stream: TextIO | None = None,
    ) -> None:
        #: None where the process has no standard error.
        self._stream: TextIO | None = stream if stream is not None else sys.stderr
        self.path: str | None = None
        self.configure(path, times=times, utc=utc, debug=debug, trace=trace)

    def configure(
        self, path: str | None, *, times: bool, utc: bool, debug: bool, trace: bool
    ) -> None:
        """Write like this from now on, and to this file if it is another.

        Raises:
            OSError: it can't be opened; then all stays as it was.
        """
        if path and path != self.path:
            self._open(path)
        self.times = times
        self.day = time.gmtime if utc else time.localtime
        self.debugging = debug
        self.tracing = trace

    def reopen(self) -> None:
        """Open the log file again, under the same name (SIGUSR1)."""
        if self.path:
            self._open(self.path)

    def _open(self, path: str) -> None:
        file = Path(path)
        stream = file.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
        self.close()
        self._stream, self.path = stream, path

    def close(self) -> None:
        """Close the log file, if it is one."""
        if self._stream is not None and self._stream not in {sys.stderr, sys.stdout}:
            with suppress(OSError):
                self._stream.close()

    def write(self, level: str, text: str) -> None:
        """Write one line; if it can't be written, nothing else goes wrong."""
        stamp = ""
        if self.times:
            now = time.time()
            micros = int(now * 1_000_000) % 1_000_000
            stamp = time.strftime("%Y/%m/%d %H:%M:%S", self.day(now)) + f".{micros:06d} "
        terminal.write(self._stream, f"[{os.getpid()}] {stamp}[{level}] {text}\n")

    def info(self, text: str) -> None:
        """What an operator wants to know."""
        self.write("INF", text)

    def error(self, text: str) -> None:
        """What went wrong."""
        self.write("ERR", text)

    def fatal(self, text: str) -> None:
        """What keeps the server from running."""
        self.write("FTL", text)

    def debug(self, text: str) -> None:
        """What a connection is going through."""
        if self.debugging:
            self.write("DBG", text)

    def trace(self, text: str) -> None:
        """What was said on the wire."""
        if self.tracing:
            self.write("TRC", text)
