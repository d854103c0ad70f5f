"""The wish to stop (SIGTERM, Ctrl-C), heard whatever the main thread is doing.

A handler in Python runs in the main thread, once that one wakes. The kernel may give the signal to another
thread; a main thread that waits for a lock then sleeps on, and `docker stop` ends in a kill. The byte that
CPython writes at once (`signal.set_wakeup_fd`) reaches a thread of its own instead, which may take locks, too.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heard(call: Callable[[int], None]) -> Iterator[None]:
    """Within it, `call(number)` is called for each of these signals, in a thread of its own.

    Only the main thread may enter (ValueError elsewhere). What counted before does again afterwards.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    listener = threading.Thread(target=_listen, args=(reading, call), name="signals", daemon=True)
    handlers = {number: signal.signal(number, _wake) for number in STOPS}
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(writing)
        listener.join()
        os.close(reading)


def _wake(_number: int, _frame: object) -> None:
    """Nothing: a handler must be set for the byte to be written, and so that the process is not ended."""


def _listen(reading: int, call: Callable[[int], None]) -> None:
    while number := os.read(reading, 1):
        if number[0] in STOPS:
            call(number[0])
