"""What anybody who reaches the address of `headatlas serve` can ask: no traceback, no endless wait, no gigabytes."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import sqlite3
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from headatlas.catalog import web_limits
from headatlas.errors import HeadatlasError
from tests import fake_database
from tests.test_serve import start


def run(under_way):
    """What a coroutine gives, in a thread of its own: that of a test may have the loop of a browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, under_way).result()


def asked(method: str = "GET", host: str = "localhost:8001", *, names=("localhost",), app=None) -> tuple[int, str]:
    """The status and the error that a request is answered with; 200 where the application is asked."""
    messages = []

    async def answers(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"{}"})

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": method, "headers": [(b"accept", b"*/*"), (b"host", host.encode("latin-1"))]}
    run(web_limits.ReadOnly(app or answers, names)(scope, None, send))
    return messages[0]["status"], json.loads(messages[1]["body"]).get("error", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "CONNECT", "OPTIONS", "get"])
def test_a_server_is_only_read(method):
    assert asked(method) == (405, "The database is served for reading: ask with GET.")
    assert asked("HEAD")[0] == 200


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [("localhost", True), ("LOCALHOST:1", True), ("localhost.", True), ("127.0.0.1:8001", True), ("[::1]:8001", True),
     ("[::1]", True), ("192.168.1.2:8001", True), ("", True), ("evil.example", False), ("evil.example:8001", False),
     ("localhost.evil.example", False), ("127.0.0.1.evil.example", False), ("\xff", False), ("a:b:c", False)],
)  # fmt: skip
def test_by_a_name_of_another_machine_nothing_is_read(host, is_ours):
    status, error = asked(host=host)
    assert status == (200 if is_ours else 421)
    assert is_ours or "Ask for 127.0.0.1 or localhost" in error
    assert asked(host=host, names=None)[0] == 200


def test_what_fails_is_a_sentence():
    async def fails(scope, receive, send):
        raise KeyError("table")

    assert asked(app=fails) == (
        500, "That cannot be answered (KeyError: 'table'). Ask for something else, or for less."
    )  # fmt: skip


def test_a_reader_that_never_ends_is_replaced():
    """SQLite can be at one step for hours, in which nothing stops it."""
    stuck = threading.Event()
    readers = web_limits.Readers(1, 0.05, lambda: HeadatlasError("too long"))
    with pytest.raises(HeadatlasError, match="too long"):
        readers.submit(stuck.wait).result(timeout=20)
    assert readers.submit(lambda: 7).result(timeout=20) == 7
    with pytest.raises(ZeroDivisionError):
        readers.submit(lambda: 1 / 0).result(timeout=20)
    stuck.set()


@pytest.mark.parametrize(
    ("sql", "said"),
    [("select zeroblob(100000000)", "too big"),
     ("with t(x) as (select 1 union all select x + 1 from t limit 60) select hex(zeroblob(500000)) from t", "50 MB"),
     ("with t(x) as (select 1 union all select x + 1 from t limit 1000)"
      f"select {', '.join(['hex(zeroblob(100))'] * 1000)} from t", "50 MB")],
    ids=["a value", "long values", "many values"],
)  # fmt: skip
def test_values_are_bounded_and_so_is_their_sum(sql, said):
    with closing(sqlite3.connect(":memory:")) as connection:
        web_limits.limit(connection)
        for _ in range(60):  # each statement by itself
            (row,) = connection.execute("select hex(zeroblob(500000)) as text, 2 as number").fetchall()
        assert (len(row["text"]), row["number"]) == (1_000_000, 2)
        with pytest.raises(sqlite3.Error, match=said):
            connection.execute(sql).fetchall()


def test_connections_on_which_nothing_is_asked_end(monkeypatch):
    pytest.importorskip("uvicorn")
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        await send({"type": "http.response.body", "body": b"a"})

    async def told(beginning: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        writer.write(beginning)
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answer

    async def served() -> list[bytes]:
        settings = uvicorn.Config(app, http=web_limits.connections(H11Protocol), log_level="critical", lifespan="off")
        server = uvicorn.Server(settings)
        under_way = asyncio.create_task(server.serve(sockets=[listener]))
        whole = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        answers = [await told(beginning) for beginning in (b"", b"GET / HT", whole, whole + b"GET")]
        monkeypatch.setattr(web_limits, "MOST_CONNECTIONS", 0)
        answers.append(await told(whole))
        server.should_exit = True
        await under_way
        return answers

    monkeypatch.setattr(web_limits, "SILENT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begins = [answer[:15] for answer in run(served())]
    assert begins == [b"", b"", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b""]


@pytest.mark.slow
def test_nothing_of_it_is_seen_where_it_is_served(tmp_path):
    """Also not where a query is a single step of hours: Ctrl-C ends it all the same."""
    db = fake_database.make(tmp_path / "heads.db", layers=1, heads=1)
    process, address = start(db)
    place = urllib.parse.urlsplit(address)

    def answer(path: str, timeout: float = 60, **headers: str) -> int:
        with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)) as connection:
            connection.request("GET", f"{place.path}{path}", headers=headers)
            return connection.getresponse().status

    sql = urllib.parse.quote("select [\x1b]")
    wrong = ("_through=x", "_timelimit=x", "_facet=%00", "_facet=nope", f"id__gt={'9' * 99}")
    odd = (f".json?sql={sql}", f".csv?sql={sql}", "/heatmaps/1.blob?_blob_column=x")
    for path in (*(f"/heads?{words}" for words in wrong), *odd):
        answer(path)
    assert answer("/heads", Cookie="\xff") == 500
    assert answer("/heads", Host="evil.example") == 421
    endless = urllib.parse.quote("select instr(hex(zeroblob(9000000)), hex(zeroblob(4000000)) || '1')")
    with contextlib.suppress(TimeoutError):
        answer(f".json?sql={endless}", timeout=0.5)
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
    assert "ERROR: conn" not in errors
    assert process.returncode == 0
