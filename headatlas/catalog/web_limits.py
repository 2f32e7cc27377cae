"""What anybody who reaches the address of `headatlas serve` can ask of it: to read, for a while, and in pieces.

What goes wrong is a sentence in the answer, and nothing on the terminal of whoever serves.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import queue
import sqlite3
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from headatlas.catalog import user_sql
from headatlas.errors import brief, one_line
from headatlas.store import guard

# Bytes of all that one statement gives, of which pages and JSON make several times as much; a number counts as some.
MOST_BYTES = 50_000_000
_A_VALUE = 64
# Statements that are answered at once.
READERS = 3
# Connections at a time, and seconds in which one asks for something: who opens them and says nothing is not waited for.
MOST_CONNECTIONS = 100
SILENT = 10.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Readers(Executor):
    """Threads that read, of which none is waited for.

    A single step of SQLite, as `instr` of long texts, may take hours, in which nothing stops it. A task that takes
    longer than `seconds` is given up with what `error` makes: its thread ends whenever it can, or with the process, and
    another reads in its place.
    """

    def __init__(self, n_threads: int, seconds: float, error: Callable[[], Exception]) -> None:
        self._seconds, self._error = seconds, error
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        for _ in range(n_threads):
            self._start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Has a thread call `fn`."""
        future: Future[Any] = Future()
        self._tasks.put((future, partial(fn, *args, **kwargs)))
        return future

    def _start(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            future, task = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            watch = threading.Timer(self._seconds, self._give_up, [future])
            watch.daemon = True
            watch.start()
            try:
                settle: Callable[[], None] = partial(future.set_result, task())
            except BaseException as error:
                settle = partial(future.set_exception, error)
            watch.cancel()
            try:
                settle()
            except InvalidStateError:  # given up
                return

    def _give_up(self, future: Future[Any]) -> None:
        with suppress(InvalidStateError):  # done at the last moment
            future.set_exception(self._error())
            self._start()


class ReadOnly:
    """An ASGI application of which others are asked for pages alone, by a name that this machine has.

    A page of another machine whose name leads here (DNS rebinding) could else have a browser read the database: where
    `names` are given, the host that is asked for has to be one of them or an address in numbers.
    """

    def __init__(self, app: App, names: Iterable[str] | None) -> None:
        self._app = app
        self._names = None if names is None else {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, "The database is served for reading: ask with GET.", [(b"allow", b"GET, HEAD")])
            return
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if not self._is_ours(host):
            await _answer(
                send, 421, f"It is served for this machine alone, not as {brief(host)}. Ask for 127.0.0.1 or localhost."
            )
            return
        begun = False

        async def sent(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if not begun:
                await _answer(send, 500, sentence(error))
        except asyncio.CancelledError:  # Ctrl-C, for which this answer took too long
            if not begun:
                await _answer(send, 503, "The server has been stopped.")

    def _is_ours(self, host: str) -> bool:
        if self._names is None or not host:
            return True
        name = host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()
        with suppress(ValueError):
            ipaddress.ip_address(name.strip("[]"))
            return True
        return name.rstrip(".") in self._names


def sentence(error: Exception) -> str:
    """What is answered where Datasette fails on what it was asked."""
    return f"That cannot be answered ({one_line(error, named=True).rstrip('.')}). Ask for something else, or for less."


async def _answer(send: Send, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = json.dumps({"ok": False, "error": text, "status": status}).encode()
    about = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": body})


def connections(protocol: type[Any]) -> type[Any]:
    """uvicorn's class of a connection, of which there are a number at most, and which ends when nothing is asked."""

    class Connection(protocol):  # type: ignore[misc]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > MOST_CONNECTIONS:
                transport.close()
            else:
                self.loop.call_later(SILENT, self._look, None)

        def _look(self, last: Any) -> None:
            """Ends the connection where no whole request came since the one that was the last a while ago."""
            answering = self.cycle is not None and not self.cycle.response_complete
            if answering or self.cycle is not last:
                self.loop.call_later(SILENT, self._look, self.cycle)
            else:
                self.transport.close()

    return Connection


def limit(connection: sqlite3.Connection) -> None:
    """Bounds what a connection of Datasette's gives: values as those of `headatlas query`, and their sum."""
    guard.limit(connection)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, user_sql.LARGEST_VALUE)
    sums: WeakKeyDictionary[sqlite3.Cursor, int] = WeakKeyDictionary()

    def row_of(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        n_bytes = sum(len(value) for value in values if isinstance(value, str | bytes)) + _A_VALUE * len(values)
        sums[cursor] = sums.get(cursor, 0) + n_bytes
        if sums[cursor] > MOST_BYTES:
            raise sqlite3.OperationalError(
                f"the answer has more than {MOST_BYTES // 1_000_000} MB; ask for fewer rows, or for length(...) or "
                "substr(...) of long values"
            )
        return sqlite3.Row(cursor, values)

    connection.row_factory = row_of


@contextmanager
def said_in_answers() -> Iterator[None]:
    """Inside, connections of Datasette's are limited, and what fails in it is a sentence in the answer alone."""
    from datasette import handle_exception, hookimpl
    from datasette.plugins import pm
    from datasette.utils.asgi import Base400
    from datasette.views.base import DatasetteError

    class Hooks:  # registered itself: Datasette asks what has hooks for a name, as modules have one
        @staticmethod
        @hookimpl  # type: ignore[untyped-decorator]
        def prepare_connection(conn: sqlite3.Connection) -> None:
            limit(conn)

        @staticmethod
        @hookimpl  # type: ignore[untyped-decorator]
        def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
            if not isinstance(exception, Base400 | DatasetteError):
                exception = DatasetteError(sentence(exception), status=500)
            return handle_exception.handle_exception(datasette, request, exception)

    handle_exception.rich = None  # else every page not found prints a screen of traceback
    pm.unregister(handle_exception)
    pm.register(Hooks)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # where a page is given up halfway
            yield
    finally:
        pm.unregister(Hooks)
        pm.register(handle_exception)
