"""Subjects and patterns: which bytes, which tokens, which pattern matches what (SUBJ-*).

Expected deliveries come from `nats_spec.subjects`; subset and collision are worked
out by trying every subject of a small world, so that a mistake in the relations
can't hide behind itself. Leaves out what SUB says to a bad subject (chapter 31).
"""

from __future__ import annotations

from itertools import product

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection
from nats_spec.operations import Err, Msg
from nats_spec.subjects import matches

#: Every subject of up to four tokens over a small alphabet.
WORLD = [".".join(t) for n in range(1, 5) for t in product("abx", repeat=n)]

#: Patterns of one to three tokens, and those ending in `>`.
PATTERNS = [".".join(t) for n in range(1, 4) for t in product("ab*", repeat=n)]
PATTERNS += [*(f"{p}.>" for p in PATTERNS if p.count(".") < 2), ">"]

#: A wildcard sign in a longer token, and what it would match if it were a wildcard.
SIGNS = {"x*": "xy", "*x": "yx", "**": "yy", "x>": "xy", ">x": "yx", ">>": "y", "*>": "y.y"}

PREFIXES = ["$SYS", "$JS", "$SRV", "$KV", "$O", "$MQTT", "$NRG", "_INBOX", "_R_", "_GR_", "$GR"]


def received(connection: Connection) -> list[tuple[bytes, bytes]]:
    """Subject and sid of each message before the next PONG."""
    return [(op.subject, op.sid) for op in connection.barrier() if isinstance(op, Msg)]


