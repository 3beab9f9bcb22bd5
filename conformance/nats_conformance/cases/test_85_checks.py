"""What a check of a file finds, and what only a start does (CONF-SYN-010, CONF-SYN-011, CONF-VAL-*, CLI-005, CLI-006)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.checking import digest, other, refused
from nats_spec import configuration

#: What `-t` can't know and a start does.
TOGETHER = (
    'lame_duck_duration: "30s"\nlame_duck_grace_period: "30s"\n',
    "max_payload: 4097\nmax_pending: 4096\n",
    "authorization {users: [{user: a, password: b}]}\nno_auth_user: c\n",
)


@case("CONF-SYN-010", private=True)
def test_an_unknown_field_is_named_with_its_place(nats: Nats) -> None:
    refused(nats, "port: 7\n\n  nope: 1\n", 3, 3, 'unknown field "nope"')
    refused(nats, 'port: 7\n"nope": 1\n', 2, 2, 'unknown field "nope"')
    refused(nats, "authorization {\n  token: a\n  nope: 1\n}\n", 3, 3, 'unknown field "nope"')
    digest(nats, "nope: 7\nport: $nope\nauthorization { more: a, token: $more }\n")


@case("CONF-SYN-011", private=True)
def test_a_value_of_the_wrong_kind_is_told_with_its_place(nats: Nats) -> None:
    wrong = ['port: "abc"', "http_port: 1.5", "ping_max: yes", "max_payload: [-7]", "debug: maybe",
             'trace: "yes"', "logtime: 1", "host: 7", "listen: a:b:c", "max_sub_tokens: 300"]  # fmt: skip
    told = nats.check("".join(f"\n  {text}\n" for text in wrong))
    assert told.status == 1
    for row, text in enumerate(wrong, 1):
        assert f"server.conf:{2 * row}:3: " in told.err, text
    refused(nats, "authorization {\n token: a\n  users: 5\n}\n", 3)


@case("CONF-SYN-011", private=True)
def test_a_text_that_is_no_configuration_is_told_with_its_line(nats: Nats) -> None:
    for text in ("port: 7 8", "= 7", "host: {a: b} c", "server_tags: [a b]", "host: \\q"):
        refused(nats, f"debug: no\n\n{text}\ntrace: no\n", 3)
    for text in (
        "port:\n",
        "authorization {\n token: a\n",
        "server_tags: [a\n",
        'host: "a\n',
        "port",
    ):
        refused(nats, f"debug: no\n{text}")


@case("CONF-VAL-001", private=True)
def test_values_that_mean_nothing_are_refused(nats: Nats) -> None:
    users = "authorization {{\n users: [\n  {{user: a, password: b{}}}\n  {}\n ]\n}}\n"
    digest(nats, users.format(", permissions: {publish: ['a.>']}", "{user: c, password: d}"))
    for subject in ("a..b", "a.>.b", ".a"):
        ended = nats.check(users.format(f", permissions: {{publish: ['{subject}']}}", ""))
        assert (ended.status, subject in ended.err) == (1, True), subject
    assert nats.check(users.format("", "{user: a, password: c}")).status == 1
    if nats.release >= (2, 11):  # earlier, only a start looks
        refused(nats, '\nserver_name: "a b"\n', 2, 1)
    refused(nats, "\nmappings {a: [{dest: b, weight: 60%}, {dest: c, weight: 60%}]}\n", 2)


@case("CONF-VAL-002", private=True)
def test_what_does_not_go_together_is_refused_by_a_start(nats: Nats) -> None:
    for text in TOGETHER:
        digest(nats, text)
        ended = nats.program("-c", "server.conf", "-a", "127.0.0.1", "-p", "-1")
        assert (ended.status, bool(ended.err.strip())) == (1, True), text


@case("CONF-OPT-001", private=True)
def test_every_option_is_read_or_refused_by_its_name(nats: Nats) -> None:
    known = [each for each in configuration.options() if since(each.since) <= nats.release]
    given = [each for each in known if each.example]
    lines = nats.check("\n" + "".join(f"{each.name}: {each.example}\n" for each in given)).err
    read = {each.name for row, each in enumerate(given, 2) if f"server.conf:{row}:" not in lines}
    for row, each in enumerate(given, 2):
        told = [line for line in lines.splitlines() if f"server.conf:{row}:" in line]
        assert each.name in read or each.name in told[0], told
    wrong = "".join(f"{o.name}: {'-5' if o.kind == 'block' else '{x: {}}'}\n" for o in known)
    lines = nats.check("\n" + wrong).err
    ignored = {o.name for row, o in enumerate(known, 2) if f"server.conf:{row}:" not in lines}
    assert ignored <= {"accounts"}, ignored  # that one has a case of its own
    aliases = [(name, each.example) for each in given if each.name in read for name in each.aliases]
    digest(nats, "".join(f"{name}: {example}\n" for name, example in aliases))


@case("CONF-OPT-001", private=True)
def test_a_number_is_no_accounts(nats: Nats) -> None:
    refused(nats, "port: 7\naccounts: 5\n", 2, 1)


def since(release: str) -> tuple[int, ...]:
    """A release as it can be compared."""
    return tuple(map(int, release.split(".")))


@case("CLI-005", private=True)
def test_a_check_tells_whether_the_file_is_right(nats: Nats) -> None:
    ended = nats.check("port: 7\n")
    assert (ended.status, ended.out) == (0, "")
    assert "configuration file server.conf is valid" in ended.err
    for text in ("port: abc\n", "port", "# nothing\n"):
        assert nats.check(text).status == 1
    for words in (["-t"], ["-t", "-c", "nowhere.conf"]):
        ended = nats.program(*words)
        assert (ended.status, ended.out, bool(ended.err)) == (1, "", True)


@case("CLI-006", private=True)
def test_the_digest_is_that_of_keys_and_values(nats: Nats) -> None:
    first = digest(nats, "port: 7\nhost: a # b\n")
    assert first == digest(nats, '{"host": "a", "port": 7}\n')
    assert len(first) == len("sha256:") + 64
    for text in ("port: 7\n", "port: 7\nhost: b\n", 'port: 7\nhost: "7"\n', "port: 7\nnet: a\n"):
        other(nats, "port: 7\nhost: a\n", text)
