#include "adapter/postgres/types.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mutex>
#include <string_view>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

struct builtin_type {
    Oid oid;
    Oid array;
    std::string_view name;
    value_shape shape = value_shape::text;
    char delimiter = ',';
};

// From the server's pg_type.dat: these OIDs never change.
constexpr std::array builtin_types{
    builtin_type{16, 1000, "boolean", value_shape::boolean},
    builtin_type{17, 1001, "bytea", value_shape::bytes},
    builtin_type{18, 1002, "\"char\""},
    builtin_type{19, 1003, "name"},
    builtin_type{20, 1016, "bigint", value_shape::integer},
    builtin_type{21, 1005, "smallint", value_shape::integer},
    builtin_type{22, 1006, "int2vector"},
    builtin_type{23, 1007, "integer", value_shape::integer},
    builtin_type{24, 1008, "regproc"},
    builtin_type{25, 1009, "text"},
    builtin_type{26, 1028, "oid", value_shape::integer},
    builtin_type{27, 1010, "tid"},
    builtin_type{28, 1011, "xid"},
    builtin_type{29, 1012, "cid"},
    builtin_type{30, 1013, "oidvector"},
    builtin_type{114, 199, "json", value_shape::json},
    builtin_type{142, 143, "xml"},
    builtin_type{600, 1017, "point"},
    builtin_type{601, 1018, "lseg"},
    builtin_type{602, 1019, "path"},
    builtin_type{603, 1020, "box", value_shape::text, ';'},
    builtin_type{604, 1027, "polygon"},
    builtin_type{628, 629, "line"},
    builtin_type{650, 651, "cidr"},
    builtin_type{700, 1021, "real", value_shape::floating},
    builtin_type{701, 1022, "double precision", value_shape::floating},
    builtin_type{705, 0, "unknown"},
    builtin_type{718, 719, "circle"},
    builtin_type{774, 775, "macaddr8"},
    builtin_type{790, 791, "money"},
    builtin_type{829, 1040, "macaddr"},
    builtin_type{869, 1041, "inet"},
    builtin_type{1033, 1034, "aclitem"},
    builtin_type{1042, 1014, "character"},
    builtin_type{1043, 1015, "character varying"},
    builtin_type{1082, 1182, "date"},
    builtin_type{1083, 1183, "time without time zone"},
    builtin_type{1114, 1115, "timestamp without time zone", value_shape::timestamp},
    builtin_type{1184, 1185, "timestamp with time zone", value_shape::timestamptz},
    builtin_type{1186, 1187, "interval"},
    builtin_type{1266, 1270, "time with time zone", value_shape::timetz},
    builtin_type{1560, 1561, "bit"},
    builtin_type{1562, 1563, "bit varying"},
    builtin_type{1700, 1231, "numeric", value_shape::decimal},
    builtin_type{1790, 2201, "refcursor"},
    builtin_type{2202, 2207, "regprocedure"},
    builtin_type{2203, 2208, "regoper"},
    builtin_type{2204, 2209, "regoperator"},
    builtin_type{2205, 2210, "regclass"},
    builtin_type{2206, 2211, "regtype"},
    builtin_type{2249, 2287, "record"},
    builtin_type{2275, 1263, "cstring"},
    builtin_type{2278, 0, "void"},
    builtin_type{2950, 2951, "uuid"},
    builtin_type{2970, 2949, "txid_snapshot"},
    builtin_type{3220, 3221, "pg_lsn"},
    builtin_type{3614, 3643, "tsvector"},
    builtin_type{3615, 3645, "tsquery"},
    builtin_type{3734, 3735, "regconfig"},
    builtin_type{3769, 3770, "regdictionary"},
    builtin_type{3802, 3807, "jsonb", value_shape::json},
    builtin_type{3904, 3905, "int4range"},
    builtin_type{3906, 3907, "numrange"},
    builtin_type{3908, 3909, "tsrange"},
    builtin_type{3910, 3911, "tstzrange"},
    builtin_type{3912, 3913, "daterange"},
    builtin_type{3926, 3927, "int8range"},
    builtin_type{4072, 4073, "jsonpath"},
    builtin_type{4089, 4090, "regnamespace"},
    builtin_type{4096, 4097, "regrole"},
    builtin_type{4191, 4192, "regcollation"},
    builtin_type{4451, 6150, "int4multirange"},
    builtin_type{4532, 6151, "nummultirange"},
    builtin_type{4533, 6152, "tsmultirange"},
    builtin_type{4534, 6153, "tstzmultirange"},
    builtin_type{4535, 6155, "datemultirange"},
    builtin_type{4536, 6157, "int8multirange"},
    builtin_type{5038, 5039, "pg_snapshot"},
    builtin_type{5069, 271, "xid8"},
};

// The columns of catalogue_query(); one row per attribute of a composite type, one for any other.
enum class field : int { oid, kind, name, delimiter, base, element, attribute_name, attribute_type };

// What the catalogue says of one type.
struct entry {
    char kind = 0; // pg_type.typtype
    std::string name;
    char delimiter = ',';
    Oid base = InvalidOid;    // of a domain
    Oid element = InvalidOid; // of an array
    std::vector<std::pair<std::string, Oid>> attributes;
};
using entries = std::unordered_map<Oid, entry>;
using descriptions = std::unordered_map<Oid, type_ptr>;

