#include "base/error.hpp"

#include "base/result.hpp"

#include <stdexcept>

namespace hyperterse {

error error::invalid_inputs(std::vector<field_problem> problems) {
    const field_problem& first = problems.front();
    error refused{
        errc::invalid_input,
        public_message{
            "input validation failed: validation error for field '" + first.field + "': " + first.message
        }
    };
    refused.fields_ = std::move(problems);
    return refused;
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
    throw std::logic_error(
        "result<T>::value() called on an error at " + where.to_string() + ": " + failure.message()
    );
}

} // namespace hyperterse
