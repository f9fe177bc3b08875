#pragma once

#include "adapter/postgres/handle.hpp"
#include "base/result.hpp"
#include "base/value.hpp"
#include "statement/statement.hpp"

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <vector>

namespace hyperterse::adapter::postgres {

// Arguments of a statement in text format, as PQsendQueryPrepared() takes them. Owns what it points at;
// moving it leaves the texts where they are.
class bound_arguments {
public:
    bound_arguments() = default;

    // errc::invalid_input: text with a NUL character, which the server has no place for.
    static result<bound_arguments> bind(std::vector<value> arguments);

    std::size_t size() const { return texts_.size(); }
    const char* const* values() const { return texts_.data(); } // null pointers are NULL

private:
    std::vector<value> owned_; // all but nulls and booleans as text
    boost::container::small_vector<const char*, 6> texts_;
};

// The type to declare for a parameter whose type the server cannot infer.
Oid declared_type(const statement::parameter& of);

} // namespace hyperterse::adapter::postgres