@case("SUBJ-001")
def test_an_empty_token_is_no_token(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    for sid, pattern in enumerate((f"{foo}.*", f"{foo}.*.*", f"{foo}.>", f"*.{foo}", ">"), 1):
        c.send(f"SUB {pattern} {sid}\r\n")
    for subject in (f"{foo}.", f".{foo}", f"{foo}..x", f"{foo}.x.", f"{foo}..", f"..{foo}"):
        c.send(f"PUB {subject} 2\r\nno\r\n")
    assert not [subject for subject, _ in received(c) if foo.encode() in subject]
    for subject in (f"{foo}.", f".{foo}", f"{foo}..x", f"{foo}.*..>", "."):
        c.send(f"SUB {subject} 9\r\n")
        c.expect_error("Invalid Subject")


@case("SUBJ-001")
def test_tokens_are_what_stands_between_dots(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo}.a.b 1\r\nSUB {foo}/a/b 2\r\nSUB {foo}.* 3\r\n")
    c.send(f"PUB {foo}.a/b 2\r\nhi\r\n")
    c.expect(f"MSG {foo}.a/b 3 2\r\nhi\r\n")
    c.send(f"PUB {foo}/a/b 2\r\nho\r\n")
    c.expect(f"MSG {foo}/a/b 2 2\r\nho\r\n")
    c.expect_nothing()


@case("SUBJ-002")
def test_letter_case_and_composition_of_accents_count(nats: Nats) -> None:
    foo = nats.name("foo")
    spellings = [
        f"{foo}.{word}" for word in ("ab", "Ab", "aB", "AB", "\u00e9", "e\u0301", "\u00c9")
    ]
    c = nats.client()
    for sid, spelling in enumerate(spellings, 1):
        c.send(f"SUB {spelling} {sid}\r\n")
    for sid, spelling in enumerate(spellings, 1):
        c.send(f"PUB {spelling} 2\r\nhi\r\n")
        c.expect(f"MSG {spelling} {sid} 2\r\nhi\r\n")
    c.expect_nothing()


@case("SUBJ-003", "SUBJ-004")
def test_every_small_pattern_matches_what_the_relation_says(nats: Nats) -> None:
    foo = nats.name("foo")
    patterns = [f"{foo}.{pattern}" for pattern in PATTERNS]
    subjects = [f"{foo}.{s}" for s in WORLD if "x" not in s and s.count(".") < 3]
    c = nats.client()
    c.send("".join(f"SUB {pattern} {sid}\r\n" for sid, pattern in enumerate(patterns)))
    for subject in subjects:
        c.send(f"PUB {subject} 0\r\n\r\n")
        wanted = sorted(
            b"%d" % sid
            for sid, pattern in enumerate(patterns)
            if matches(pattern.encode(), subject.encode())
        )
        assert sorted(sid for _, sid in received(c)) == wanted, f"deliveries of {subject}"


@case("SUBJ-003")
def test_star_matches_one_token_at_any_position(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    c = nats.client()
    c.send(f"SUB *.{foo}.{bar} 1\r\nSUB {foo}.*.{bar} 2\r\nSUB {foo}.{bar}.* 3\r\n")
    c.send(f"SUB {foo}.*.* 4\r\nSUB *.*.{foo} 5\r\n")
    for subject in (f"x.{foo}.{bar}", f"{foo}.x.{bar}", f"{foo}.{bar}.x", f"x.y.{foo}"):
        c.send(f"PUB {subject} 0\r\n\r\n")
    for subject in (f"{foo}.{bar}", foo, f"{foo}.{bar}.x.y", f"y.x.{foo}.{bar}"):
        c.send(f"PUB {subject} 0\r\n\r\n")
    x = {sid: f"{s}".encode() for sid, s in ((1, f"x.{foo}.{bar}"), (2, f"{foo}.x.{bar}"))}
    x |= {3: f"{foo}.{bar}.x".encode(), 5: f"x.y.{foo}".encode()}
    wanted = [(x[1], b"1"), (x[2], b"2"), (x[2], b"4"), (x[3], b"3"), (x[3], b"4"), (x[5], b"5")]
    assert sorted(received(c)) == sorted(wanted)


@case("SUBJ-004")
def test_greater_than_matches_one_or_more_tokens_never_none(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo}.> 1\r\n")
    for subject in (foo, f"{foo}x.y", f"x.{foo}.y"):
        c.send(f"PUB {subject} 0\r\n\r\n")
    c.expect_nothing()
    for depth in (1, 2, 3, 10, 40):
        subject = ".".join([foo, *["t"] * depth])
        c.send(f"PUB {subject} 0\r\n\r\n")
        c.expect(f"MSG {subject} 1 0\r\n\r\n")
    c.expect_nothing()


@case("SUBJ-005")
def test_a_wildcard_sign_in_a_longer_token_matches_only_itself(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    tokens = dict(enumerate(SIGNS, 1))
    for sid, token in tokens.items():
        c.send(f"SUB {foo}.{token} {sid}\r\n")
        c.send(f"SUB {foo}.{token}.tail t{sid}\r\n")
    for decoy in [*SIGNS.values(), "x", "y", "*", ">", "x.y"]:
        c.send(f"PUB {foo}.{decoy} 0\r\n\r\nPUB {foo}.{decoy}.tail 0\r\n\r\n")
    c.expect_nothing()
    for sid, token in tokens.items():
        c.send(f"PUB {foo}.{token} 0\r\n\r\n")
        c.expect(f"MSG {foo}.{token} {sid} 0\r\n\r\n")
        c.send(f"PUB {foo}.{token}.tail 0\r\n\r\n")
        c.expect(f"MSG {foo}.{token}.tail t{sid} 0\r\n\r\n")
    c.expect_nothing()


@case("SUBJ-006")
def test_every_byte_but_blanks_and_dot_stands_in_a_token(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c = nats.client()
    c.send(b"SUB %b.* any\r\n" % foo)
    allowed = [b"%c" % value for value in range(256) if value not in b" \t\r\n."]
    for byte in allowed:
        subject = b"%b.a%bz" % (foo, byte)
        c.send(b"SUB %b 1\r\nPUB %b 0\r\n\r\nUNSUB 1\r\n" % (subject, subject))
    assert sorted(received(c)) == sorted(
        (b"%b.a%bz" % (foo, byte), sid) for byte in allowed for sid in (b"any", b"1")
    )


@case("SUBJ-007")
def test_thousands_of_tokens_and_bytes_fit_a_subject(nats: Nats) -> None:
    foo = nats.name("foo")
    many = foo + ".t" * 1900
    long = f"{foo}." + "x" * 3800
    c = nats.client()
    c.send(f"SUB {many} 1\r\nSUB {long} 2\r\n")
    for sid, subject in enumerate((many, long), 1):
        c.send(f"PUB {subject} 2\r\nhi\r\n")
        c.expect(f"MSG {subject} {sid} 2\r\nhi\r\n")
    c.send(f"UNSUB 1\r\nUNSUB 2\r\nSUB {foo}{'.*' * 1899}.> 3\r\nSUB {foo}.> 4\r\n")
    c.send(f"PUB {many} 2\r\nhi\r\n")
    assert sorted(received(c)) == [(many.encode(), b"3"), (many.encode(), b"4")]


@case("SUBJ-008", config="subscription-limits")
def test_subscriptions_may_have_three_tokens_publishes_any_number(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    for taken in (foo, f"{foo}.b", f"{foo}.b.c", f"{foo}.b.>", f"{foo}.*.*", "*.*.>"):
        c.send(f"SUB {taken} 1\r\nUNSUB 1\r\n")
    c.expect_nothing()
    for refused in (f"{foo}.b.c.d", f"{foo}.b.c.>", f"{foo}.*.*.*", f"{foo}.b.c.d.e.f"):
        for queue in ("", "q "):
            c.send(f"SUB {refused} {queue}1\r\n")
            c.expect_error(
                f'Permissions Violation for Subscription to "{refused}", too many tokens'
            )
    c.send(f"SUB {foo}.> 1\r\nPUB {foo}.b.c.d.e 2\r\nhi\r\n")
    c.expect(f"MSG {foo}.b.c.d.e 1 2\r\nhi\r\n")


@case("SUBJ-010")
def test_every_reserved_prefix_can_be_subscribed_to(nats: Nats) -> None:
    x = nats.name("X")
    c = nats.client(verbose=True)
    for sid, prefix in enumerate(PREFIXES, 1):
        c.send(f"SUB {prefix}.{x}.> {sid}\r\n")
        c.expect("+OK\r\n")
        c.send(f"SUB {prefix}.{x} q q{sid}\r\n")
        c.expect("+OK\r\n")
    c.expect_nothing()


def contained(inner: str, outer: str) -> bool:
    """Whether no subject of the small world is matched by `inner` alone."""
    head, _, rest = inner.partition(".")
    if outer.partition(".")[0] not in (head, ">") or not rest:
        return False
    world = [f"{head}.{subject}".encode() for subject in WORLD]
    return all(matches(outer.encode(), s) for s in world if matches(inner.encode(), s))


ALLOWED = ("OK.*.b", "IN.>", "ONE.*", "MID.*.*.b")


@case("SUBJ-011", config="permissions", deliveries=False)
def test_an_allow_list_admits_the_subsets_of_its_patterns(nats: Nats) -> None:
    c = nats.client(user="reader", pass_="pw")
    for allowed in ALLOWED:
        head = allowed.partition(".")[0]
        for suffix in PATTERNS:
            pattern = f"{head}.{suffix}"
            if lets_greater_than_in(pattern, allowed):
                continue
            c.send(f"SUB {pattern} 1\r\n")
            if contained(pattern, allowed):
                c.send("UNSUB 1\r\n")
            else:
                c.expect_error(f'Permissions Violation for Subscription to "{pattern}"')
    for pattern in (">", "*.a.b", "*", "OTHER.a.b", "OK"):
        c.send(f"SUB {pattern} 1\r\n")
        c.expect_error(f'Permissions Violation for Subscription to "{pattern}"')
    c.expect_nothing()


def lets_greater_than_in(pattern: str, allowed: str) -> bool:
    """Whether `pattern` ends in `>` where `allowed` ends in `*`: the case below."""
    return pattern.endswith(".>") and allowed.endswith(".*") and pattern.count(".") == 1


@case("SUBJ-011", config="permissions")
def test_star_at_the_end_of_an_allowed_pattern_does_not_admit_greater_than(nats: Nats) -> None:
    c = nats.client(user="reader", pass_="pw")
    c.send("SUB ONE.> 1\r\nPUB ONE.a.b 2\r\nno\r\n")
    refusal = b'Permissions Violation for Subscription to "ONE.>"'
    assert c.barrier() == [Err(refusal)], "ONE.* doesn't cover ONE.a.b"


def denied_are_left_out(nats: Nats, pattern: str, subjects: list[str], denied: str) -> None:
    """A guest who subscribes to `pattern` receives all it matches but what is `denied`."""
    guest = nats.client(user="guest", pass_="pw")
    guest.send(f"SUB {pattern} 1\r\n")
    guest.expect_nothing()
    free = nats.client(user="free", pass_="pw")
    free.send("".join(f"PUB {subject} 0\r\n\r\n" for subject in subjects))
    nats.flush_all()
    got = [subject.decode() for subject, _ in received(guest)]
    encoded = pattern.encode()
    assert got == [
        subject
        for subject in subjects
        if matches(encoded, subject.encode()) and not matches(denied.encode(), subject.encode())
    ], pattern
    guest.close()


@case("SUBJ-012", config="permissions")
def test_denied_subjects_are_left_out_of_a_wider_subscription(nats: Nats) -> None:
    subjects = [f"NO.{s}" for s in ("a", "x.a", "x.b", "a.x", "x.a.b", "x", "b")]
    for pattern in ("NO.>", "NO.*.*", "*.*.*", ">", "*.x.*"):
        denied_are_left_out(nats, pattern, subjects, "NO.x.*")


@case("SUBJ-012", config="permissions")
def test_denied_subjects_are_left_out_of_an_overlapping_subscription(nats: Nats) -> None:
    subjects = [f"OUT.{s}" for s in ("a.b", "b.b", "a.c", "b", "a.b.b", "c.b")]
    for pattern in ("OUT.a.*", "*.a.b", "OUT.a.>", "*.b.*"):
        denied_are_left_out(nats, pattern, subjects, "OUT.*.b")
