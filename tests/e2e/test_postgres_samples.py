"""Statements in the manner of PostgreSQL's documentation: each loads, and answers what the documentation says."""

import json
import pathlib
import shutil

import pytest
from harness import launch, send
from postgres import Postgres

SAMPLES = pathlib.Path(__file__).parent / "postgres_samples"
RUN = ("run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0")


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as cluster:
        yield cluster


def started(postgres, directory, database):
    """The samples over a new database that schema.sql creates."""
    postgres.psql(f"CREATE DATABASE {database}")
    postgres.psql((SAMPLES / "schema.sql").read_text(encoding="utf-8"), database)
    project = shutil.copytree(SAMPLES, directory / database)
    return launch(project, *RUN, env={"DATABASE_URL": postgres.connection("postgres", database)})


@pytest.fixture(scope="module")
def server(postgres, module_directory):
    with started(postgres, module_directory, "samples") as running:
        yield running.wait_ready()
        running.stop()


def test_no_sample_is_rejected(server):
    """They start with startup: strict."""
    ready = send(server.admin_port, "GET", "/readyz")
    assert ready.status == 200 and "warn" not in {line.get("level") for line in server.log}


def rows(columns, *lines):
    """Rows of the named columns."""
    names = columns.split()
    return [dict(zip(names, line, strict=True)) for line in lines]


