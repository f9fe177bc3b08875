#include "gateway/row_encoder.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <initializer_list>
#include <limits>

namespace hyperterse::gateway {
namespace {

using adapter::cell;
using adapter::cell_kind;
using adapter::row_batch;

using row = std::vector<cell>;

std::vector<output_column> columns(std::initializer_list<std::string_view> names) {
    std::vector<output_column> made;
    for (const std::string_view name : names) {
        made.push_back({.name = name});
    }
    return made;
}

// Everything that an answer of these batches consists of.
std::string encoded(
    row_format format,
    const std::vector<output_column>& shown,
    const std::vector<std::vector<row>>& batches,
    const summary& said = {}
) {
    const auto encoder = make_row_encoder(format, shown);
    std::string out;
    encoder->begin(out);
    for (const std::vector<row>& rows : batches) {
        row_batch batch;
        batch.clear(shown.size());
        for (const row& cells : rows) {
            for (const cell& each : cells) {
                batch.push(each);
            }
        }
        encoder->rows(batch, out);
    }
    encoder->end(said, out);
    return out;
}

cell text(std::string_view content) {
    return cell::of(cell_kind::text, content);
}

const row every_kind{
    cell::null(),
    cell::of(true),
    cell::of(std::numeric_limits<std::int64_t>::min()),
    cell::of(0.1),
    cell::of(cell_kind::decimal, "12345678901234567890.10"),
    text("a \"b\"\n€"),
    cell::of(cell_kind::json, "{\"k\": [1,\r\n 2]}"),
    cell::of(cell_kind::bytes, std::string_view("\x00\xFF\x10", 3)),
};
const std::vector<output_column> eight = columns({"n", "b", "i", "f", "d", "t", "j", "y"});

TEST(row_encoder, writes_every_kind_of_cell_as_json) {
    EXPECT_EQ(
        encoded(row_format::json, eight, {{every_kind}}),
        R"({"success":true,"error":"","results":[{"n":null,"b":true,"i":-9223372036854775808,"f":0.1,)"
        R"("d":12345678901234567890.10,"t":"a \"b\"\n€","j":{"k": [1,)"
        "\r\n"
        R"( 2]},"y":"AP8Q"}]})"
        "\n"
    );
}

TEST(row_encoder, keeps_a_row_of_ndjson_on_one_line) {
    EXPECT_EQ(encoded(row_format::ndjson, eight, {{every_kind, every_kind}}), [] {
        const std::string line =
            R"({"n":null,"b":true,"i":-9223372036854775808,"f":0.1,"d":12345678901234567890.10,)"
            R"("t":"a \"b\"\n€","j":{"k": [1,   2]},"y":"AP8Q"})"
            "\n";
        return line + line;
    }());
}

TEST(row_encoder, quotes_csv_fields_as_rfc_4180_says) {
    EXPECT_EQ(
        encoded(row_format::csv, eight, {{every_kind}}),
        "n,b,i,f,d,t,j,y\r\n"
        ",true,-9223372036854775808,0.1,12345678901234567890.10,\"a \"\"b\"\"\n€\",\"{\"\"k\"\": [1,\r\n "
        "2]}\",AP8Q\r\n"
    );
}

TEST(row_encoder, tells_null_from_an_empty_string_in_csv) {
    EXPECT_EQ(
        encoded(
            row_format::csv,
            columns({"a,b", "c", "d"}),
            {{{cell::null(), text(""), cell::of(cell_kind::bytes, "")}}}
        ),
        "\"a,b\",c,d\r\n,\"\",\"\"\r\n"
    );
}

TEST(row_encoder, writes_what_json_has_no_number_for) {
    const row numbers{cell::of(std::nan("")), cell::of(HUGE_VAL), cell::of(-HUGE_VAL)};
    const auto shown = columns({"a", "b", "c"});
    EXPECT_EQ(
        encoded(row_format::ndjson, shown, {{numbers}}),
        "{\"a\":\"NaN\",\"b\":\"Infinity\",\"c\":\"-Infinity\"}\n"
    );
    EXPECT_EQ(encoded(row_format::csv, shown, {{numbers}}), "a,b,c\r\nNaN,Infinity,-Infinity\r\n");
}

TEST(row_encoder, separates_rows_across_batches) {
    const auto shown = columns({"id"});
    const std::vector<std::vector<row>> batches{
        {{cell::of(std::int64_t{1})}, {cell::of(std::int64_t{2})}}, {}, {{cell::of(std::int64_t{3})}}
    };
    EXPECT_EQ(
        encoded(row_format::json, shown, batches),
        R"({"success":true,"error":"","results":[{"id":1},{"id":2},{"id":3}]})"
        "\n"
    );
    EXPECT_EQ(encoded(row_format::csv, shown, batches), "id\r\n1\r\n2\r\n3\r\n");
}

TEST(row_encoder, ends_with_what_the_summary_says) {
    summary wrote;
    wrote.rows_affected = 3;
    wrote.last_insert_id = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(
        encoded(row_format::json, {}, {}, wrote),
        R"({"success":true,"error":"","results":[],"rows_affected":3,"last_insert_id":9223372036854775807})"
        "\n"
    );
    summary cut;
    cut.truncated = true;
    cut.truncated_by = "max_rows";
    EXPECT_EQ(
        encoded(row_format::json, columns({"a"}), {{{cell::null()}}}, cut),
        R"({"success":true,"error":"","results":[{"a":null}],"truncated":true,"truncated_by":"max_rows"})"
        "\n"
    );
    EXPECT_EQ(encoded(row_format::csv, {}, {}, wrote), "");
    EXPECT_EQ(encoded(row_format::ndjson, {}, {}, wrote), "");
}

TEST(row_encoder, shows_the_last_of_columns_with_the_same_name) {
    const row ids{cell::of(std::int64_t{1}), text("x"), cell::of(std::int64_t{2})};
    const auto shown = columns({"id", "name", "id"});
    EXPECT_EQ(encoded(row_format::ndjson, shown, {{ids}}), "{\"name\":\"x\",\"id\":2}\n");
    EXPECT_EQ(encoded(row_format::csv, shown, {{ids}}), "id,name,id\r\n1,x,2\r\n");
}

TEST(row_encoder, escapes_column_names_and_text_that_is_not_utf8) {
    EXPECT_EQ(
        encoded(row_format::ndjson, columns({"a\"\n"}), {{{text("\xFF")}}}), "{\"a\\\"\\n\":\"\uFFFD\"}\n"
    );
}

} // namespace
} // namespace hyperterse::gateway
