"""Log lines as nats-server writes them: `[pid] time [LEVEL] text`.

Five levels; debug and trace only when asked for. Leaves out syslog and file
rotation, which the command line refuses by name.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TextIO


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
        self._stream = stream if stream is not None else sys.stderr
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
        stream = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - held open
        self.close()
        self._stream, self.path = stream, path

    def close(self) -> None:
        """Close the log file, if it is one."""
        if self._stream not in {sys.stderr, sys.stdout}:
            self._stream.close()

    def write(self, level: str, text: str) -> None:
        """Write one line."""
        stamp = ""
        if self.times:
            now = time.time()
            micros = int(now * 1_000_000) % 1_000_000
            stamp = time.strftime("%Y/%m/%d %H:%M:%S", self.day(now)) + f".{micros:06d} "
        self._stream.write(f"[{os.getpid()}] {stamp}[{level}] {text}\n")
        self._stream.flush()

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