LAMP = {"w": 10, "h": 45.5}
READS = [
    ("first", {}, rows("one", [1])),
    # JSON
    ("json-fields", {"id": 1}, rows("size colour width second last_count subscript", [LAMP, "red", 10, "screw", "8", "bulb"])),
    ("json-fields", {"id": 2}, rows("size colour width second last_count subscript",
                                    [{"w": 70, "h": 110}, "brown", 70, None, None, None])),
    ("json-named-field", {"field": "fuel"}, rows("value", [None], [None], ["oil"])),
    ("json-named-field", {"field": "' OR '1'='1"}, rows("value", [None], [None], [None])),
    ("json-has-key", {"key": "gift"}, rows("id", [3])),
    ("json-has-keys", {"keys": ["size", "fuel"]}, rows("id some every", [1, True, False], [2, True, False], [3, True, False])),
    ("json-contains", {"part": {"colour": "red"}}, rows("id", [1])),
    ("json-contains", {"part": {"size": {"w": 70}}}, rows("id", [2])),
    ("json-path", {"least": 2}, rows("id part", [1, "screw"])),
    ("json-path-predicates", {}, rows("id", [1], [3])),
    ("json-made", {}, rows(
        "document salaries",
        [{"department": "engines", "names": ["Ada", "Bo", "Cleo"]}, {"Ada": 5200.5, "Bo": 4100, "Cleo": 4100}],
        [{"department": "letters", "names": ["Dan", "Eve"]}, {"Dan": 3900.25, "Eve": 3100}])),
    ("json-row", {}, rows(
        "row home",
        [{"id": 2, "home": {"city": "Odense", "street": 'Høje "Gade" 2'}, "mood": "ok", "name": "Bo", "salary": 4100,
          "manager": 1, "department": "engines"}, {"street": 'Høje "Gade" 2', "city": "Odense"}])),
    ("json-each", {}, rows("key value", ["fuel", "oil"], ["gift", "true"], ["note", None])),
    ("json-changed", {"width": 99}, rows(
        "changed merged", [{"colour": "red", "size": {"w": 99, "h": 45.5}}, {"colour": "red", "new": [1, 2.5]}])),
    ("json-rows", {"items": [{"item": "b", "quantity": 2.5}, {"item": "a", "quantity": 1}, {"item": "c", "quantity": 0}]},
     rows("item quantity", ["a", 1], ["b", 2.5])),
    # Text
    ("search", {"q": "reading"}, rows("id name", [2, "Reading chair"], [1, "Desk lamp"], [3, "Lantern"])),
    ("search", {"q": "reading -chair"}, rows("id name", [1, "Desk lamp"], [3, "Lantern"])),
    ("search", {"q": '"warm" or twelve'}, rows("id name", [1, "Desk lamp"], [3, "Lantern"])),
    ("search-headline", {"q": "warm & read"}, rows("found", ["A lamp for <b>reading</b> at night, bright and <b>warm</b>."])),
    ("search-phrase", {"q": "long nights"}, rows("id", [2])),
    ("search-vector", {}, rows("vector query", ["'cat':3 'fat':2", "'fat' & !'rat'"])),
    ("text-patterns", {"part": "LA"}, rows(
        "name has_part by_expression similar letters swapped",
        ["Desk lamp", True, False, True, "esk", "lamp Desk"],
        ["Reading chair", False, False, True, "eading", "chair Reading"],
        ["Lantern", True, True, False, "antern", "Lantern"])),
    ("text-literals", {}, [{
        "doubled": "it's", "escaped": "tab\tand 'quote'", "dollars": "it's {{ not }} $1", "tagged": " $$ ", "unicode": "A😀",
        "joined": "two lines", "bits": "00011111", 'quoted ? "name" $1': "Desk lamp"}]),
    ("text-functions", {"name": "O'Neil"}, rows(
        "formatted names joined shouted length",
        ["O'Neil has 'O''Neil' and \"Col\"", "Cleo, Bo, Ada", "a-O'Neil", "O'Neil!", 6])),
    # Sets
    ("window-ranks", {}, rows(
        "name rank dense before running",
        ["Ada", 1, 1, None, 5200.5], ["Bo", 2, 2, "Ada", 9300.5], ["Cleo", 2, 2, "Bo", 13400.5],
        ["Dan", 4, 3, "Cleo", 3900.25], ["Eve", 5, 4, "Dan", 7000.25])),
    ("aggregates", {}, rows("happy median most all_paid moods", [2, 4100, "engines", True, ["sad", "ok", "happy"]])),
    ("grouping-sets", {}, rows("department mood people", ["engines", None, 3], ["letters", None, 2], [None, None, 5])),
    ("distinct-on", {}, rows("department name", ["engines", "Cleo"], ["letters", "Eve"])),
    ("recursive", {"id": 1}, rows(
        "name depth path",
        ["Ada", 0, ["Ada"]], ["Bo", 1, ["Ada", "Bo"]], ["Cleo", 1, ["Ada", "Cleo"]], ["Dan", 1, ["Ada", "Dan"]],
        ["Eve", 2, ["Ada", "Dan", "Eve"]])),
    ("recursive", {"id": 4}, rows("name depth path", ["Dan", 0, ["Dan"]], ["Eve", 1, ["Dan", "Eve"]])),
    ("lateral", {"each": 1}, rows("department name salary", ["engines", "Ada", 5200.5], ["letters", "Dan", 3900.25])),
    ("values", {"two": "two"}, rows("column1 column2", [1, "one"], [2, "two"])),
    ("set-operations", {}, rows("name", ["Ada"], ["Bo"], ["Cleo"], ["Dan"])),
    ("whole-table", {}, rows("page count last", ["/", 41, "2024-01-01T10:00:00Z"], ["/about", 1, None])),
    ("series", {"from": 1, "to": 5}, rows("n square", [1, 1], [3, 9], [5, 25])),
    ("series", {"from": 5, "to": 1}, []),
    ("series-of-days", {"from": "2024-05-03", "to": "2024-05-06"}, rows(
        "day guest", ["2024-05-03", "Ada"], ["2024-05-04", None], ["2024-05-05", None], ["2024-05-06", "Bo"])),
    ("choice", {}, rows("name", ["Ada"], ["Bo"], ["Cleo"], ["Dan"], ["Eve"])),
    ("choice", {"sort": "mood", "limit": 2, "offset": 1}, rows("name", ["Bo"], ["Dan"])),
    ("choice", {"department": "letters"}, rows("name", ["Dan"], ["Eve"])),
    # Types
    ("array-any", {"ids": [1, 2], "moods": ["sad"]}, rows(
        "name listed other_mood", ["Ada", True, True], ["Bo", True, True], ["Eve", False, True])),
    ("array-any", {"ids": [], "moods": []}, rows("name listed other_mood", ["Eve", False, True])),
    ("array-operators", {"tags": ["out door"]}, rows(
        "id contains overlaps first longer place length grid slice",
        [1, False, False, "light", ["light", "home", "new"], 2, 2, [[1, 2], [3, 4]], [[3, 4]]],
        [2, False, False, "home", ["home", "wood", "new"], 1, 2, None, None],
        [3, True, True, "light", ["light", "out door", "new"], None, 2, [], []])),
    ("array-unnest", {"words": ["a", 'b "c", {d}\\', "", "NULL"]}, rows(
        "place word", [4, "NULL"], [3, ""], [2, 'b "c", {d}\\'], [1, "a"])),
    ("arrays-of-types", {}, rows(
        "numbers truths moods from_zero texts documents times",
        [[1.5, None], [True, False], ["sad", "happy"], [7, 8], ["a,b", '"', "", "NULL", None], [{"a": 1}],
         ["2024-01-01T10:00:00"]])),
    ("enum-filter", {"least": "ok"}, rows("name mood", ["Ada", "happy"], ["Eve", "happy"], ["Bo", "ok"], ["Dan", "ok"])),
    ("enum-range", {}, rows("every first", [["sad", "ok", "happy"], "sad"])),
    ("range-overlap", {"from": "2024-05-03", "to": "2024-05-06"}, rows(
        "guest during arrives leaves stays",
        ["Ada", "[2024-05-01,2024-05-04)", "2024-05-01", "2024-05-04", False],
        ["Bo", "[2024-05-06,2024-05-08)", "2024-05-06", "2024-05-08", False])),
    ("range-overlap", {"from": "2024-05-20"}, rows(
        "guest during arrives leaves stays", ["Eve", "[2024-06-01,)", "2024-06-01", None, True])),
    ("range-values", {"day": "2024-05-02"}, rows(
        "common open nothing booked taken",
        ["[3,5)", "[1.5,)", "empty", "{[2024-05-01,2024-05-04),[2024-05-06,2024-05-08)}", True])),
    ("dates", {"since": "2024-03-01", "days": 2}, rows(
        "at hour day later days text bin",
        ["2024-03-01T00:00:00", "2024-03-01T00:00:00", 1, "2024-03-03T00:00:00", 60, "2024-03-01T00", "2024-03-01T00:00:00"],
        ["2024-03-01T06:30:00", "2024-03-01T06:00:00", 1, "2024-03-03T06:30:00", 60, "2024-03-01T06", "2024-03-01T06:30:00"])),
    ("date-values", {}, rows(
        "date time fraction instant zoned age interval month_later overlap",
        ["2024-02-29", "10:30:00", "10:30:00.25", "2024-07-01T10:00:00Z", "2024-07-01T10:00:00Z", "P1Y1M1D", "P1DT2H3M4.5S",
         "2024-02-29T00:00:00", True])),
    ("others", {"id": "8f14e45f-ceea-4671-a1a3-2f0d5e3c9b01"}, rows(
        "id source internal content hex",
        ["8f14e45f-ceea-4671-a1a3-2f0d5e3c9b01", "10.1.2.3", True, "AP8Q", "00ff10"])),
    ("composites", {}, rows(
        "name home city",
        ["Bo", {"street": 'Høje "Gade" 2', "city": "Odense"}, "Odense"], ["Cleo", None, None],
        ["Dan", {"street": "Quay 4, left", "city": None}, None])),
    ("conditions", {"of": 1}, rows(
        "name place manager elsewhere other",
        ["Ada", "top", 0, None, True], ["Bo", "direct", 1, None, False], ["Cleo", "direct", 1, None, False],
        ["Dan", "direct", 1, "letters", False], ["Eve", "below", 4, "letters", True])),
    ("settings", {}, rows("name zone read_only", ["samples", "UTC", "on"])),
    ("show", {}, rows("server_encoding", ["UTF8"])),
]