std::string_view text_of(const PGresult* answer, int row, field which) {
    const int column = static_cast<int>(which);
    return {PQgetvalue(answer, row, column), static_cast<std::size_t>(PQgetlength(answer, row, column))};
}

// InvalidOid when NULL.
Oid oid_of(const PGresult* answer, int row, field which) {
    const std::string_view text = text_of(answer, row, which);
    Oid read = InvalidOid;
    std::from_chars(text.data(), text.data() + text.size(), read);
    return read;
}

char letter_of(const PGresult* answer, int row, field which) {
    const std::string_view text = text_of(answer, row, which);
    return text.empty() ? '\0' : text.front();
}

entries entries_of(const PGresult* answer) {
    entries read;
    for (int row = 0; row < PQntuples(answer); ++row) {
        entry& type = read[oid_of(answer, row, field::oid)];
        type.kind = letter_of(answer, row, field::kind);
        type.name = text_of(answer, row, field::name);
        type.delimiter = letter_of(answer, row, field::delimiter);
        type.base = oid_of(answer, row, field::base);
        type.element = oid_of(answer, row, field::element);
        if (const Oid attribute = oid_of(answer, row, field::attribute_type); attribute != InvalidOid) {
            type.attributes.emplace_back(text_of(answer, row, field::attribute_name), attribute);
        }
    }
    return read;
}

const type_ptr& unknown_type() {
    static const type_ptr text = std::make_shared<type_description>();
    return text;
}

// Makes descriptions of entries, what a type consists of before the type itself.
class builder {
public:
    builder(entries pending, const descriptions& known) : pending_(std::move(pending)), known_(known) {}

    descriptions build() && {
        while (!pending_.empty()) {
            find(pending_.begin()->first);
        }
        return std::move(made_);
    }

private:
    // An entry is taken before it is described, so that not even a wrong catalogue leads round in circles.
    type_ptr find(Oid oid) {
        if (const auto done = made_.find(oid); done != made_.end()) {
            return done->second;
        }
        if (auto next = pending_.extract(oid)) {
            return made_[oid] = describe(std::move(next.mapped()));
        }
        const auto before = known_.find(oid);
        return before == known_.end() ? unknown_type() : before->second;
    }

    type_ptr describe(entry from) {
        type_description made;
        if (from.kind == 'd') {
            made = *find(from.base);
        } else if (from.kind == 'c') {
            made.shape = value_shape::object;
            made.attributes.reserve(from.attributes.size());
            for (const auto& [name, type] : from.attributes) {
                std::string key;
                append_json_string(key, name);
                made.attributes.push_back({std::move(key), find(type)});
            }
        } else if (from.element != InvalidOid) {
            made.shape = value_shape::array;
            made.element = find(from.element);
        }
        made.name = std::move(from.name);
        made.delimiter = from.delimiter;
        return std::make_shared<type_description>(std::move(made));
    }

    entries pending_;
    const descriptions& known_;
    descriptions made_;
};

bool is_builtin(Oid oid) {
    return std::ranges::any_of(builtin_types, [oid](const builtin_type& each) {
        return each.oid == oid || (each.array != InvalidOid && each.array == oid);
    });
}

} // namespace

type_table::type_table() {
    for (const auto& [oid, array, name, shape, delimiter] : builtin_types) {
        const auto made = std::make_shared<type_description>(
            type_description{.name = std::string(name), .shape = shape, .delimiter = delimiter}
        );
        known_[oid] = made;
        if (array != InvalidOid) {
            known_[array] = std::make_shared<type_description>(
                type_description{.name = made->name + "[]", .shape = value_shape::array, .element = made}
            );
        }
    }
}

type_ptr type_table::find(Oid type) const {
    const std::shared_lock held(mutex_);
    const auto known = known_.find(type);
    return known == known_.end() ? unknown_type() : known->second;
}

std::vector<Oid> type_table::unknown(std::span<const Oid> types) const {
    std::vector<Oid> missing;
    const std::shared_lock held(mutex_);
    for (const Oid type : types) {
        if (!known_.contains(type) && std::ranges::find(missing, type) == missing.end()) {
            missing.push_back(type);
        }
    }
    return missing;
}

const char* type_table::catalogue_query() {
    return R"(
WITH RECURSIVE wanted(oid) AS (
    SELECT pg_catalog.unnest($1::pg_catalog.oid[])
    UNION
    SELECT part.oid
    FROM wanted
    JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype
        UNION ALL
        SELECT t.typelem
        UNION ALL
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) part(oid)
    WHERE part.oid <> 0
)
SELECT t.oid, t.typtype, pg_catalog.format_type(t.oid, NULL), t.typdelim, t.typbasetype, e.oid, a.attname, a.atttypid
FROM wanted
JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY t.oid, a.attnum
)";
}

std::string type_table::parameter_of(std::span<const Oid> types) {
    return fmt::format("{{{}}}", fmt::join(types, ","));
}

void type_table::add(const PGresult* answer) {
    entries read = entries_of(answer);
    std::erase_if(read, [](const auto& each) { return is_builtin(each.first); });
    const std::unique_lock held(mutex_);
    for (auto& [oid, made] : builder(std::move(read), known_).build()) {
        known_[oid] = std::move(made);
    }
}

} // namespace hyperterse::adapter::postgres
