"""Generated configurations, each written in several ways: all have one digest.

CLI-006, CONF-SYN-001 .. CONF-SYN-005, CONF-SYN-012. Signs, ends of entries, comments,
quotes, escapes, sizes, braces, JSON and the order of keys are drawn.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from nats_conformance import generated
from nats_conformance.cases import Nats, property_case
from nats_conformance.checking import digest, same
from nats_spec import layouts

#: Each example is so many processes, so there are fewer of them.
TEXTS = 3
SHARE = 5


@property_case(
    *("CLI-006", "CONF-SYN-001", "CONF-SYN-002", "CONF-SYN-003", "CONF-SYN-004", "CONF-SYN-005"),
    "CONF-SYN-012",
)
def test_the_same_configuration_in_other_words(nats: Nats) -> None:
    met: Counter[str] = Counter()

    @given(data=st.data())
    def property_(data: st.DataObject) -> None:
        tree = data.draw(layouts.configurations())
        texts = [data.draw(layouts.layouts(tree)) for _ in range(TEXTS)]
        with nats.example() as part:
            same(part, *texts)
        met.update(tree.keys())

    generated.run(nats, property_, max_examples=max(2, nats.examples // SHARE))
    nats.met = f"{TEXTS} texts each; " + ", ".join(f"{count} {key}" for key, count in met.items())


@property_case("CLI-006")
def test_other_values_have_another_digest(nats: Nats) -> None:
    @given(data=st.data(), key=st.sampled_from(["max_payload", "ping_max", "server_name"]))
    def property_(data: st.DataObject, key: str) -> None:
        tree = data.draw(layouts.configurations())
        changed = {**tree, key: "other" if key == "server_name" else 7001}
        with nats.example() as part:
            first = digest(part, data.draw(layouts.layouts(tree)))
            second = digest(part, data.draw(layouts.layouts(changed)))
            assert not first or first != second

    generated.run(nats, property_, max_examples=max(2, nats.examples // SHARE))
