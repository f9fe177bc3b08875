#include "http/routes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "http/answer.hpp"
#include "http/probes.hpp"
#include "http/query_handler.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace hyperterse::http {

namespace {

using handler = task<void> (*)(exchange&);

enum class path_match : std::uint8_t {
    exact,
    prefix, // and at least one character more
};

enum class served_on : std::uint8_t { both, service };

// The handler judges.
constexpr std::string_view any_method;

struct route {
    std::string_view path;
    path_match match;
    served_on where;
    std::string_view allow; // methods, as in the Allow header
    handler serve;
};

constexpr std::array routes{
    route{"/heartbeat", path_match::exact, served_on::both, "GET, HEAD", heartbeat},
    route{"/livez", path_match::exact, served_on::both, "GET, HEAD", liveness},
    route{"/readyz", path_match::exact, served_on::both, "GET, HEAD", readiness},
    route{query_prefix, path_match::prefix, served_on::service, any_method, serve_query},
};

bool matches(const route& candidate, const exchange& serving) {
    if (candidate.where == served_on::service && serving.role == listener_role::admin) {
        return false;
    }
    const std::string_view path = serving.asked.path;
    switch (candidate.match) {
    case path_match::exact:
        return path == candidate.path;
    case path_match::prefix:
        return path.starts_with(candidate.path) && path.size() > candidate.path.size();
    }
    return false;
}

bool allows(const route& chosen, std::string_view verb) {
    for (std::string_view rest = chosen.allow; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (trim(rest.substr(0, comma)) == verb) {
            return true;
        }
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return chosen.allow == any_method;
}

task<void> refuse_path(exchange& serving) {
    const error unknown{errc::not_found, public_message{"Not found"}};
    co_await send_error(serving, unknown);
}

} // namespace

task<void> dispatch(exchange& serving) {
    const auto chosen =
        std::ranges::find_if(routes, [&](const route& candidate) { return matches(candidate, serving); });
    if (chosen == routes.end()) {
        return refuse_path(serving);
    }
    if (!allows(*chosen, serving.asked.verb_name)) {
        return refuse_method(serving, chosen->allow);
    }
    return chosen->serve(serving);
}

} // namespace hyperterse::http
