"""Messages of any size, and pipes whose other end is gone or silent."""

import threading

import numpy as np
import pytest

from metaspec.runtime.pipes import Pipe, open_pipe


@pytest.fixture
def ends():
    ours, theirs = open_pipe(1.0)
    theirs = Pipe(theirs)
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize("sizes", [(), (0,), (1, 0, 3), (3_000_000, 7), (5,) * 1500])
def test_arrays_arrive_as_they_were_sent(ends, sizes):
    ours, theirs = ends
    message = {str(n): np.random.default_rng(n).normal(size=size).astype("f4") for n, size in enumerate(sizes)}
    sender = threading.Thread(target=theirs.send, args=(message,))
    sender.start()
    received = ours.receive()
    sender.join()
    assert received.keys() == message.keys()
    for key in message:
        np.testing.assert_array_equal(received[key], message[key])
        assert received[key].flags.aligned and received[key].flags.writeable


def test_arrays_that_are_not_contiguous(ends):
    ours, theirs = ends
    table = np.arange(12.0).reshape(3, 4)
    message = {"column": table[:, 1], "turned": table.T, "one": np.array(3.0)}
    theirs.send(message)
    received = ours.receive()
    for key in message:
        np.testing.assert_array_equal(received[key], message[key])


def test_the_other_end_closed(ends):
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        ours.receive()


def test_a_message_that_stops_in_the_middle(ends):
    ours, theirs = ends
    theirs._socket.sendall(b"\x01\x00\x00")
    with pytest.raises(OSError):
        ours.receive()


def test_nobody_reads(ends):
    ours, _ = ends
    with pytest.raises(OSError):
        ours.send(np.zeros(10_000_000))
