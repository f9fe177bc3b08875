#include "adapter/postgres/errors.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

struct state_row {
    std::string_view state; // a SQLSTATE, or the two characters of a class
    errc meaning;
    std::string_view message; // for clients
    std::string_view hint;    // for the log
};

constexpr std::string_view failed = "the query failed";
constexpr std::string_view unavailable = "the database is unavailable";
constexpr std::string_view busy = "the database is busy";
constexpr std::string_view bad_value = "the database does not accept a value";
constexpr std::string_view write_hint = "; a statement that writes needs 'effect: write'";
constexpr std::string_view schema_hint = "; does the statement still fit the schema?";
constexpr std::string_view grant_hint = "; grant the database role what the statement needs";

// A SQLSTATE comes before its class, which stands for the rest of it.
constexpr std::array states{
    state_row{"23505", errc::conflict, "a row with the same key exists already", ""},
    state_row{"23P01", errc::conflict, "a row that excludes this one exists already", ""},
    state_row{
        "23503", errc::conflict, "a row that is referred to does not exist, or is still referred to", ""
    },
    state_row{"23502", errc::conflict, "a value that the database requires is null", ""},
    state_row{"23514", errc::conflict, "a value is outside of what the database allows", ""},
    state_row{"23", errc::conflict, "the database refuses the change", ""},
    state_row{"44", errc::conflict, "the database refuses the change", ""},
    state_row{"40003", errc::unavailable, unavailable, ""},
    state_row{"40", errc::conflict, "another change came in between; try again", ""},
    state_row{"P0001", errc::conflict, "the database refuses the operation", ""},
    state_row{"P0002", errc::not_found, "the database found no such row", ""},
    state_row{"55P03", errc::overloaded, busy, ""},
    state_row{"55006", errc::overloaded, busy, ""},
    state_row{"57014", errc::timeout, "the query did not finish in time", ""},
    state_row{"25P03", errc::timeout, "the query did not finish in time", ""},
    state_row{"25006", errc::internal, failed, write_hint},
    state_row{"22", errc::invalid_input, bad_value, ""},
    state_row{"42501", errc::internal, failed, grant_hint},
    state_row{"42", errc::internal, failed, schema_hint},
    state_row{"53100", errc::unavailable, "the database is full", ""},
    state_row{"53200", errc::unavailable, unavailable, ""},
    state_row{"53", errc::overloaded, busy, ""},
    state_row{"57P", errc::unavailable, unavailable, ""},
    state_row{"08", errc::unavailable, unavailable, ""},
    state_row{"58", errc::unavailable, unavailable, ""},
    state_row{"XX001", errc::unavailable, unavailable, ""},
    state_row{"XX002", errc::unavailable, unavailable, ""},
};

constexpr std::string_view data_exception = "22";

// A syntax error in no statement, neither at a position of ours nor in a function, is one in a value, for
// example of type tsquery.
bool is_of_value(std::string_view state, std::string_view position, std::string_view context) {
    return state == "42601" && position.empty() && context.empty();
}

const state_row& classify(std::string_view state) {
    static constexpr state_row other{"", errc::internal, failed, ""};
    const auto row = std::ranges::find_if(states, [state](const state_row& each) {
        return state.starts_with(each.state);
    });
    return row == states.end() ? other : *row;
}

error retryable_after_a_second(error why) {
    if (!info(why.code()).retryable) {
        return why;
    }
    return std::move(why).retry_after(std::chrono::seconds{1});
}

std::string_view field(const PGresult* failed_result, int code) {
    const char* const text = PQresultErrorField(failed_result, code);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

// The number of the first $n in the text, or 0.
std::size_t parameter_in(std::string_view message) {
    const std::size_t dollar = message.find('$');
    std::size_t number = 0;
    if (dollar != std::string_view::npos) {
        std::from_chars(message.data() + dollar + 1, message.data() + message.size(), number);
    }
    return number;
}

} // namespace

server_failure failure(const PGresult* failed_result, std::size_t argument_count) {
    if (PQresultStatus(failed_result) != PGRES_FATAL_ERROR) {
        return {{}, refused("COPY is not possible; the rows of a query are its result")};
    }
    const std::string_view state = field(failed_result, PG_DIAG_SQLSTATE);
    const std::string_view position = field(failed_result, PG_DIAG_STATEMENT_POSITION);
    const std::string_view context = field(failed_result, PG_DIAG_CONTEXT);
    const state_row& row = classify(is_of_value(state, position, context) ? data_exception : state);
    const bool fault_of_client = row.meaning != errc::invalid_input || argument_count > 0;
    // Such a message quotes the value, which no log may hold.
    const bool quotes_value = row.meaning == errc::invalid_input && argument_count > 0;
    const std::string_view message = quotes_value ? bad_value : field(failed_result, PG_DIAG_MESSAGE_PRIMARY);
    std::string detail = fmt::format("{} (SQLSTATE {})", message, state);
    if (!position.empty()) {
        detail += fmt::format(", at character {} of the statement", position);
    }
    detail += row.hint;
    error why{
        fault_of_client ? row.meaning : errc::internal,
        public_message{std::string(fault_of_client ? row.message : failed)},
        private_detail{std::move(detail)}
    };
    const std::size_t parameter = is_missing_type(state) ? parameter_in(message) : 0;
    return {std::string(state), retryable_after_a_second(std::move(why)), parameter};
}

bool is_missing_type(std::string_view state) {
    // indeterminate_datatype, and ambiguous_parameter, which a parameter used twice can lead to.
    return state == "42P18" || state == "42P08";
}

bool is_stale_plan(std::string_view state) {
    // feature_not_supported is what "cached plan must not change result type" comes as.
    constexpr std::array<std::string_view, 2> stale{"0A000", "26000"};
    return std::ranges::find(stale, state) != stale.end();
}

bool is_of_transaction(std::string_view state) {
    return state.starts_with("40");
}

std::string one_line(std::string_view driver_text) {
    std::string line(trim(driver_text));
    std::ranges::replace(line, '\n', ' ');
    return line;
}

error connection_lost(std::string_view driver_text) {
    return retryable_after_a_second(
        {errc::unavailable, public_message{std::string(unavailable)}, private_detail{one_line(driver_text)}}
    );
}

std::string_view state_of_connect_failure(std::string_view driver_text) {
    // PQERRORS_VERBOSE writes "SEVERITY:  STATE: message".
    constexpr std::string_view before = ":  ";
    constexpr std::size_t length = 5;
    std::string_view found;
    for (auto at = driver_text.find(before); at != std::string_view::npos;
         at = driver_text.find(before, at + 1)) {
        const std::string_view state = driver_text.substr(at + before.size(), length + 1);
        const auto is_of_state = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
        if (state.size() == length + 1 && state.back() == ':' &&
            std::ranges::all_of(state.substr(0, length), is_of_state)) {
            found = state.substr(0, length);
        }
    }
    return found;
}

bool is_configuration_fault(std::string_view state) {
    constexpr std::array<std::string_view, 6> lasting{"28", "3D000", "42501", "42704", "22023", "42602"};
    return std::ranges::any_of(lasting, [state](std::string_view each) { return state.starts_with(each); });
}

error refused(std::string_view why) {
    return {errc::internal, public_message{std::string(failed)}, private_detail{std::string(why)}};
}

} // namespace hyperterse::adapter::postgres