@pytest.mark.parametrize(("query", "inputs", "expected"), READS, ids=[f"{case[0]}-{n}" for n, case in enumerate(READS)])
def test_reads(server, query, inputs, expected):
    assert server.query(query, inputs).results == expected


def test_shares_keep_their_digits(server):
    assert [row["percent"] for row in server.query("window-shares").results] == [38.8, 30.6, 30.6, 55.7, 44.3]
    assert sorted(row["half"] for row in server.query("window-shares").results) == [1, 1, 1, 2, 2]


def test_numbers_keep_their_digits(server):
    answer = server.query("numbers", {"amount": "2.345"})
    results = answer.text.partition('"results":')[2]
    for written in ('"big":9223372036854775807', '"double":0.30000000000000004', '"exact":1.10', '"rounded":2.35'):
        assert written in results
    row, = json.loads(results.rpartition("]")[0] + "]")
    assert (row["small"], row["nan"], row["infinite"]) == (1e-7, "NaN", "-Infinity")
    assert [row[name] for name in ("power", "quotient", "rest", "root", "xor")] == [1024, 3, 3, 5, 6]


def test_reads_answer_get(server):
    assert server.get("json-has-key", {"key": "gift"}).results == [{"id": 3}]
    assert server.get("array-any", {"ids": [1, 2], "moods": "sad"}).json["success"]
    server.get("upsert", {"page": "/", "at": "2024-01-01"}).failed_as(405, "method_not_allowed")


