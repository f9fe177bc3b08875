"""Connecting to PostgreSQL: how to name it, how to prove who one is, and what a start does when that fails."""

import pathlib
import secrets
import urllib.parse

import pytest
from daemon import Certificates, free_port
from harness import run_program, wait_until, write_project
from pgbouncer import PgBouncer
from postgres import Postgres
from postgres_support import (
    Clients,
    adapter_status,
    counters,
    is_ready,
    measure_recovery,
    postgres_configuration,
    serve_postgres,
)

PASSWORD = f"p@ss: /?#[]'\\ {secrets.token_urlsafe(9)}"
QUOTED = urllib.parse.quote(PASSWORD, safe="")
WRONG = f"wrong-{secrets.token_urlsafe(9)}"
HBA = [
    "local all scram scram-sha-256",
    "host all scram 127.0.0.1/32 scram-sha-256",
    "hostnossl all plain 127.0.0.1/32 trust",
    "hostssl all certified 127.0.0.1/32 cert",
    "host all chooser 127.0.0.1/32 trust",
    "hostssl all encrypted 127.0.0.1/32 trust",
    "local all all trust",
]
QUERIES = {
    "one": "SELECT 1 AS n",
    "who": "SELECT current_user::text AS name, COALESCE(s.ssl, false) AS encrypted, current_setting('search_path') AS path,"
           " current_setting('application_name') AS application, inet_server_port() AS port"
           " FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()",
    "setting": {"statement": "SELECT current_setting({{ inputs.name }}) AS value", "inputs": {"name": {"type": "string"}}},
    "read-only": "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS it",
    "add": "INSERT INTO added VALUES (1)",
    "twice": "SELECT 1 AS n, current_setting('statement_timeout') AS t",
}


@pytest.fixture(scope="module")
def authority(module_directory):
    return Certificates(module_directory)


@pytest.fixture(scope="module")
def client_certificate(authority):
    return authority.issue("client", "certified")


@pytest.fixture(scope="module")
def postgres(authority):
    certificate = authority.issue("server", "localhost", alternatives=["DNS:localhost", "IP:127.0.0.1"])
    with Postgres(tcp=True, hba=HBA, certificate=certificate, client_authority=authority.authority) as running:
        running.psql("CREATE TABLE added (n int)")
        password = PASSWORD.replace("'", "''")
        for role in ("scram", "plain", "certified", "encrypted", "chooser"):
            running.psql(f"CREATE ROLE {role} LOGIN; GRANT ALL ON added TO {role}")
        running.psql(f"SET standard_conforming_strings = on; ALTER ROLE scram PASSWORD '{password}'")
        yield running


def refused(directory, connection, *, env=None, options=None):
    """The program does not start: its exit status is 1 at once, and what it says holds no password."""
    write_project(directory, postgres_configuration(connection, QUERIES, options=options))
    ended = run_program("run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", cwd=directory, env=env)
    assert ended.returncode == 1 and ended.stdout == "", ended
    for secret in (PASSWORD, QUOTED, WRONG):
        assert secret not in ended.stderr
    return ended.stderr


def who(directory, connection, *, env=None, **options):
    """Serves, and tells what the server knows of the connection."""
    with serve_postgres(directory, connection, QUERIES, options=options, env=env) as server:
        (row,) = server.query("who").results
        assert PASSWORD not in server.stderr and QUOTED not in server.stderr
        return row


# Naming the server


def keywords(postgres, **words):
    """A connection string over TCP; values are quoted as libpq wants it."""
    words = {"host": "127.0.0.1", "port": postgres.port, "dbname": "postgres"} | words
    quoted = {name: str(text).replace("\\", "\\\\").replace("'", "\\'") for name, text in words.items()}
    return " ".join(f"{name}='{text}'" for name, text in quoted.items())


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_url_over_tcp(directory, postgres, scheme):
    row = who(directory, f"{scheme}://scram:{QUOTED}@127.0.0.1:{postgres.port}/postgres?application_name=by-url")
    assert (row["name"], row["application"], row["port"]) == ("scram", "by-url", postgres.port)


def test_key_value_text_over_tcp(directory, postgres):
    row = who(directory, keywords(postgres, user="scram", password=PASSWORD))
    assert (row["name"], row["application"]) == ("scram", "hyperterse")


