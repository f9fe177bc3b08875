#include "http/query_handler.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"
#include "gateway/gateway.hpp"
#include "gateway/inputs.hpp"
#include "gateway/json_object.hpp"
#include "http/answer.hpp"
#include "http/negotiation.hpp"
#include "http/query_string.hpp"
#include "http/reading.hpp"
#include "http/row_sender.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hyperterse::http {

namespace {

error refused(errc code, const char* message) {
    return {code, public_message{message}};
}

// The query of a path below query_prefix, when REST may call it. Names are compared after percent-decoding,
// byte by byte: the path is not normalised.
const gateway::query* find_query(const gateway::catalog& queries, std::string_view path) {
    const std::string_view written = path.substr(query_prefix.size());
    const bool plain = written.find('%') == std::string_view::npos;
    const auto decoded = plain ? std::nullopt : percent_decode(written, plus_sign::literal);
    const gateway::query* const found = queries.find(decoded ? std::string_view(*decoded) : written);
    return found != nullptr && found->expose.rest ? found : nullptr;
}

bool is_allowed(method verb, const gateway::query& called) {
    switch (verb) {
    case method::get:
    case method::head:
        return called.read_only();
    case method::post:
        return true;
    case method::other:
        return false;
    }
    return false;
}

// A page of another site must not be able to run a query with a form: bodies are JSON and say so.
bool is_json_body(const request& asked) {
    if (asked.framing == body_framing::none) {
        return true;
    }
    const std::string_view coding = asked.find("content-encoding");
    const bool plain = coding.empty() || equals_ignoring_case(coding, "identity");
    return plain && is_json(asked.find("content-type"));
}

result<std::vector<value>> parse_inputs(const exchange& serving) {
    if (serving.asked.verb == method::post) {
        auto given = gateway::parse_inputs(serving.body, {.depth = serving.limits().json_depth});
        return given ? gateway::validate(serving.called->inputs, *given) : given.error();
    }
    auto given = parse_query_string(serving.asked.query);
    return given ? gateway::validate(serving.called->inputs, *given) : given.error();
}

// Fails with what has to be answered; succeeds when the answer was sent, or nobody is there to read it.
task<result<void>> run_query(exchange& serving, gateway::row_format format) {
    if (serving.asked.verb == method::post) {
        const bool received = co_await receive_body(serving);
        if (!received) {
            co_return result<void>();
        }
    }
    auto inputs = parse_inputs(serving);
    if (!inputs) {
        co_return inputs.error();
    }
    gateway::gateway& through = serving.home.serving()->through;
    const auto until = deadline::in(serving.limits().request_timeout);
    call_context context = serving.peer.begin_call(until);
    auto running =
        co_await gateway::execute(through, *serving.called, std::move(*inputs), std::move(context));
    if (!running) {
        co_return running.error();
    }
    auto sent = co_await send_rows(serving, **running, format);
    co_return sent;
}

// What the head alone can decide, cheapest first; then the query. REQUIRES: serving.called.
task<result<void>> admit_query(exchange& serving) {
    const auto format = negotiate_format(serving.asked);
    if (!format) {
        co_return refused(
            errc::not_acceptable, "Acceptable are application/json, application/x-ndjson and text/csv"
        );
    }
    if (serving.asked.verb == method::post && !is_json_body(serving.asked)) {
        co_return refused(errc::unsupported_media, "Content-Type must be application/json");
    }
    const counted in_flight(serving.home.serving(), &server_state::in_flight);
    if (in_flight.others() >= serving.limits().in_flight) {
        co_return refused(errc::overloaded, "Too many requests in flight");
    }
    auto served = co_await run_query(serving, *format);
    co_return served;
}

} // namespace

task<void> serve_query(exchange& serving) {
    const gateway::catalog& queries = serving.home.serving()->through.queries;
    serving.called = find_query(queries, serving.asked.path);
    if (serving.called == nullptr) {
        const error unknown = refused(errc::not_found, "Query not found");
        co_await send_error(serving, unknown);
        co_return;
    }
    if (!is_allowed(serving.asked.verb, *serving.called)) {
        co_await refuse_method(serving, serving.called->read_only() ? "GET, HEAD, POST" : "POST");
        co_return;
    }
    const auto served = co_await admit_query(serving);
    if (!served) {
        co_await send_error(serving, served.error());
    }
}

} // namespace hyperterse::http