@pytest.mark.parametrize(
    ("query", "inputs"),
    [
        ("enum-filter", {"least": "furious"}),
        ("series", {"from": 1, "to": 3_000_000_000}),
        ("series-of-days", {"from": "2024-02-30", "to": "2024-03-01"}),
        ("range-overlap", {"from": "2024-05-06", "to": "2024-05-01"}),
        ("search-headline", {"q": "two words"}),
        ("json-rows", {"items": {"not": "an array"}}),
    ],
)
def test_values_that_a_type_refuses_are_the_inputs_fault(server, query, inputs):
    server.query(query, inputs).failed_as(400, "invalid_input")


def test_writes(postgres, directory):
    with started(postgres, directory, "writes") as running:
        server = running.wait_ready()
        flo = {"name": "Flo", "department": "letters", "salary": "3000.10", "mood": "ok", "hired": "2024-02-29"}
        assert server.query("insert-returning", flo).results == rows(
            "id name salary mood hired", [6, "Flo", 3000.1, "ok", "2024-02-29"])
        raised = server.query("update-from", {"factor": "1.10", "boss": "Dan"}).results
        assert raised == rows("name salary", ["Eve", 3410])
        server.query("delete-returning", {"department": "engines"}).failed_as(409, "conflict")  # Dan's manager is there
        gone = server.query("delete-returning", {"department": "letters"}).results
        assert sorted(row["name"] for row in gone) == ["Dan", "Eve", "Flo"]
        server.query("upsert", {"page": "/", "at": "2024-06-01T00:00:00Z"})
        assert server.query("upsert", {"page": "/", "at": "2024-06-02T02:00:00+02:00"}).results == rows(
            "page count last inserted", ["/", 43, "2024-06-02T00:00:00Z", False])
        assert server.query("upsert", {"page": "/new", "at": "2024-06-02"}).results[0]["inserted"] is True
        many = server.query("insert-many", {"pages": ["/", "/a", "/b"], "counts": [1, 2, 3]}).json
        assert (many["results"], many["rows_affected"]) == ([], 2)
        assert server.query("move", {"from": "/a", "to": "/z"}).results == rows("page count", ["/z", 2])
        assert server.query("merge", {"page": "/z"}).json["rows_affected"] == 1
        assert server.query("merge", {"page": "/merged"}).json["rows_affected"] == 1
        assert postgres.psql("SELECT page || ' ' || count FROM hits ORDER BY page", "writes").split("\n") == [
            "/ 43", "/about 1", "/b 3", "/merged 10", "/new 1", "/z 12"]
        free = {"guest": "Cleo", "from": "2024-05-04", "to": "2024-05-06"}
        assert server.query("book", free).results == [{"during": "[2024-05-04,2024-05-06)"}]
        server.query("book", free).failed_as(409, "conflict")
        running.stop()


VECTORS = """
name: vectors
adapters: { db: { connector: postgres, connection_string: '{{ env.DATABASE_URL }}' } }
queries:
  nearest:
    use: db
    description: The items nearest to a vector
    statement: SELECT id, place, place <-> {{ inputs.place }} AS distance FROM items ORDER BY distance LIMIT 2
    inputs:
      place: { type: string }
"""


def test_vectors(postgres, directory):
    if not postgres.psql("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        pytest.skip("the extension vector is not installed")
    postgres.psql("CREATE DATABASE vectors")
    postgres.psql(
        "CREATE EXTENSION vector; CREATE TABLE items (id int, place vector(2)); "
        "INSERT INTO items VALUES (1, '[0,0]'), (2, '[3,4]'), (3, '[9,9]')", "vectors")
    (directory / "config.terse").write_text(VECTORS, encoding="utf-8")
    with launch(directory, *RUN, env={"DATABASE_URL": postgres.connection("postgres", "vectors")}) as running:
        server = running.wait_ready()
        assert server.query("nearest", {"place": "[0,0]"}).results == rows(
            "id place distance", [1, "[0,0]", 0], [2, "[3,4]", 5])
        server.query("nearest", {"place": "[0,0,0]"}).failed_as(400, "invalid_input")
        running.stop()
