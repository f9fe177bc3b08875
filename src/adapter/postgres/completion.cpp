#include "adapter/postgres/completion.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace hyperterse::adapter::postgres {

completion completion_of(const PGresult* said) {
    completion done;
    if (PQnfields(said) > 0) {
        return done;
    }
    const std::string_view tuples = PQcmdTuples(const_cast<PGresult*>(said));
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(tuples.data(), tuples.data() + tuples.size(), count);
    if (failed == std::errc() && end != tuples.data()) {
        done.rows_affected = count;
    }
    return done;
}

} // namespace hyperterse::adapter::postgres
