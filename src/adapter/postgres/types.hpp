#pragma once

#include "adapter/postgres/handle.hpp"

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace hyperterse::adapter::postgres {

// How the server's text of a value is shown.
enum class value_shape : std::uint8_t {
    text, // as it is
    boolean,
    integer,
    floating,
    decimal,
    json,
    bytes,
    timestamp,
    timestamptz,
    timetz,
    array,
    object, // of a composite type
};

struct type_description;
using type_ptr = std::shared_ptr<const type_description>;

// Immutable, and acyclic as the types of the server are.
struct type_description {
    struct attribute {
        std::string key; // the name as a JSON string
        type_ptr type;
    };

    std::string name; // as format_type() shows it; empty: unknown
    value_shape shape = value_shape::text;
    char delimiter = ',';                // of arrays of this type
    type_ptr element{};                  // of an array
    std::vector<attribute> attributes{}; // of an object, in order
};

// What is known of the types of a database, by OID: those that every server has, and what the catalogue told
// of the others. Any thread.
class type_table {
public:
    type_table();

    // Never null: values of a type that is not known are shown as text.
    type_ptr find(Oid type) const;

    // Those of `types` that are not known, each once.
    std::vector<Oid> unknown(std::span<const Oid> types) const;

    // Asks the catalogue for types and for what they consist of. Has one parameter: parameter_of().
    static const char* catalogue_query();
    static std::string parameter_of(std::span<const Oid> types);
    // Adds the answer. Types that were added before are replaced; who holds their description keeps the old
    // one.
    void add(const PGresult* answer);

private:
    mutable std::shared_mutex mutex_; // guards known_
    std::unordered_map<Oid, type_ptr> known_;
};

} // namespace hyperterse::adapter::postgres