def test_a_unix_socket(directory, postgres):
    folder = urllib.parse.quote(str(postgres.directory), safe="")
    for connection in (
        postgres.connection("plain"),
        f"postgresql://plain@{folder}:{postgres.port}/postgres",
        f"postgresql://plain@/postgres?host={folder}&port={postgres.port}",
    ):
        row = who(directory, connection)
        assert (row["name"], row["encrypted"], row["port"]) == ("plain", False, None)


def test_the_environment_fills_gaps(directory, postgres):
    variables = {"PGHOST": str(postgres.directory), "PGPORT": str(postgres.port), "PGUSER": "scram", "PGPASSWORD": PASSWORD}
    assert who(directory, "postgresql:///postgres", env=variables)["name"] == "scram"


def test_a_password_from_a_variable_and_from_a_file(directory, postgres):
    row = who(directory, keywords(postgres, user="scram") + " password={{ env.SECRET }}",
              env={"SECRET": "'" + PASSWORD.replace("\\", "\\\\").replace("'", "\\'") + "'"})
    assert row["name"] == "scram"
    file = pathlib.Path(directory, "pass")
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"127.0.0.1:*:*:scram:{escaped}\n")
    file.chmod(0o600)
    assert who(directory, keywords(postgres, user="scram", passfile=file))["name"] == "scram"


def test_settings_of_the_session_by_options(directory, postgres):
    options = {"search_path": "pg_catalog, public", "application_name": "by-option", "work_mem": "5MB", "statement_timeout": "7s"}
    with serve_postgres(directory, postgres, QUERIES, options=options) as server:
        (row,) = server.query("who").results
        assert (row["path"], row["application"]) == ("pg_catalog, public", "by-option")
        for name, value in {"work_mem": "5MB", "statement_timeout": "7s", "DateStyle": "ISO, YMD", "TimeZone": "UTC",
                            "transaction_read_only": "on", "client_encoding": "UTF8"}.items():
            assert server.query("setting", {"name": name}).results == [{"value": value}]


def test_an_unknown_setting_ends_the_start(directory, postgres):
    said = refused(directory, postgres, options={"no_such_setting": "1"})
    assert "no_such_setting" in said


# Proving who one is


def test_a_wrong_password_ends_the_start(directory, postgres):
    said = refused(directory, keywords(postgres, user="scram", password=WRONG))
    assert "password authentication failed" in said and "scram" in said


def test_no_password_ends_the_start(directory, postgres):
    assert "password" in refused(directory, keywords(postgres, user="scram"))


@pytest.mark.parametrize("words,told", [
    ({"dbname": "no_such_database"}, "no_such_database"),
    ({"user": "no_such_role"}, "no_such_role"),
], ids=["database", "role"])
def test_what_does_not_exist_ends_the_start(directory, postgres, words, told):
    assert told in refused(directory, postgres.connection(words.get("user", "plain"), words.get("dbname", "postgres")))


def test_a_client_that_the_server_does_not_let_in_ends_the_start(directory, postgres):
    assert "pg_hba.conf" in refused(directory, keywords(postgres, user="plain", sslmode="require"))


# TLS


def test_tls_is_preferred(directory, postgres):
    assert who(directory, keywords(postgres, user="scram", password=PASSWORD))["encrypted"] is True
    assert who(directory, keywords(postgres, user="scram", password=PASSWORD), ssl_mode="disable")["encrypted"] is False


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_valid_certificate(directory, postgres, authority, mode):
    row = who(directory, keywords(postgres, user="encrypted"), ssl_mode=mode, ssl_ca=str(authority.authority))
    assert row["encrypted"] is True


def test_a_client_certificate(directory, postgres, client_certificate, authority):
    certificate, key = map(str, client_certificate)
    row = who(directory, keywords(postgres, user="certified"), ssl_mode="verify-full", ssl_ca=str(authority.authority),
              ssl_cert=certificate, ssl_key=key)
    assert (row["name"], row["encrypted"]) == ("certified", True)
    said = refused(directory, keywords(postgres, user="certified"), options={"ssl_mode": "require"})
    assert "certificate" in said


def test_paths_of_certificates_are_relative_to_the_configuration(directory, postgres, authority):
    pathlib.Path(directory, "ca.pem").write_bytes(authority.authority.read_bytes())
    row = who(directory, keywords(postgres, user="encrypted"), ssl_mode="verify-full", ssl_ca="ca.pem")
    assert row["encrypted"] is True


