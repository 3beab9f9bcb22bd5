"""A disk that is soon full: a tmpfs of a few megabytes, gone when it is left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .expect import NotApplicable

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A directory that holds no more than that.

    Raises:
        NotApplicable: it can't be had here.
    """
    if sys.platform != "linux" or os.geteuid():
        raise NotApplicable("a full disk is a tmpfs of a few megabytes, which root mounts on Linux")
    with tempfile.TemporaryDirectory(prefix="nats-conformance-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotApplicable(f"no tmpfs can be mounted here: {done.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            unmount = ["umount", "--lazy", folder]
            subprocess.run(unmount, capture_output=True, check=False)
