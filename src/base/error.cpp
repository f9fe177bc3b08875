#include "base/error.hpp"

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

} // namespace hyperterse
