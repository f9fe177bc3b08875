"""The example over real data, some 135,000 cities, in each of its databases."""

import os
import shutil
import subprocess

import pytest
from harness import ROOT, copy_example, launch
from postgres import Postgres

CITIES = 135_233
EXAMPLE = ROOT / "examples" / "cities"
RUN = ("run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0")


@pytest.fixture(scope="module")
def on_sqlite(module_directory):
    subprocess.run([EXAMPLE / "load"], check=True, timeout=240)
    with launch(copy_example("cities", module_directory), *RUN) as running:
        yield running.wait_ready()
        running.stop()


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as cluster:
        cluster.psql("CREATE DATABASE cities")
        loaded = os.environ | {"DATABASE_URL": cluster.connection("postgres", "cities")}
        subprocess.run([EXAMPLE / "postgres" / "load"], env=loaded, check=True, timeout=240)
        yield cluster


@pytest.fixture(scope="module")
def on_postgres(postgres, module_directory):
    project = shutil.copytree(EXAMPLE / "postgres", module_directory / "postgres")
    with launch(project, *RUN, env={"DATABASE_URL": postgres.connection("postgres", "cities")}) as running:
        yield running.wait_ready()
        running.stop()


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def server(request):
    return request.getfixturevalue(request.param)


def test_get_one_city_by_id(server):
    (city,) = server.get("get-city", {"id": 2950159}).results
    assert (city["name"], city["country"], city["feature_code"]) == ("Berlin", "DE", "PPLC")
    assert city["population"] > 3_000_000
    assert (round(city["latitude"], 1), round(city["longitude"], 1)) == (52.5, 13.4)
    assert server.get("get-city", {"id": 1}).results == []


def test_search_by_the_first_letters_the_largest_first(server):
    rows = server.get("search-cities", {"name": "san fr"}).results
    assert rows[0]["name"] == "San Francisco" and len(rows) == 10
    assert all(row["name"].lower().startswith("san fr") for row in rows)
    populations = [row["population"] for row in rows]
    assert populations == sorted(populations, reverse=True)


def test_search_in_one_country(server):
    rows = server.query("search-cities", {"name": "Paris", "country": "US", "limit": 100}).results
    assert rows and {row["country"] for row in rows} == {"US"}
    server.query("search-cities", {"name": "Paris", "country": "usa"}).failed_as(400, "invalid_input")


def test_names_outside_of_ascii(server):
    rows = server.get("search-cities", {"name": "Zür"}).results
    assert rows[0]["name"].startswith("Zür")


def test_nearest(server):
    rows = server.get("nearest-cities", {"latitude": 52.52, "longitude": 13.40, "limit": 20}).results
    distances = [row["kilometres"] for row in rows]
    assert len(rows) == 20 and distances == sorted(distances) and distances[0] < 5
    assert "Berlin" in {row["name"] for row in rows}
    server.get("nearest-cities", {"latitude": 91, "longitude": 0}).failed_as(400, "invalid_input")


def test_by_country(server):
    rows = server.query("cities-by-country", {"country": ["JP", "KR"], "limit": 2}).results
    assert [row["name"] for row in rows] == ["Seoul", "Tokyo"]
    rows = server.get("cities-by-country", {"country": ["LI"], "sort": "name", "limit": 1000}).results
    names = [row["name"].lower() for row in rows]
    assert names == sorted(names) and "vaduz" in names


def test_statistics_count_every_city(server):
    rows = server.query("country-statistics", {"limit": 300}).results
    assert sum(row["cities"] for row in rows) == CITIES
    assert rows[0]["country"] in ("CN", "IN")


def test_paging_reads_every_city_once(server):
    seen = set()
    after = pages = 0
    while rows := server.query("page-cities", {"after": after, "limit": 5000}).results:
        ids = [row["id"] for row in rows]
        assert ids == sorted(ids) and ids[0] > after
        seen.update(ids)
        after = ids[-1]
        pages += 1
    assert len(seen) == CITIES and pages == 28


def test_all_cities_in_one_answer(server):
    answer = server.query("page-cities", {"limit": 200_000}, {"Accept": "application/x-ndjson"})
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.body.count(b"\n") == CITIES


# PostgreSQL alone


def test_a_misspelt_name_finds_the_similar_ones_the_most_similar_first(on_postgres):
    rows = on_postgres.get("similar-cities", {"name": "San Fransisco", "limit": 20}).results
    assert rows[0]["name"] == "San Francisco" and rows[0]["country"] == "US"
    similarities = [row["similarity"] for row in rows]
    assert similarities == sorted(similarities, reverse=True) and 0.3 <= similarities[-1] <= similarities[0] < 1
    assert on_postgres.get("similar-cities", {"name": "%"}).results == []


@pytest.mark.parametrize(("latitude", "longitude"), [(0, 180), (0, -180), (90, 0), (-90, 45)])
def test_the_nearest_over_the_date_line_and_at_the_poles(on_postgres, latitude, longitude):
    rows = on_postgres.query("nearest-cities", {"latitude": latitude, "longitude": longitude, "limit": 5}).results
    distances = [row["kilometres"] for row in rows]
    assert len(rows) == 5 and distances == sorted(distances) and distances[0] < 2000


@pytest.mark.parametrize(
    ("index", "condition", "order"),
    [
        ("cities_by_first_letters", "lower(name) ^@ lower($1::text)", "population DESC"),
        ("cities_by_similarity", "name % $1::text", "similarity(name, $1) DESC"),
        ("cities_by_place", "true", "ll_to_earth(latitude, longitude) <-> ll_to_earth($1::float8, 0)"),
    ],
)
def test_a_plan_for_all_values_uses_the_index(postgres, index, condition, order):
    plan = postgres.psql(
        "SET plan_cache_mode = force_generic_plan;"
        f"PREPARE query AS SELECT id FROM cities WHERE {condition} ORDER BY {order} LIMIT 10;"
        "EXPLAIN EXECUTE query('10')",
        "cities",
    )
    assert index in plan
