"""What must hold of an object store, whoever wrote it: every invariant over a gathered log.

`objects_contents` looks at chunks, `objects_entries` at metadata, links and the bucket itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import objects_contents, objects_entries  # noqa: F401 - they register their invariants
from .objects_rules import INVARIANTS, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .objects_log import Bucket


def violations(bucket: Bucket) -> Iterator[Violation]:
    """Everything that is wrong."""
    for name, (requirement, invariant) in INVARIANTS.items():
        for breach in invariant(bucket):
            yield Violation(name, requirement, breach.text, breach.seq, breach.of, breach.remark)
