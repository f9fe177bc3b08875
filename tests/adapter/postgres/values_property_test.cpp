#include "adapter/postgres/arguments.hpp"
#include "adapter/postgres/handle.hpp"
#include "adapter/postgres/types.hpp"
#include "tests/adapter/postgres/server.hpp"
#include "tests/adapter/postgres/shown.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <libpq-fe.h>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Random values of every type: what clients see is the JSON of PostgreSQL's own to_jsonb(), or differs from
// it in a way that is said here. The server itself compares the two, as jsonb.
namespace hyperterse::adapter::postgres {
namespace {

using test::shown;

constexpr int values_per_type = 300;
constexpr unsigned largest_seed = 99'999; // that --gtest_random_seed takes

// That of --gtest_random_seed, which repeats a run, or another one each time.
unsigned chosen_seed() {
    const auto given = static_cast<unsigned>(GTEST_FLAG_GET(random_seed));
    return given != 0 ? given : 1 + std::random_device()() % largest_seed;
}

constexpr const char* schema = R"(
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS hstore;
DROP SCHEMA IF EXISTS shown CASCADE;
CREATE SCHEMA shown;
SET search_path = shown, public;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'a "quoted" one', 'back\slash', 'with, comma', '{}', 'NULL', '');
CREATE DOMAIN small AS int CHECK (value < 1000000);
CREATE DOMAIN words AS text[];
CREATE DOMAIN document AS jsonb;
CREATE TYPE distance AS RANGE (subtype = float8);
CREATE TYPE point3 AS (x float8, "the ""y""" numeric, z small);
CREATE TYPE nested AS (id bigint, place point3, tags text[], at timestamp, feeling mood, doc document, places point3[]);
CREATE TABLE gone (a int, b text, c words, d nested);
ALTER TABLE gone DROP COLUMN b;

-- Whatever a text may hold that has a meaning somewhere.
CREATE FUNCTION any_text() RETURNS text VOLATILE LANGUAGE sql AS $$
    SELECT coalesce(string_agg((ARRAY[
        'a', 'Z', '0', ' ', '"', '\', '''', '{', '}', '(', ')', '[', ']', ',', ';', ':', '/', E'\n', E'\r', E'\t', E'\x01',
        E'\x7f', 'é', '語', '😀', U&'\2028', 'NULL', 'null', '""', '\\', '\x', '&', '<'
    ])[1 + floor(random() * 33)::int], ''), '')
    FROM generate_series(1, floor(random() * 8)::int)
$$;
CREATE FUNCTION any_float() RETURNS float8 VOLATILE LANGUAGE sql AS $$
    SELECT CASE floor(random() * 8)::int
        WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity' WHEN 3 THEN 0
        WHEN 4 THEN floor(random() * 2e9) - 1e9
        ELSE (random() - 0.5) * 10 ^ (floor(random() * 600) - 300) END
$$;
CREATE FUNCTION any_numeric() RETURNS numeric VOLATILE LANGUAGE sql AS $$
    SELECT CASE floor(random() * 8)::int
        WHEN 0 THEN 'NaN'::numeric WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity' WHEN 3 THEN 0
        ELSE round((random()::numeric - 0.5) * 10::numeric ^ floor(random() * 60)::int, floor(random() * 40)::int) END
$$;
CREATE FUNCTION any_bigint() RETURNS bigint VOLATILE LANGUAGE sql AS $$
    SELECT CASE floor(random() * 5)::int
        WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9007199254740993
        ELSE ((random() - 0.5) * 10 ^ floor(random() * 18))::bigint END
$$;
CREATE FUNCTION any_timestamp() RETURNS timestamp VOLATILE LANGUAGE sql AS $$
    SELECT CASE floor(random() * 8)::int
        WHEN 0 THEN 'infinity'::timestamp WHEN 1 THEN '-infinity'
        WHEN 2 THEN '0001-01-01'::timestamp + (random() - 0.5) * interval '3 days'
        WHEN 3 THEN '2000-02-29'::timestamp + (random() - 0.5) * interval '3 days'
        WHEN 4 THEN '4000-01-01 BC'::timestamp + random() * interval '290000 years'
        ELSE '1850-01-01'::timestamp + date_trunc('second', random() * interval '300 years') END
$$;
CREATE FUNCTION any_interval() RETURNS interval VOLATILE LANGUAGE sql AS $$
    SELECT make_interval(
        months => ((random() - 0.5) * 100)::int * (random() * 2)::int,
        days => ((random() - 0.5) * 100)::int * (random() * 2)::int,
        secs => ((random() - 0.5) * 1e6) * (random() * 2)::int)
$$;
CREATE FUNCTION any_bytes() RETURNS bytea VOLATILE LANGUAGE sql AS $$
    SELECT decode(coalesce(string_agg(lpad(to_hex(floor(random() * 256)::int), 2, '0'), ''), ''), 'hex')
    FROM generate_series(1, floor(random() * 20)::int)
$$;
CREATE FUNCTION any_json() RETURNS jsonb VOLATILE LANGUAGE sql AS $$
    SELECT CASE floor(random() * 5)::int
        WHEN 0 THEN 'null'::jsonb WHEN 1 THEN to_jsonb(any_text()) WHEN 2 THEN to_jsonb(any_bigint())
        ELSE jsonb_build_object(any_text(), any_text(), 'list', jsonb_build_array(any_numeric(), any_text(), true)) END
$$;
-- Also gives NULL.
CREATE FUNCTION maybe(anyelement) RETURNS anyelement VOLATILE LANGUAGE sql AS $$
    SELECT CASE WHEN random() < 0.8 THEN $1 END
$$;
CREATE FUNCTION any_point() RETURNS point3 VOLATILE LANGUAGE sql AS $$
    SELECT ROW(maybe(any_float()), maybe(any_numeric()), maybe((random() * 1000)::int))::point3
$$;
CREATE FUNCTION any_mood() RETURNS mood VOLATILE LANGUAGE sql AS $$
    SELECT (enum_range(NULL::mood))[1 + floor(random() * 8)::int]
$$;
CREATE FUNCTION any_words() RETURNS text[] VOLATILE LANGUAGE sql AS $$
    SELECT coalesce(array_agg(maybe(any_text())), '{}') FROM generate_series(1, floor(random() * 4)::int)
$$;
CREATE FUNCTION any_nested() RETURNS nested VOLATILE LANGUAGE sql AS $$
    SELECT ROW(
        maybe(any_bigint()), maybe(any_point()), maybe(any_words()), maybe(any_timestamp()), maybe(any_mood()),
        maybe(any_json()), ARRAY[maybe(any_point()), maybe(any_point())]
    )::nested
$$;
)";

// to_jsonb(v), but with `Z` for the zone.
constexpr std::string_view in_utc =
    "CASE WHEN isfinite(v) THEN to_jsonb(regexp_replace(to_jsonb(v AT TIME ZONE 'UTC') #>> '{}', '( BC)?$', "
    "'Z\\1')) ELSE to_jsonb(v) END";
constexpr std::string_view as_base64 = R"(to_jsonb(translate(encode(v, 'base64'), E'\n', '')))";
constexpr std::string_view as_text = "to_jsonb(v::text)";

struct subject {
    std::string_view type;
    std::string_view value;                    // an SQL expression
    std::string_view expected = "to_jsonb(v)"; // of the value v
    std::string_view difference = "";          // why it is not to_jsonb(v)
};

constexpr subject subjects[] = {
    {"boolean", "random() < 0.5"},
    {"smallint", "((random() - 0.5) * 65535)::smallint"},
    {"integer", "((random() - 0.5) * 4294967295)::integer"},
    {"bigint", "any_bigint()"},
    {"oid", "floor(random() * 4294967295)::bigint::oid", "to_jsonb(v::bigint)", "a number, as it is one"},
    {"real", "CASE WHEN random() < 0.5 THEN random()::real ELSE (random() * 1e30)::real END"},
    {"double precision", "any_float()"},
    {"numeric", "any_numeric()"},
    {"numeric(20,4)", "round(((random() - 0.5) * 1e15)::numeric, 4)"},
    {"money", "((random() - 0.5) * 1e9)::numeric::money"},
    {"text", "any_text()"},
    {"varchar(100)", "any_text()"},
    {"char(30)", "left(any_text(), 30)"},
    {"\"char\"", "chr(33 + floor(random() * 90)::int)::\"char\""},
    {"name", "any_text()::name"},
    {"citext", "any_text()::citext"},
    {"mood", "any_mood()"},
    {"small", "floor(random() * 1000)::int::small"},
    {"document", "any_json()::document"},
    {"uuid", "gen_random_uuid()"},
    {"json", "any_json()::text::json"},
    {"jsonb", "any_json()"},
    {"xml", "xmlelement(name item, any_text()::text)"},
    {"bytea", "any_bytes()", as_base64, "base64 is what JSON has for bytes"},
    {"date", "any_timestamp()::date"},
    {"time", "any_timestamp()::time"},
    {"timetz",
     "(CASE WHEN random() < 0.2 THEN time '24:00' ELSE time '00:00' + random() * interval '1 day' END::text "
     "|| (ARRAY['+00', '+02', '-03:30', '+05:30:15'])[1 + floor(random() * 4)::int])::timetz",
     "to_jsonb(regexp_replace(v::text, '([+-]\\d\\d)$', '\\1:00'))",
     "ISO 8601 wants the minutes of the offset"},
    {"timestamp", "any_timestamp()"},
    {"timestamptz", "any_timestamp() AT TIME ZONE 'UTC'", in_utc, "in UTC, which RFC 3339 writes Z"},
    {"interval", "any_interval()"},
    {"inet",
     "format('%s.%s.0.1/%s', floor(random() * 256), floor(random() * 256), floor(random() * 33))::inet"},
    {"cidr", "format('%s.0.0.0/8', floor(random() * 256))::cidr"},
    {"macaddr", "right(md5(random()::text), 12)::macaddr"},
    {"macaddr8", "right(md5(random()::text), 16)::macaddr8"},
    {"bit(8)", "floor(random() * 256)::int::bit(8)"},
    {"varbit", "floor(random() * 256)::int::bit(8)::varbit"},
    {"point", "point(any_float(), random())"},
    {"box", "box(point(random(), random()), point(random(), random()))"},
    {"circle", "circle(point(random(), random()), random())"},
    {"path", "format('((%s,%s),(3,4))', random(), random())::path"},
    {"int4range", "int4range(floor(random() * 10)::int, 10 + floor(random() * 10)::int)"},
    {"numrange", "numrange(NULL, round(random()::numeric, 5), '[]')"},
    {"tsrange", "tsrange(timestamp '2000-01-01', timestamp '2000-01-01' + random() * interval '9 years')"},
    {"tstzrange", "tstzrange(timestamptz '2000-01-01', NULL)"},
    {"distance", "distance(random(), 1 + random())"},
    {"int8multirange", "int8multirange(int8range(1, 5), int8range(9, 10 + floor(random() * 9)::int))"},
    {"tsvector", "to_tsvector('simple', any_text() || ' word ' || any_text())"},
    {"tsquery", "plainto_tsquery('simple', 'a b')"},
    {"jsonpath", "'$.a[*] ? (@.b > 1)'::jsonpath"},
    {"pg_lsn", "format('0/%s', to_hex(floor(random() * 1e9)::int))::pg_lsn"},
    {"xid8", "floor(random() * 1e9)::text::xid8"},
    {"regclass", "(ARRAY['pg_class', 'pg_type', 'gone'])[1 + floor(random() * 3)::int]::regclass"},
    {"hstore", "hstore(any_text(), any_text())", as_text, "only built-in types become JSON by themselves"},
    {"int2vector",
     "'1 2 3'::int2vector",
     as_text,
     "a type of the catalogue only, not an array that users make"},
    {"point3", "any_point()"},
    {"nested", "any_nested()"},
    {"gone", "ROW(maybe(1), maybe(any_words()), maybe(any_nested()))::gone"},
    {"record", "ROW(1, any_text())", as_text, "the server does not describe it"},
    {"words", "any_words()::words"},
};

// A domain over an array, of which ARRAY[] cannot make one.
constexpr std::string_view not_in_arrays = "words";

// Of two dimensions, with bounds of its own; every element is the same random value or NULL.
constexpr std::string_view two_dimensional =
    "CASE WHEN random() < 0.2 THEN '{}' ELSE array_fill(maybe(e), ARRAY[1 + floor(random() * 2)::int, 2], "
    "ARRAY[-1, floor(random() * 3)::int]) END";

class postgres_values_property : public testing::Test {
protected:
    postgres_values_property() : connection_(PQconnectdb(test::postgres_connection_string().c_str())) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            throw std::runtime_error(PQerrorMessage(connection_.get()));
        }
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
        run("SET client_encoding = 'UTF8'");
        run("SET DateStyle = 'ISO, YMD'");
        run("SET IntervalStyle = 'iso_8601'");
        run("SET TimeZone = 'UTC'");
        run("SET bytea_output = 'hex'");
        run("SET extra_float_digits = 1");
        run("SET lc_monetary = 'C'");
        run(schema);
        RecordProperty("seed", static_cast<int>(seed_));
        run(fmt::format("SELECT setseed({})", static_cast<double>(seed_) / largest_seed));
    }

    ~postgres_values_property() override { run("DROP SCHEMA shown CASCADE"); }

    result_handle run(const std::string& text, std::vector<value> arguments = {}) {
        const auto bound = bound_arguments::bind(std::move(arguments));
        // The simple protocol takes several statements at once.
        result_handle answer(
            bound->size() == 0 ? PQexec(connection_.get(), text.c_str())
                               : PQexecParams(
                                     connection_.get(),
                                     text.c_str(),
                                     static_cast<int>(bound->size()),
                                     nullptr,
                                     bound->values(),
                                     nullptr,
                                     nullptr,
                                     0
                                 )
        );
        const ExecStatusType status = PQresultStatus(answer.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            ADD_FAILURE() << PQerrorMessage(connection_.get()) << text;
        }
        return answer;
    }

    type_ptr type_of(const PGresult* answer, int column) {
        const Oid oid = PQftype(answer, column);
        if (const std::vector<Oid> unknown = types_.unknown({&oid, 1}); !unknown.empty()) {
            types_.add(run(type_table::catalogue_query(), {type_table::parameter_of(unknown)}).get());
            EXPECT_TRUE(types_.unknown({&oid, 1}).empty()) << oid;
        }
        return types_.find(oid);
    }

    // `query` gives values and what they are expected to be shown as.
    void expect_same(const std::string& query, std::string_view what) {
        const result_handle answer = run(query);
        ASSERT_EQ(PQntuples(answer.get()), values_per_type) << what;
        const type_ptr type = type_of(answer.get(), 0);
        scalar_array ours;
        scalar_array theirs;
        for (int row = 0; row < values_per_type; ++row) {
            const bool null = PQgetisnull(answer.get(), row, 0) != 0;
            ours.emplace_back(null ? "null" : shown(*type, PQgetvalue(answer.get(), row, 0)));
            theirs.emplace_back(std::string(PQgetvalue(answer.get(), row, 1)));
        }
        const result_handle different =
            run("SELECT n FROM unnest($1::jsonb[], $2::jsonb[]) WITH ORDINALITY u(ours, theirs, n) "
                "WHERE ours IS DISTINCT FROM theirs",
                {ours, theirs});
        EXPECT_EQ(PQntuples(different.get()), 0) << what << ", seed " << seed_;
        for (int index = 0; index < std::min(PQntuples(different.get()), 3); ++index) {
            const auto row = std::stoul(PQgetvalue(different.get(), index, 0)) - 1;
            ADD_FAILURE() << what << ": " << PQgetvalue(answer.get(), static_cast<int>(row), 0)
                          << "\n  shown as " << std::get<std::string>(ours[row]) << "\n  expected "
                          << std::get<std::string>(theirs[row]);
        }
    }

    void expect_same(const subject& each) {
        expect_same(
            fmt::format(
                "SELECT v, coalesce({}, 'null')::text FROM (SELECT ({})::{} AS v FROM generate_series(1, {}) "
                "OFFSET "
                "0) s",
                each.expected,
                each.value,
                each.type,
                values_per_type
            ),
            each.type
        );
    }

    connection_handle connection_;
    type_table types_;
    const unsigned seed_ = chosen_seed();
};

TEST_F(postgres_values_property, is_the_json_of_the_server_or_differs_as_listed) {
    for (const subject& each : subjects) {
        EXPECT_EQ(each.expected == "to_jsonb(v)", each.difference.empty()) << each.type;
        expect_same(each);
    }
}

TEST_F(postgres_values_property, is_the_same_in_an_array) {
    for (const subject& each : subjects) {
        if (each.type == not_in_arrays) {
            continue;
        }
        const std::string random_array = fmt::format(
            "CASE WHEN random() < 0.2 THEN '{{}}' ELSE ARRAY[({0})::{1}, NULL, ({0})::{1}] END",
            each.value,
            each.type
        );
        // A composite value of nothing but NULLs is NULL to IS NULL, but not as text.
        const std::string expected = fmt::format(
            "SELECT coalesce(jsonb_agg(CASE WHEN v::text IS NULL THEN 'null' ELSE {} END ORDER BY n), '[]') "
            "FROM (SELECT n, a[n] AS v FROM generate_subscripts(a, 1) n) elements",
            each.expected
        );
        expect_same(
            fmt::format(
                "SELECT a, ({})::text FROM (SELECT {} AS a FROM generate_series(1, {}) OFFSET 0) s",
                expected,
                random_array,
                values_per_type
            ),
            fmt::format("{}[]", each.type)
        );
    }
}

TEST_F(postgres_values_property, is_the_same_in_an_array_of_two_dimensions) {
    for (const subject& each : subjects) {
        if (!each.difference.empty() || each.type == not_in_arrays) {
            continue;
        }
        expect_same(
            fmt::format(
                "SELECT v, to_jsonb(v)::text FROM (SELECT {} AS v FROM (SELECT ({})::{} AS e FROM "
                "generate_series(1, {}) OFFSET 0) r OFFSET 0) s",
                two_dimensional,
                each.value,
                each.type,
                values_per_type
            ),
            fmt::format("{}[][]", each.type)
        );
    }
}

TEST_F(postgres_values_property, is_in_utc_whatever_the_zone_of_the_session) {
    for (const char* const zone :
         {"Europe/Amsterdam",
          "America/St_Johns",
          "Asia/Kathmandu",
          "Asia/Kolkata",
          "Pacific/Apia",
          "Pacific/Kiritimati",
          "<-15:59>+15:59",
          "<+15:59>-15:59"}) {
        run(fmt::format("SET TimeZone = '{}'", zone));
        expect_same({.type = "timestamptz", .value = "any_timestamp() AT TIME ZONE 'UTC'", .expected = in_utc}
        );
    }
}

TEST_F(postgres_values_property, bytes_are_the_same_in_the_escape_format) {
    run("SET bytea_output = 'escape'");
    expect_same({.type = "bytea", .value = "any_bytes()", .expected = as_base64});
}

TEST_F(postgres_values_property, what_has_no_value_is_an_empty_string) {
    const result_handle answer = run("SELECT pg_sleep(0)");
    EXPECT_EQ(shown(*type_of(answer.get(), 0), PQgetvalue(answer.get(), 0, 0)), "\"\"");
}

TEST_F(postgres_values_property, types_are_named_as_the_server_names_them) {
    const result_handle answer =
        run("SELECT t.oid, format_type(t.oid, NULL) FROM pg_type t WHERE t.oid < 10000");
    int known = 0;
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
        const Oid oid = static_cast<Oid>(std::stoul(PQgetvalue(answer.get(), row, 0)));
        if (types_.unknown({&oid, 1}).empty()) {
            EXPECT_EQ(types_.find(oid)->name, PQgetvalue(answer.get(), row, 1));
            ++known;
        }
    }
    EXPECT_GT(known, 150);
}

TEST_F(postgres_values_property, arguments_arrive_as_they_were_bound) {
    scalar_array hostile{
        std::string("'\"\\"),
        std::string("{},()NULL"),
        std::string("NULL"),
        std::string(""),
        std::string("\x01\x7f\r\n")
    };
    for (int index = 0; index < values_per_type; ++index) {
        const result_handle made = run("SELECT any_text()");
        hostile.emplace_back(std::string(PQgetvalue(made.get(), 0, 0)));
    }
    for (const scalar& text : hostile) {
        const auto& sent = std::get<std::string>(text);
        const result_handle answer = run("SELECT $1::text, length($1::text)", {sent});
        EXPECT_EQ(PQgetvalue(answer.get(), 0, 0), sent);
    }
    const result_handle answer =
        run("SELECT e FROM unnest($1::text[]) WITH ORDINALITY u(e, n) ORDER BY n", {hostile});
    ASSERT_EQ(static_cast<std::size_t>(PQntuples(answer.get())), hostile.size());
    for (std::size_t index = 0; index < hostile.size(); ++index) {
        EXPECT_EQ(
            PQgetvalue(answer.get(), static_cast<int>(index), 0), std::get<std::string>(hostile[index])
        );
    }
}

TEST_F(postgres_values_property, numbers_arrive_with_all_digits) {
    std::mt19937_64 random(seed_);
    for (int index = 0; index < values_per_type; ++index) {
        const auto whole = static_cast<std::int64_t>(random());
        const double fraction = static_cast<double>(static_cast<std::int64_t>(random())) *
            std::pow(10.0, static_cast<double>(random() % 500) - 250);
        const result_handle answer =
            run("SELECT $1::int8, $2::float8, ($3::float8[])[2], ($4::int8[])[1]",
                {whole, fraction, scalar_array{std::monostate(), fraction}, scalar_array{whole}});
        for (const int column : {0, 3}) {
            EXPECT_EQ(shown(*types_.find(20), PQgetvalue(answer.get(), 0, column)), std::to_string(whole));
        }
        for (const int column : {1, 2}) {
            EXPECT_EQ(std::stod(shown(*types_.find(701), PQgetvalue(answer.get(), 0, column))), fraction);
        }
    }
}

} // namespace
} // namespace hyperterse::adapter::postgres
