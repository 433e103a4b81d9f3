"""What lies in a hub's database, read by plain SQL beside all code of the hub."""

from typing import NamedTuple

import psycopg
from tests.system.hub import Hub

from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._postgres_server import running_postgres


class StoredFix(NamedTuple):
    """One row of the table `position`, with what track judged of it."""

    identity: str
    fixed_at_ms: int
    lat_deg: float
    lon_deg: float
    flags: int


def stored_fixes(hub: Hub, like: str) -> list[StoredFix]:
    """Return every stored row of the trackers whose identity is like the SQL pattern, in order of arrival."""
    query = """
        SELECT tracker.identity, (extract(epoch FROM position.fixed_at) * 1000)::bigint, position.lat_deg,
               position.lon_deg, position.flags | coalesce(position_quality.flags, 0)
        FROM position JOIN tracker USING (tracker_id)
        LEFT JOIN position_quality USING (track_seq, row_no)
        WHERE tracker.identity LIKE %s
        ORDER BY track_seq, row_no"""
    with psycopg.connect(running_postgres(read_data_folder(hub.data))) as connection:
        return [StoredFix(*row) for row in connection.execute(query, (like,))]
