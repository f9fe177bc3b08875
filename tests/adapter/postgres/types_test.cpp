#include "adapter/postgres/types.hpp"

#include "tests/adapter/postgres/shown.hpp"

#include <array>
#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace hyperterse::adapter::postgres {
namespace {

using test::shown;
using testing::ElementsAre;
using testing::IsEmpty;

// A row of the catalogue's answer; null pointers are NULL.
using row = std::array<const char*, 8>;

result_handle answer(const std::vector<row>& rows) {
    result_handle made(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
    std::array<std::string, 8> names{
        "oid", "kind", "name", "delimiter", "base", "element", "attribute", "type"
    };
    std::array<PGresAttDesc, 8> columns{};
    for (std::size_t index = 0; index < columns.size(); ++index) {
        columns[index].name = names[index].data();
    }
    PQsetResultAttrs(made.get(), static_cast<int>(columns.size()), columns.data());
    for (std::size_t index = 0; index < rows.size(); ++index) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            const char* const text = rows[index][column];
            std::string copy = text == nullptr ? "" : text;
            PQsetvalue(
                made.get(),
                static_cast<int>(index),
                static_cast<int>(column),
                text == nullptr ? nullptr : copy.data(),
                text == nullptr ? -1 : static_cast<int>(copy.size())
            );
        }
    }
    return made;
}

TEST(postgres_types, are_known_when_every_server_has_them) {
    const type_table types;
    EXPECT_EQ(types.find(23)->name, "integer");
    EXPECT_EQ(types.find(23)->shape, value_shape::integer);
    EXPECT_EQ(types.find(1007)->name, "integer[]");
    EXPECT_EQ(types.find(1007)->shape, value_shape::array);
    EXPECT_EQ(types.find(1007)->element, types.find(23));
    EXPECT_EQ(types.find(603)->delimiter, ';');
    EXPECT_THAT(types.unknown(std::vector<Oid>{23, 1007, 3802, 2249, 2278, 6157}), IsEmpty());
}

TEST(postgres_types, are_text_when_unknown) {
    const type_table types;
    const type_ptr type = types.find(70'000);
    ASSERT_NE(type, nullptr);
    EXPECT_EQ(type->name, "");
    EXPECT_EQ(shown(*type, "{1}"), "\"{1}\"");
    EXPECT_THAT(types.unknown(std::vector<Oid>{70'000, 23, 70'001, 70'000}), ElementsAre(70'000, 70'001));
}

TEST(postgres_types, are_asked_for_as_one_array) {
    EXPECT_EQ(type_table::parameter_of({}), "{}");
    EXPECT_EQ(type_table::parameter_of(std::vector<Oid>{4'294'967'295, 7}), "{4294967295,7}");
}

TEST(postgres_types, come_from_the_catalogue_in_any_order) {
    type_table types;
    types.add(answer({
                         {"90", "b", "app.pair[]", ",", "0", "80", nullptr, nullptr},
                         {"80", "c", "app.pair", ",", "0", nullptr, "mo\"od", "60"},
                         {"80", "c", "app.pair", ",", "0", nullptr, "sizes", "71"},
                         {"60", "e", "app.mood", ",", "0", nullptr, nullptr, nullptr},
                         {"70", "d", "app.size", ",", "23", nullptr, nullptr, nullptr},
                         {"71", "b", "app.size[]", ",", "0", "70", nullptr, nullptr},
                         {"72", "d", "app.sizes", ",", "71", nullptr, nullptr, nullptr},
                         {"50", "c", "app.nothing", ",", "0", nullptr, nullptr, nullptr},
                         {"40", "b", "app.vector", ",", "0", nullptr, nullptr, nullptr},
                         {"41", "b", "app.area", ";", "0", nullptr, nullptr, nullptr},
                         {"42", "b", "app.area[]", ",", "0", "41", nullptr, nullptr},
                     })
                  .get());
    EXPECT_EQ(types.find(60)->name, "app.mood");
    EXPECT_EQ(types.find(70)->name, "app.size");
    EXPECT_EQ(shown(*types.find(70), "5"), "5");
    EXPECT_EQ(shown(*types.find(72), "{5,6}"), "[5,6]");
    EXPECT_EQ(shown(*types.find(80), "(sad,\"{1,2}\")"), R"({"mo\"od":"sad","sizes":[1,2]})");
    EXPECT_EQ(shown(*types.find(90), "{\"(sad,)\",NULL}"), R"([{"mo\"od":"sad","sizes":null},null])");
    EXPECT_EQ(shown(*types.find(50), "()"), "{}");
    EXPECT_EQ(shown(*types.find(40), "[1,2]"), "\"[1,2]\"");
    EXPECT_EQ(shown(*types.find(42), "{a,b;c}"), R"(["a,b","c"])");
    EXPECT_THAT(types.unknown(std::vector<Oid>{40, 41, 42, 50, 60, 70, 71, 72, 80, 90}), IsEmpty());
}

TEST(postgres_types, change_for_those_who_ask_anew) {
    type_table types;
    types.add(answer({{"80", "c", "pair", ",", "0", nullptr, "a", "23"}}).get());
    const type_ptr before = types.find(80);
    types.add(answer({
                         {"80", "c", "pair", ",", "0", nullptr, "a", "23"},
                         {"80", "c", "pair", ",", "0", nullptr, "b", "25"},
                     })
                  .get());
    EXPECT_EQ(shown(*before, "(1)"), R"({"a":1})");
    EXPECT_EQ(shown(*before, "(1,x)"), "\"(1,x)\"");
    EXPECT_EQ(shown(*types.find(80), "(1,x)"), R"({"a":1,"b":"x"})");
}

TEST(postgres_types, that_every_server_has_do_not_change) {
    type_table types;
    const type_ptr before = types.find(23);
    types.add(answer({{"23", "b", "other", ",", "0", nullptr, nullptr, nullptr}}).get());
    EXPECT_EQ(types.find(23), before);
}

TEST(postgres_types, survive_a_catalogue_that_makes_no_sense) {
    type_table types;
    types.add(answer({
                         {"80", "d", "itself", ",", "80", nullptr, nullptr, nullptr},
                         {"81", "c", "one", ",", "0", nullptr, "other", "82"},
                         {"82", "c", "other", ",", "0", nullptr, "one", "81"},
                         {"x", "", "", "", "x", "x", "x", "x"},
                         {"83", "b", "array[]", ",", "0", "9999999", nullptr, nullptr},
                     })
                  .get());
    EXPECT_EQ(shown(*types.find(80), "x"), "\"x\"");
    EXPECT_EQ(shown(*types.find(83), "{x}"), "[\"x\"]");
    const std::string both = shown(*types.find(81), "(\"(x)\")") + shown(*types.find(82), "(\"(x)\")");
    EXPECT_THAT(
        both,
        testing::AnyOf(R"x({"other":{"one":"x"}}{"one":"(x)"})x", R"x({"other":"(x)"}{"one":{"other":"x"}})x")
    );
    types.add(answer({}).get());
}

} // namespace
} // namespace hyperterse::adapter::postgres
