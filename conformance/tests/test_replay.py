import json

import pytest

FAILING = "example:SUB-001:1"


@pytest.fixture
def failed(run, a_server, tmp_path):
    """results.json of a run that failed."""
    file = tmp_path / "r.json"
    url = a_server("always_wrong").url
    ran = run(url, "--select", FAILING, "--patience", "0.5", "--json", str(file))
    assert ran.status == 1
    return file


def test_the_same_server_says_the_same(run, failed):
    ran = run("replay", str(failed))
    assert ran.status == 0
    assert f"= {FAILING}" in ran.out


def test_another_server_differs_and_the_difference_is_shown(run, failed):
    ran = run("replay", str(failed), "--target", "reference")
    assert ran.status == 1
    assert f"≠ {FAILING}" in ran.out
    assert "-S1: -ERR 'Wrong'␍␊" in ran.out


def test_a_pass_is_replayed_when_selected(run, tmp_path):
    file = tmp_path / "r.json"
    assert run("reference", "--select", FAILING, "--json", str(file)).status == 0
    assert run("replay", str(file)).status == 4
    ran = run("replay", str(file), "--select", "SUB-001")
    assert ran.status == 0, ran.said


def test_what_started_servers_of_its_own_is_not_replayed(run, failed):
    data = json.loads(failed.read_text("utf-8"))
    note = {"at": 0, "connection": 0, "side": "#", "data": "starts a server of its own: x"}
    data["targets"][0]["cases"][0]["transcript"].insert(0, note)
    failed.write_text(json.dumps(data))
    ran = run("replay", str(failed))
    assert ran.status == 4
    assert "starts servers of its own" in ran.err