def stays_degraded(directory, connection, *told, **options):
    """It serves, says what is missing where operators look, and tells clients nothing."""
    with serve_postgres(directory, connection, QUERIES, options=options) as server:
        server.query("one").failed_as(503, "unavailable")
        wait_until(lambda: adapter_status(server)["reason"], "the reason is known")
        reason = adapter_status(server)["reason"]
        assert any(each in reason for each in told), reason
        assert server.request("GET", "/readyz").status == 503 and not is_ready(server)
        assert all(each not in server.request("GET", "/readyz").text for each in told)


@pytest.fixture(scope="module")
def bad_servers(authority):
    """One whose certificate has expired, and one whose certificate is for another host."""
    kinds = {
        "expired": authority.issue("expired", "localhost", alternatives=["IP:127.0.0.1"], expired=True),
        "other host": authority.issue("other", "db.example.com", alternatives=["DNS:db.example.com"]),
    }
    servers = {name: Postgres(tcp=True, certificate=certificate) for name, certificate in kinds.items()}
    yield servers
    for each in servers.values():
        each.remove()


@pytest.mark.parametrize("kind,mode,told", [
    ("expired", "verify-ca", "certificate verify failed"),
    ("expired", "verify-full", "certificate verify failed"),
    ("other host", "verify-full", "does not match host name"),
])
def test_a_certificate_that_does_not_verify_is_not_talked_to(directory, bad_servers, authority, kind, mode, told):
    connection = keywords(bad_servers[kind], user="postgres")
    stays_degraded(directory, connection, told, ssl_mode=mode, ssl_ca=str(authority.authority))


def test_a_certificate_of_another_authority_is_not_talked_to(directory, postgres, module_directory):
    stranger = Certificates(module_directory, "stranger")
    stays_degraded(directory, keywords(postgres, user="encrypted"), "certificate verify failed",
                   ssl_mode="verify-full", ssl_ca=str(stranger.authority))


def test_require_does_not_look_at_the_name(directory, bad_servers):
    assert who(directory, keywords(bad_servers["other host"], user="postgres"), ssl_mode="require")["encrypted"] is True


def test_a_server_without_tls_is_refused_where_tls_is_required(directory):
    with Postgres(tcp=True) as plain:
        stays_degraded(directory, keywords(plain, user="postgres"), "SSL", ssl_mode="require")


def test_a_missing_file_ends_the_start(directory, postgres):
    said = refused(directory, keywords(postgres, user="encrypted"), options={"ssl_mode": "verify-full", "ssl_ca": "no-such.pem"})
    assert "no-such.pem" in said and "config.terse:" in said


# A server that is down


def test_a_server_that_is_down_is_waited_for(directory):
    with Postgres() as late:
        late.stop()
        with serve_postgres(directory, late, QUERIES) as server:
            server.query("one").failed_as(503, "unavailable")
            assert server.request("GET", "/heartbeat").status == 200
            assert server.request("GET", "/readyz").status == 503
            shown = adapter_status(server)
            assert shown["available"] is False and shown["reason"]
            late.start()
            measure_recovery("the server comes up after the start", lambda: is_ready(server))
            assert server.query("one").results == [{"n": 1}]
            assert adapter_status(server)["available"] is True


def test_a_server_that_is_down_ends_a_strict_start(directory):
    connection = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
    write_project(directory, postgres_configuration(connection, QUERIES, server={"startup": "strict"}))
    ended = run_program("run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0", cwd=directory)
    assert ended.returncode == 1 and ended.stdout == "" and "refused" in ended.stderr


def test_a_server_that_comes_up_with_another_password_ends_nothing(directory, postgres):
    """What is fatal at the start is no reason to end a process that serves."""
    with serve_postgres(directory, keywords(postgres, user="scram", password=PASSWORD), QUERIES,
                        options={"max_lifetime": "1s"}) as server:
        assert server.query("one").results == [{"n": 1}]
        password = PASSWORD.replace("'", "''")
        postgres.psql("ALTER ROLE scram PASSWORD 'another'")
        try:
            wait_until(lambda: server.query("one").status == 503, "the old password is noticed")
            server.query("one").failed_as(503, "unavailable")
        finally:
            postgres.psql(f"ALTER ROLE scram PASSWORD '{password}'")
        measure_recovery("the password is right again", lambda: server.query("one").status == 200)


