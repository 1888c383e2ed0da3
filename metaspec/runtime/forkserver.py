"""The process that workers are forked from, and the driver's handle on it.

TensorFlow takes seconds to import, and a process that has run one of its operations must not fork. So one
process imports it, runs nothing, and forks workers on demand: a worker is ready in a fraction of a second
and shares the imported pages. `multiprocessing` has such a server too, but it imports the user's main script
again in each worker, so that a script without a `__main__` guard would start itself over; it is one for the
whole process, with one list of modules; and its children keep it alive after the driver was killed.

Here the kernel ends the server with the driver, and the workers with the server (`lifeline.die_with`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import BinaryIO, NoReturn

from metaspec.runtime import lifeline, worker
from metaspec.runtime.pipes import Pipe

_READY = b"ready\n"
_LONGEST = 256  # bytes of a message; all of them are short


class ServerLost(Exception):
    """The fork server does not answer any more."""


class ForkServer:
    """The driver's side. Every request waits for its answer; none takes longer than a fork."""

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str], log: BinaryIO, patience: float) -> None:
        """Starts the server; returns at once, while it still imports `preload`.

        patience: seconds that any answer may take, the first one with the imports included.
        """
        self._control, theirs = socket.socketpair()
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), str(os.getpid()), *preload],
                pass_fds=(theirs.fileno(),),
                env=os.environ | dict(environment) | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._control.settimeout(patience)
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def fork(self, end: socket.socket, log: BinaryIO) -> int:
        """A new worker that holds `end` of a pipe, and whose output goes to `log`. Returns its process id."""
        if not self._ready:
            if self._receive() != _READY:
                raise ServerLost
            self._ready = True
        return int(self._ask(b"fork", (end.fileno(), log.fileno())))

    def end(self, pid: int) -> tuple[int, int]:
        """Kills a worker if it still lives and buries it.

        Returns its exit code, negative for a signal, and the bytes of memory that it held at the most. The server is
        the parent and buries only here, so the number cannot have passed to another process.
        """
        code, kibibytes = self._ask(b"end %d" % pid).split()
        return int(code), 1024 * int(kibibytes)

    def close(self) -> None:
        """Ends the server, and with it every worker."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, message: bytes, descriptors: Sequence[int] = ()) -> bytes:
        try:
            socket.send_fds(self._control, [message + b"\n"], list(descriptors))
        except OSError as problem:
            raise ServerLost from problem
        return self._receive()

    def _receive(self) -> bytes:
        try:
            answer = self._control.recv(_LONGEST)
        except OSError as problem:  # a timeout is one too
            raise ServerLost from problem
        if not answer:
            raise ServerLost
        return answer


def serve(control: socket.socket) -> None:
    """The server's side: one answer for each request, until the driver closes its end."""
    control.sendall(_READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 2)
        if not message:
            return
        command, _, argument = message.decode().strip().partition(" ")
        if command == "fork":
            server = os.getpid()
            child = os.fork()
            if child == 0:
                control.close()
                _become_worker(server, *descriptors)
            for descriptor in descriptors:  # the worker's end is its alone, so that its death closes the pipe
                os.close(descriptor)
            control.sendall(b"%d\n" % child)
        else:
            os.kill(int(argument), signal.SIGKILL)
            _, status, used = os.wait4(int(argument), 0)
            control.sendall(b"%d %d\n" % (os.waitstatus_to_exitcode(status), used.ru_maxrss))


def _become_worker(server: int, pipe: int, log: int) -> NoReturn:
    code = 1
    try:
        lifeline.die_with(server)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        worker.main(Pipe(socket.socket(fileno=pipe)))
        code = 0
    finally:  # never back into the server's loop
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main(arguments: Sequence[str]) -> None:
    descriptor, driver, *preload = arguments
    lifeline.die_with(int(driver))
    lifeline.ignore_interrupts()
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    for name in preload:
        import_module(name)
    serve(control)


if __name__ == "__main__":
    main(sys.argv[1:])
