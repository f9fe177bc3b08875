#pragma once

#include "base/errc.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse {

// Text that a client may see. Written by us; never holds driver text, statement text, names of tables or
// hosts.
class public_message {
public:
    explicit public_message(std::string text) : text_(std::move(text)) {}
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// Text for the log only: driver messages, native codes, file names. A type of its own, without a conversion
// to public_message, so that the two cannot be exchanged by mistake.
class private_detail {
public:
    private_detail() = default;
    explicit private_detail(std::string text) : text_(std::move(text)) {}
    bool empty() const { return text_.empty(); }
    const std::string& for_log() const { return text_; }

private:
    std::string text_;
};

// One input that was refused, for the "details" member of an error body.
struct field_problem {
    std::string field;
    std::string message;
};

// Why an operation failed, as a value: a code to act on, a message for the client, a detail for the log.
class error {
public:
    error(errc code, public_message message, private_detail detail = {}) :
        code_(code), message_(std::move(message)), detail_(std::move(detail)) {}

    // The message is `prefix: field: message` of the first problem; all of them are kept. REQUIRES: not
    // empty.
    static error invalid_inputs(std::vector<field_problem> problems);

    errc code() const { return code_; }
    const std::string& message() const { return message_.text(); }
    const private_detail& detail() const { return detail_; }
    const std::vector<field_problem>& fields() const { return fields_; }

    // When the client may try again, for Retry-After; only with retryable codes.
    std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
    error&& retry_after(std::chrono::seconds delay) && {
        retry_after_ = delay;
        return std::move(*this);
    }

private:
    errc code_;
    public_message message_;
    private_detail detail_;
    std::vector<field_problem> fields_;
    std::optional<std::chrono::seconds> retry_after_;
};

} // namespace hyperterse
