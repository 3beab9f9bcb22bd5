"""`nats-conformance bench TARGET ...`: the same load through each server, in turn."""

from __future__ import annotations

import argparse
import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from nats_conformance.bench import report, session
from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.targets.target import Target
