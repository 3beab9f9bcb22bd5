"""Options that verbs share, and a parser that ends wrong usage with exit status 4."""

from __future__ import annotations

import argparse
import random
from typing import NoReturn

from nats_conformance.engine import Settings
from nats_conformance.fixture import EXAMPLES
from nats_conformance.selection import LEVELS, Selection

from .exits import Usage


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are `Usage`."""

    def error(self, message: str) -> NoReturn:
        """Wrong usage is told in one sentence."""
        raise Usage(f"{message} (see {self.prog} --help)")


def parser(verb: str, about: str) -> Parser:
    """An empty parser for a verb."""
    return Parser(prog=f"nats-conformance {verb}", description=about, allow_abbrev=False)


def add_selection(to: argparse.ArgumentParser) -> None:
    """Which cases."""
    group = to.add_argument_group("which cases")
    glob = {"metavar": "GLOB", "action": "append", "default": []}
    group.add_argument("--select", **glob, help="only these cases or requirements (repeatable)")  # type: ignore[arg-type]
    group.add_argument("--deselect", **glob, help="not these (repeatable)")  # type: ignore[arg-type]
    group.add_argument(
        "--no-properties",
        dest="properties",
        action="store_false",
        help="only the cases that are written out, none that generate their inputs",
    )
    group.add_argument("--level", choices=LEVELS, help="only requirements at least so binding")
    group.add_argument(
        "--profile", action="append", default=[], help="only this profile's (repeatable)"
    )


def add_settings(to: argparse.ArgumentParser) -> None:
    """How they run."""
    group = to.add_argument_group("how they run")
    group.add_argument(
        "--budget", choices=sorted(EXAMPLES), default="standard", help="examples per property"
    )
    group.add_argument("--seed", type=int, help="decides every random name and example")
    group.add_argument(
        "--patience", type=seconds, default=5.0, metavar="SECONDS", help="how long to wait (5)"
    )
    group.add_argument(
        "-n", dest="workers", type=_workers, metavar="WORKERS", help="processes (2; 1 is serial)"
    )


def selection(options: argparse.Namespace) -> Selection:
    """The selection that was asked for."""
    return Selection(
        tuple(options.select),
        tuple(options.deselect),
        options.level,
        tuple(options.profile),
        properties=options.properties,
    )


def settings(options: argparse.Namespace) -> Settings:
    """The settings that were asked for."""
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    return Settings(seed, options.budget, options.patience)


def monitor(text: str) -> str:
    """The URL of a monitoring port."""
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("the URL of a monitoring port, as http://127.0.0.1:8222")
    return text


def seconds(text: str) -> float:
    """How long to wait."""
    value = float(text)
    if not 0 < value < 3600:
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return value


def _workers(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 64:
        raise argparse.ArgumentTypeError("a number of processes from 1 to 64")
    return value
