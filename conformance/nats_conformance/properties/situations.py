"""Counts the situations that a property has reached, and holds them to floors.

A machine that draws its rules uniformly may never meet what matters; a floor
makes that our own error instead of a PASS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Starved(Exception):
    """Some situation came up too seldom for the verdict to mean anything."""


class Situations:
    """How often what has been met."""

    def __init__(self, floors: Mapping[str, int]) -> None:
        """`floors`: the least number of times for each situation, over a hundred examples."""
        self._floors = floors
        self._met: Counter[str] = Counter()

    def meet(self, *situations: str) -> None:
        """Count each of `situations` once.

        Raises:
            KeyError: one of them has no floor, so nobody would miss it.
        """
        for situation in situations:
            _ = self._floors[situation]
            self._met[situation] += 1

    def missing(self, examples: int) -> dict[str, int]:
        """The floors not yet reached, in proportion to `examples`."""
        wanted = {name: floor * examples // 100 for name, floor in self._floors.items()}
        return {name: count for name, count in wanted.items() if self._met[name] < count}

    def check(self, examples: int) -> str:
        """What was met, if it is enough.

        Raises:
            Starved: a floor was not reached, in proportion to `examples`.
        """
        short = self.missing(examples)
        if short:
            missing = ", ".join(f"{name} {self._met[name]} of {n}" for name, n in short.items())
            raise Starved(f"met too seldom in {examples} examples: {missing}; in all, {self}")
        return str(self)

    def __str__(self) -> str:
        """What was met, and how often."""
        return ", ".join(f"{name} {self._met[name]}" for name in self._floors)
