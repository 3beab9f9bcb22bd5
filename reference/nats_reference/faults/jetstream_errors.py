"""Faults of chapter 101: each error is told under another number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.faults import Patch, fault
from nats_spec.api_errors import entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.errors import ApiError

AS_JSON = "nats_reference.jetstream.errors:ApiError.as_json"
#: A number that no error has.
OTHER = 10999
#: The errors of the chapter.
CODES: Final = (
    10002,
    10003,
    10010,
    10012,
    10015,
    10021,
    10022,
    10023,
    10024,
    10025,
    10026,
    10027,
    10028,
    10030,
    10031,
    10034,
    10037,
    10038,
    10039,
    10043,
    10046,
    10047,
    10049,
    10052,
    10054,
    10055,
    10056,
    10057,
    10058,
    10059,
    10060,
    10065,
    10069,
    10070,
    10071,
    10074,
    10077,
    10097,
    10109,
    10110,
    10111,
    10113,
    10122,
    10128,
    10130,
    10133,
    10140,
    10141,
    10142,
    10143,
    10144,
    10145,
    10146,
    10147,
    10150,
    10151,
    10152,
    10154,
    10155,
    10156,
    10157,
    10165,
    10166,
    10167,
    10168,
    10173,
    10174,
    10185,
    10186,
    10187,
    10188,
    10193,
    10198,
    10209,
    10212,
    10213,
    10215,
    10216,
    10227,
)


def renumbered(err_code: int) -> Callable[[Patch], None]:
    """The fault that tells this error under another number."""

    def install(patch: Patch) -> None:
        as_json = patch.original(AS_JSON)

        def other(error: ApiError) -> dict[str, int | str]:
            found: dict[str, int | str] = as_json(error)
            return found | {"err_code": OTHER} if error.err_code == err_code else found

        patch.attribute(AS_JSON, other)

    return install


for _code in CODES:
    fault(entries()[_code].requirement, f"{_code} is told as {OTHER}")(renumbered(_code))
