"""Log lines, and the names that look like keys."""

from __future__ import annotations

import base64
import binascii
import io
import random
import re

from nats_reference import identity
from nats_reference.logs import Log


def test_levels_and_times():
    stream = io.StringIO()
    log = Log(stream=stream)
    log.info("a")
    log.error("c")
    log.fatal("d")
    log.debug("not asked for")
    log.trace("not asked for")
    lines = stream.getvalue().splitlines()
    stamp = r"\[\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} "
    wanted = [r"\[INF\] a", r"\[ERR\] c", r"\[FTL\] d"]
    for line, pattern in zip(lines, wanted, strict=True):
        assert re.fullmatch(stamp + pattern, line)


def test_without_times_and_with_everything():
    stream = io.StringIO()
    log = Log(stream=stream, times=False, debug=True, trace=True)
    log.debug("a")
    log.trace("b")
    assert re.fullmatch(r"\[\d+\] \[DBG\] a\n\[\d+\] \[TRC\] b\n", stream.getvalue())
    log.reopen()
    log.close()


def test_a_file_and_the_same_file_again(tmp_path, capsys):
    path = tmp_path / "log"
    log = Log(path=str(path), times=False)
    log.info("before")
    path.rename(tmp_path / "old")
    log.reopen()
    log.info("after")
    log.close()
    assert (tmp_path / "old").read_text(encoding="utf-8").endswith("before\n")
    assert path.read_text(encoding="utf-8").endswith("after\n")
    assert capsys.readouterr().err == ""
    Log(times=False).close()


def test_keys_have_the_form_of_nkeys():
    rng = random.Random(2)
    for prefix, letter in ((identity.SERVER, "N"), (identity.CURVE, "X")):
        text = identity.key(prefix, rng)
        raw = base64.b32decode(text)
        assert (len(text), text[0]) == (56, letter)
        assert binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")
