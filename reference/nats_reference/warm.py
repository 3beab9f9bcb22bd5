"""A process that has read all it needs and becomes a server on request: a start takes no time.

For those who start many servers, such as the runner: importing takes ten times as
long as starting. Whoever runs `python -m nats_reference.warm FD` listens on the
Unix socket FD. A connection to it asks for one server, with a line of JSON
(`argv`: the command that would start it, `cwd`, `log`; perhaps `errors`, a log for
standard error alone, and `env`, more environment variables), is told its `pid`, and in
the end its exit `status`. The servers are forks, so each is a process of its own;
they end with this one, which ends when its standard input does.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import re
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What every server imports, some of it late.
FIRST = (
    *("concurrent.futures.thread", "encodings.idna"),
    *(f"{__package__}.{name}" for name in ("cli", "config.loader", "language")),
    *(f"{__package__}.{name}" for name in ("monitoring.http", "transport.process")),
)
#: What no server imports, or only one that has faults.
OTHERS = re.compile(r"nats_reference\.(?:__main__|testing|warm|faults)\b")
#: A request is one line, and no longer than this.
LONGEST = 1 << 20


def main() -> int:
    """Serve requests until standard input ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    nursery = Nursery(listener)
    read()
    gc.freeze()
    try:
        nursery.run(more())
    finally:
        nursery.end()
    return 0


def read() -> None:
    """Import what every server imports, and make what it makes of grammars."""
    for name in FIRST:
        import_module(name)
    from nats_reference import language  # noqa: PLC0415 - after the socket is there
    from nats_reference.transport import loop  # noqa: PLC0415
    from nats_spec import lalr, subjects  # noqa: PLC0415

    language.Language()
    lalr.parser("config")
    subjects.valid_subscription(b">")
    loop.new_event_loop().close()


def more() -> Iterator[None]:
    """Import what some servers import, a module at a time."""
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."):
        if not OTHERS.match(module.name) and module.name not in sys.modules:
            import_module(module.name)
            yield
    gc.freeze()


class Nursery:
    """The servers that were asked for, and who wants to know of their end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._asking: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, waker = socket.socketpair()
        for end in (self._woken, waker):
            end.setblocking(False)
        self._waker = waker
        # The terminal's Ctrl-C is for the servers and for whoever started this process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)

    def run(self, spare: Iterator[None]) -> None:
        """Until standard input ends; with nothing else to do, `spare` goes on."""
        for source in (self._listener, self._woken, sys.stdin):
            self._selector.register(source, selectors.EVENT_READ)
        left = True
        while True:
            events = self._selector.select(0 if left else None)
            if not events:
                left = next(spare, self) is None
            for key, _ in events:
                if key.fileobj is self._listener:
                    self._start(self._listener.accept()[0])
                elif key.fileobj is self._woken:
                    with suppress(BlockingIOError):
                        self._woken.recv(4096)
                    self._bury()
                elif not os.read(sys.stdin.fileno(), 4096):
                    return

    def end(self) -> None:
        """No server outlives this process."""
        for pid in self._asking:
            os.kill(pid, signal.SIGKILL)

    def _start(self, asking: socket.socket) -> None:
        with asking.makefile("rb") as lines:
            line = lines.readline(LONGEST)
        try:
            request = json.loads(line)
        except ValueError:  # it broke off
            asking.close()
            return
        if "--fault" in request["argv"]:
            from nats_reference import faults  # noqa: PLC0415 - once for all that have one

            faults.load()
        pid = os.fork()
        if pid == 0:
            self._leave()
            asking.close()
            become(request)
        self._asking[pid] = asking
        tell(asking, {"pid": pid})

    def _bury(self) -> None:
        while self._asking:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            asking = self._asking.pop(pid)
            tell(asking, {"status": os.waitstatus_to_exitcode(status)})
            asking.close()

    def _leave(self) -> None:
        """A server has nothing of this process but its memory."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        for end in (self._listener, self._woken, self._waker, *self._asking.values()):
            end.close()


def tell(asking: socket.socket, about: dict[str, int]) -> None:
    """One line of JSON, to whoever still wants to know."""
    with suppress(OSError):
        asking.sendall(json.dumps(about).encode() + b"\n")


def become(request: dict[str, Any]) -> NoReturn:
    """Be the server; never returns."""
    status = 1
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        errors = os.open(request.get("errors", request["log"]), os.O_WRONLY | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in ((0, nothing), (1, log), (2, errors if "errors" in request else log)):
            os.dup2(file, number)
        for file in (log, errors, nothing):
            os.close(file)
        os.chdir(request["cwd"])
        os.environ.update(request.get("env", {}))
        from nats_reference import cli  # noqa: PLC0415 - it has been read

        argv = request["argv"]
        arguments = argv[argv.index(__package__) + 1 :]
        sys.argv = [str(Path(__file__).with_name("__main__.py")), *arguments]
        status = cli.main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter would
        with suppress(OSError, ValueError):
            traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


if __name__ == "__main__":
    raise SystemExit(main())
