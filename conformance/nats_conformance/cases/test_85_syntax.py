"""How a configuration file is written: signs, ends, comments, words, includes (CONF-SYN-*).

Each case compares texts by their digest, which `-t` tells; nothing is started.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.checking import digest, other, refused, same

LOGIN = "user: a, password: b"


@case("CONF-SYN-001", private=True)
def test_three_signs_between_key_and_value_are_one(nats: Nats) -> None:
    same(nats, "port: 7\n", "port = 7\n", "port\t7\n", "port:7\n", "port=7\n", "port\n7\n")
    signs = (" ", ": ", "=", "\n")
    same(nats, *(f"authorization{sign}{{{LOGIN}}}\n" for sign in signs))
    refused(nats, f"port: 7\nauthorization{{{LOGIN}}}\n", 2)


@case("CONF-SYN-002", private=True)
def test_comments_are_nothing_and_three_signs_end_an_entry(nats: Nats) -> None:
    plain = "port: 7\nhost: a\nauthorization {\n user: a\n password: b\n}\n"
    same(
        nats,
        plain,
        "port: 7, host: a; authorization {user: a; password: b}",
        "# a\nport: 7 # b\n// c\nhost: a // d: 9\nauthorization { # e {\n user: a\n// }\n"
        " password: b # f\n} // g\n# h",
        "\n\nport: 7;\n\nhost: a,\n\nauthorization {\n\n user: a,\n password: b;\n}\n\n",
        plain.replace("\n", "\r\n"),
    )
    refused(nats, "host: a\nport: 7 ping_max: 3\n", 2)


@case("CONF-SYN-003", private=True)
def test_text_in_quotes_bare_and_in_blocks(nats: Nats) -> None:
    bare, single, double = "host: a-b\n", "host: 'a-b'\n", 'host: "a-b"\n'
    same(nats, bare, single, double, 'host: "\\x61\\x2Db"\n', "host: a\\x2Db\n")
    same(nats, 'host: "\\t\\n\\r\\"\\\\"\n', 'host: "\\x09\\x0A\\x0d\\x22\\x5c"\n')
    same(nats, "host: 'a\\nb'\n", 'host: "a\\\\nb"\n')
    other(nats, "host: 'a\\nb'\n", 'host: "a\\nb"\n')
    same(nats, "host: (\n# a:\n  { )\n)\n", 'host: "\\n# a:\\n  { )\\n"\n')
    refused(nats, 'port: 7\nhost: "a\\qb"\n', 2)
    refused(nats, "port: 7\nhost: 'a\n")


@case("CONF-SYN-003", private=True)
def test_numbers_switches_dates_arrays_and_maps(nats: Nats) -> None:
    same(nats, *(f"debug: {word}\n" for word in ("true", "yes", "on", "True", "YES", "On")))
    same(nats, *(f"debug: {word}\n" for word in ("false", "no", "off", "False", "NO", "Off")))
    other(nats, "debug: yes\n", "debug: no\n")
    timed = "authorization {{timeout: {}, token: abc}}\n"
    same(nats, timed.format("0.5"), timed.format("0.50"))
    same(nats, timed.format("2"), timed.format("2.0"))
    for word in ("yes", "5", "-5", "0.5", "2026-01-31T12:00:00Z", "[a]", "{a: b}"):
        refused(nats, f"port: 7\nhost: {word}\n", 2, 1)
    # What the last of equal keys overrules may be of any kind.
    kinds = ("yes", "-5", "0.5", "2026-01-31T12:00:00Z", "[a]", "[{}, [b]]", "{a: b}", "abc")
    digest(nats, "".join(f"port: {word}\n" for word in kinds) + "port: 8\n")


@case("CONF-SYN-004", private=True)
def test_braces_around_the_file_and_json(nats: Nats) -> None:
    plain = "port: 7\ndebug: true\nauthorization {users: [{user: a, password: b}]}\n"
    json = (
        '{"port": 7, "debug": true, "authorization": {"users": [{"user": "a", "password": "b"}]}}'
    )
    same(nats, plain, f"{{\n{plain}}}\n", f"{{{plain}}}", json, json.replace(", ", ",\n  "))


@case("CONF-SYN-005", private=True)
def test_sizes_in_thousands_and_in_powers_of_two(nats: Nats) -> None:
    size = "max_pending: {}\n".format
    for power, letter in enumerate("kmgtpe", 1):
        same(nats, size(1000**power), size(f"1{letter}"), size(f"1{letter.upper()}"))
    for power, word in enumerate(("1kb", "1Mi", "1gIb", "1TB", "1PiB", "1EI"), 1):
        same(nats, size(1024**power), size(word))
    same(nats, *(size(f"3{end}") for end in ("KB", "kb", "Ki", "kI", "KIB", "kib")), size(3072))
    same(nats, "port: -1000\n", "port: -1k\n")


@case("CONF-SYN-006", private=True)
def test_variables_of_the_scopes_around_and_of_the_environment(nats: Nats) -> None:
    one = "authorization {{{} user: $x, password: b}}\n"
    users = "authorization {users: [{user: $x, password: b}]}\n"
    for text in ("x: 7\nport: $x\n", "x: abc\n" + one.format(""), "x: abc\n" + users):
        digest(nats, text)
    digest(nats, "x: 7\nport: $x\n" + one.format("x: abc,"))
    refused(nats, "x: abc\nhost: $x\n" + one.format("x: 7,"), 3)
    for text in ("x: abc\nport: $x\n", "x: 5\n" + users):
        refused(nats, text, 2)
    other(nats, "x: 7\nport: $x\n", "x: 8\nport: $x\n")
    outside = digest(nats, "port: 7\n")
    assert digest(nats, "port: $OF_OUTSIDE\n", OF_OUTSIDE="7") == outside
    assert digest(nats, "host: $OF_OUTSIDE\n", OF_OUTSIDE='"7"') == digest(nats, 'host: "7"\n')
    for text in ("port: $NOWHERE_AT_ALL\n", "port: $ping_max\nping_max: 7\n", "X: 7, port: $x\n"):
        refused(nats, f"\n{text}", 2)


@case("CONF-SYN-007", private=True)
def test_a_file_in_a_file_is_found_beside_it(nats: Nats) -> None:
    (nats.folder / "sub").mkdir()
    (nats.folder / "sub" / "a.conf").write_text("port: 7\ninclude 'b.conf'\n")
    (nats.folder / "sub" / "b.conf").write_text(f"authorization {{ {LOGIN} }}\nx: 3\n")
    (nats.folder / "login.conf").write_text(LOGIN)
    plain = f"port: 7\nauthorization {{ {LOGIN} }}\nx: 3\nping_max: 3\n"
    same(
        nats,
        f"port: 7\nauthorization {{ {LOGIN} }}\nx: 3\nping_max: $x\n",
        "include ./sub/a.conf\nping_max: $x\n",
        'port: 7\nauthorization {\n include "login.conf"\n}\nx: 3; ping_max: $x\n',
    )
    refused(nats, plain, 3, 1, "x")
    ended = nats.check("port: 7\ninclude nowhere.conf\n")
    assert ended.status == 1
    assert "nowhere.conf" in ended.err


@case("CONF-SYN-008", private=True)
def test_a_bcrypt_hash_is_no_variable(nats: Nats) -> None:
    word = "$2a$11$UP3xizk94sWF9SHF/wkklOfBT9jphTGNrhZqz2OHoBdk9yO1kvErG"
    same(nats, f'server_name: "{word}"\n', f"server_name: {word}\n", f"server_name = {word};")


@case("CONF-SYN-009", private=True)
def test_the_last_of_equal_keys_wins_in_any_case(nats: Nats) -> None:
    same(nats, "port: 7\n", "port: 9\nport: 7\n")
    refused(nats, "port: 7\nport: abc\n", 2, 1)
    digest(nats, "port: abc\nport: 7\n")
    digest(nats, f"PORT: 7\nAuthorization {{ {LOGIN} }}\nMax_Payload: 1k\n")
    refused(nats, "\nPORT: abc\n", 2, 1)


@case("CONF-SYN-012", private=True)
def test_elements_end_with_a_line_or_a_comma(nats: Nats) -> None:
    users = "authorization {{ users: [{}] }}\n"
    one, two = "{user: a, password: b}", "{user: c, password: d}"
    same(
        nats,
        users.format(f"{one}, {two}"),
        users.format(f"\n{one}\n{two}\n"),
        users.format(f" # first\n\n{one} // and\n\n{two},\n# last\n"),
        users.format(f"{one},\n{two},"),
    )
    refused(nats, f"port: 7\n{users.format(f'{one} {two}')}", 2)


@case("CONF-SYN-013", private=True)
def test_a_duration_has_a_unit(nats: Nats) -> None:
    same(nats, "ping_interval: 30s\n", 'ping_interval: "30s"\n', "ping_interval: '30s'\n")
    for word in ("1h30m", "300ms", "1.5s", "5m"):
        digest(nats, f"write_deadline: '{word}'\n")
    for word in ("30", "5m", "'30'", "'5 s'", "'5x'", "soon"):
        refused(nats, f"port: 7\nping_interval: {word}\n", 2, 1, "ping_interval")
