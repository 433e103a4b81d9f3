import psycopg


def test_the_owner_may_make_tables_and_is_no_superuser(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("create temporary table probe (n int)")
        row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    assert row == (False,)
