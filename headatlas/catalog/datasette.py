"""The database in Datasette: tables and columns described, the named queries one click away, nothing to write.

Datasette (Simon Willison, https://datasette.io) is an optional dependency: `pip install 'headatlas[serve]'`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.catalog import named_queries, user_sql, web_limits
from headatlas.catalog.named_queries import QUERIES, NamedQuery
from headatlas.errors import DatabaseError, HeadatlasError, brief, one_line
from headatlas.store import readonly

if TYPE_CHECKING:
    import sqlite3

# Tables that hold work in progress or packed numbers: there, but not in the list one sees first.
_HIDDEN = ("chunks", "evidence_parts", "task_parts", "profiles", "_sqlite_migrations")
# Seconds for which Ctrl-C waits for answers that are under way.
_LEFT_AFTER = 2


def with_defaults(query: NamedQuery, connection: sqlite3.Connection) -> str:
    """A named query's SQL for a form: an empty field takes the default, and numbers arrive as text.

    `score >= :minimum` -> `score >= cast(coalesce(nullif(:minimum, ''), 0.4) as real)`.
    """
    sql = query.sql_for(connection)
    for name, value in query.parameters.items():
        kind = "text" if isinstance(value, str) else "real"
        default = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        sql = re.sub(rf":{name}\b", f"cast(coalesce(nullif(:{name}, ''), {default}) as {kind})", sql)
    return sql


def metadata(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """What Datasette shows around the database `name`: descriptions from inside the file, and the named queries."""
    tables: dict[str, dict[str, Any]] = {table: {"hidden": True} for table in _HIDDEN}
    for table, column, text in connection.execute("select table_name, column_name, description from descriptions"):
        described = tables.setdefault(table, {})
        if column:
            described.setdefault("columns", {})[column] = text
        else:
            described["description"] = text
    canned = {}
    for query in QUERIES.values():
        notes = [f"{key}: {value} unless given." for key, value in query.parameters.items()]
        lack = named_queries.lacking(connection, query)
        canned[query.name] = {
            "sql": with_defaults(query, connection),
            "title": query.title,
            "description": " ".join([*notes, f"Without rows for now: {lack}." if lack else ""]).strip(),
        }
    return {
        "title": "headatlas",
        "description": "Which known patterns the attention heads of transformers follow. Start with the view "
        "head_scores, the view head_labels, or one of the queries.",
        "databases": {name: {"tables": tables, "queries": canned}},
    }


def serve(
    path: str | Path, *, host: str = "127.0.0.1", port: int = 8001, ready: Callable[[str], object] | None = None
) -> None:
    """Serves a database until SIGINT or SIGTERM; `ready` is called with the address once it is listened on.

    Port 0 takes a free one. The file is opened read-only; a query may take 10 seconds and gives at most 1,000 rows.

    Raises:
        DatabaseError: no such file, not a headatlas database, or one from another version.
        HeadatlasError: Datasette is not installed, or the address cannot be used.
    """
    path = Path(path).resolve()
    with closing(readonly.open_readonly(path)) as connection:
        described = metadata(connection, path.stem)
    try:
        import uvicorn
        from datasette.app import Datasette
        from datasette.utils import tilde_encode
        from uvicorn.protocols.http.h11_impl import H11Protocol
    except ImportError as error:
        raise HeadatlasError(
            "`headatlas serve` needs Datasette, which is not installed. Run `pip install 'headatlas[serve]'`."
        ) from error
    if set(str(path)) & set("?#%"):  # Datasette puts the path into an address as it is
        raise DatabaseError(f"Datasette cannot open {path}: the path must be without ?, # and %.")
    local = [host, "localhost"]
    with closing(_listen(host, port)) as listener, web_limits.said_in_answers():
        app = Datasette(
            files=[str(path)],
            metadata=described,
            settings={"sql_time_limit_ms": int(1000 * user_sql.SECONDS), "max_returned_rows": user_sql.ROWS},
        )
        app.executor = web_limits.Readers(web_limits.READERS, user_sql.SECONDS + 1, _too_long)
        for asked in (app, *app.databases.values()):  # what is wrong with somebody's SQL is said in the answer
            asked.execute = partial(asked.execute, log_sql_errors=False)
        shown, number = listener.getsockname()[:2]
        address = f"http://{f'[{shown}]' if ':' in shown else shown}:{number}/{tilde_encode(path.stem)}"
        answers = web_limits.ReadOnly(app.app(), local if ip_address(shown).is_loopback else None)

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets=sockets)
                if ready is not None:
                    ready(address)  # from here on signals are uvicorn's, and end it in order

        settings = uvicorn.Config(
            answers, http=web_limits.connections(H11Protocol), ws="none", lifespan="on", log_level="warning",
            timeout_graceful_shutdown=_LEFT_AFTER,
        )  # fmt: skip
        server = Server(settings)
        # Ctrl-C is how one stops it: uvicorn ends what is under way, then raises the signal again.
        with suppress(KeyboardInterrupt):
            asyncio.run(server.serve(sockets=[listener]))


def _too_long() -> Exception:
    from datasette.views.base import DatasetteError

    return DatasetteError(f"The query took longer than {user_sql.SECONDS:g} seconds. Ask for less.", status=400)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is listened on at once, so that an address in use is known before anything is said."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        number = getattr(error, "errno", None) or 0
        # Names that are not found have negative numbers, and those that nobody can have none.
        if number < 0 or number == errno.EADDRNOTAVAIL or isinstance(error, UnicodeError):
            raise HeadatlasError(
                f"'{brief(host)}' is no address of this machine. Choose another --host; 127.0.0.1 is this machine."
            ) from error
        reason = os.strerror(number) if number else one_line(error)
        raise HeadatlasError(
            f"{host}:{port} cannot be listened on: {reason}. Choose another --port; 0 takes a free one."
        ) from error
