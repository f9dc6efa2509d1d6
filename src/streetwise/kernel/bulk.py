"""Many rows at once into one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

#: Up to here the temporary table costs more than it saves.
FEW_ROWS = 20


async def insert_many(
    connection: psycopg.AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert rows, in their order: COPY into a temporary table, and from there.

    PostgreSQL takes no COPY into a table with row-level policies, and its policies are asked
    about each row on the second half of the way. Table and columns are names of our own.
    """
    names, incoming = ", ".join(columns), f"incoming_{table}"
    rows = list(rows)
    async with connection.cursor() as cursor:
        if len(rows) <= FEW_ROWS:
            places = ", ".join(["%s"] * len(columns))
            await cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608
                rows,
            )
            return
        # Made by the first use of a connection; without the constraints of the table itself.
        await cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} ON COMMIT DELETE ROWS"  # noqa: S608
            f" AS SELECT {names} FROM {table} WITH NO DATA"
        )
        async with cursor.copy(f"COPY {incoming} ({names}) FROM STDIN") as copy:
            for row in rows:
                await copy.write_row(row)
        await cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {incoming}"  # noqa: S608
        )
        await cursor.execute(f"TRUNCATE {incoming}")
