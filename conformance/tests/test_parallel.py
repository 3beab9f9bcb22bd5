"""A run by many processes finds what a run by one finds, byte for byte but for times."""

import json


def without_times(path):
    data = json.loads(path.read_text("utf-8"))
    for name in ("started", "seconds"):
        del data[name]
    for target in data["targets"]:
        target["server"] = target["server"]["version"]  # the rest names one process
        for case in target["cases"]:
            # What was met is told by counts of what the server's own dice decided.
            del case["seconds"], case["transcript"], case["met"]
    return data


def test_parallel_is_serial(run, tmp_path):
    selected = ("reference", "--select", "SUB-*", "--select", "PUB-*", "--select", "PING-003")
    found = []
    for workers in ("1", "3"):
        file = tmp_path / f"{workers}.json"
        ran = run(*selected, "--seed", "11", "-n", workers, "--json", str(file))
        assert ran.status == 0, ran.said
        found.append(without_times(file))
    assert found[0] == found[1]
    assert len(found[0]["targets"][0]["cases"]) > 20
