"""What the kernel tells of a process: its CPU time and its memory.

Read from /proc; where there is none (macOS) these figures are left out.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path


def cpu_seconds(pid: int | None) -> float | None:
    """User and system time a process has used so far."""
    text = _read(pid, "stat")
    if text is None:
        return None
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int | None) -> int | None:
    """Memory of a process that is in RAM."""
    text = _read(pid, "statm")
    return None if text is None else int(text.split()[1]) * resource.getpagesize()


def processor() -> str:
    """The processor's own name, or nothing."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else ""


def allow_files(wanted: int) -> int:
    """Raise the limit of open files as far as allowed; answer how many that is.

    Child processes inherit it, so this comes before a server is started.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def _read(pid: int | None, name: str) -> str | None:
    if pid is None:
        return None
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return None