def test_validate_live_prints_the_contract(directory, postgres):
    write_project(directory, postgres_configuration(postgres, {"one": "SELECT 1 AS n, 'x'::text AS t"}))
    ended = run_program("validate", "--live", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 0, ended
    assert "int" in ended.stdout and "text" in ended.stdout


# Several hosts


@pytest.fixture(scope="module")
def standby():
    """A second server, which says that it only reads."""
    with Postgres(tcp=True, settings={"default_transaction_read_only": "on"}) as running:
        running.psql("SET default_transaction_read_only = off; CREATE ROLE chooser LOGIN")
        yield running


def several(*servers, **words):
    ports = ",".join(str(server if isinstance(server, int) else server.port) for server in servers)
    hosts = ",".join("127.0.0.1" for _ in servers)
    return " ".join(f"{name}={value}" for name, value in ({"host": hosts, "port": ports, "dbname": "postgres"} | words).items())


def test_the_first_of_several_hosts_that_answers(directory, postgres):
    assert who(directory, several(free_port(), postgres, user="plain", sslmode="disable"))["port"] == postgres.port


@pytest.mark.parametrize("wanted,chosen", [("any", 0), ("read-write", 1), ("read-only", 0), ("primary", 0)])
def test_target_session_attributes_choose_among_several_hosts(directory, postgres, standby, wanted, chosen):
    """libpq asks the server's own default_transaction_read_only, not ours of the session."""
    connection = several(standby, postgres, user="chooser")
    row = who(directory, connection, target_session_attrs=wanted)
    assert row["port"] == (standby, postgres)[chosen].port


# A pooler


@pytest.fixture
def pooler(postgres):
    with PgBouncer(postgres, pool_size=2) as running:
        yield running


@pytest.mark.parametrize("options", [{}, {"prepared_statements": "unnamed"}], ids=["as found", "unnamed"])
def test_pgbouncer_in_transaction_mode(directory, pooler, postgres, options):
    """More connections than the pooler has to the server, with settings that the pooler would forget."""
    postgres.psql("TRUNCATE added")
    with serve_postgres(directory, pooler, QUERIES, options={"max_connections": 8, "work_mem": "5MB"} | options) as server:
        with (Clients(server, "one", 8) as ones,
              Clients(server, "add", 8) as adding,
              Clients(server, "setting", 4, lambda number: {"name": "work_mem"}) as settings):
            for clients in (ones, adding, settings):
                clients.wait_for_answers(100)
        assert ones.statuses == adding.statuses == {200}
        assert all(call.answer.results == [{"value": "5MB"}] for call in settings.calls)
        assert postgres.psql("SELECT count(*) FROM added") == str(len(adding.calls))
        assert counters(server)["shared"] > 0
    assert postgres.psql("SHOW work_mem") == "4MB"


def test_settings_do_not_leak_into_the_pooler_s_other_clients(directory, pooler):
    with serve_postgres(directory, pooler, QUERIES, options={"work_mem": "6MB"}) as server:
        for _ in range(5):
            assert server.query("setting", {"name": "work_mem"}).results == [{"value": "6MB"}]
        with serve_postgres(directory, pooler, QUERIES) as other:
            for _ in range(5):
                assert other.query("setting", {"name": "work_mem"}).results == [{"value": "4MB"}]


def test_statements_without_names(directory, postgres):
    queries = QUERIES | {"prepared": "SELECT count(*) AS n FROM pg_prepared_statements WHERE name <> ''"}
    with serve_postgres(directory, postgres, queries, options={"prepared_statements": "unnamed"}) as server:
        for _ in range(20):
            assert server.query("one").results == [{"n": 1}]
            assert server.query("prepared").results == [{"n": 0}]


# The pool


def test_connections_are_kept_warm_and_given_back(directory, postgres):
    options = {"min_connections": 2, "max_connections": 6, "idle_timeout": "1s", "application_name": "warm"}
    with serve_postgres(directory, postgres, QUERIES, options=options) as server:
        def open_now():
            return int(postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'warm'"))

        wait_until(lambda: open_now() == 2, "two are warm")
        with Clients(server, "add", 6) as clients:
            wait_until(lambda: open_now() > 2, "more are used")
            clients.wait_for_answers(50)
        assert open_now() <= 6
        wait_until(lambda: open_now() == 2, "the others are closed")
    postgres.wait_for("SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'warm'", "all are closed")
