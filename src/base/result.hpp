#pragma once

#include "base/error.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace hyperterse {

// A value or the reason why there is none. Input-dependent failure travels here; exceptions are for broken
// invariants only. Like std::expected of C++23, with `error` as the only error type.
template <class T>
class [[nodiscard]] result {
public:
    template <class U = T>
        requires std::is_constructible_v<T, U&&> && (!std::is_same_v<std::remove_cvref_t<U>, result>) &&
        (!std::is_same_v<std::remove_cvref_t<U>, class error>)
    result(U&& made) : content_(std::in_place_index<0>, std::forward<U>(made)) {}
    result(class error why) : content_(std::in_place_index<1>, std::move(why)) {}

    bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    // REQUIRES: has_value().
    T& operator*() & { return *std::get_if<0>(&content_); }
    const T& operator*() const& { return *std::get_if<0>(&content_); }
    T&& operator*() && { return std::move(**this); }
    T* operator->() { return std::get_if<0>(&content_); }
    const T* operator->() const { return std::get_if<0>(&content_); }
    // As operator*, but throws std::bad_variant_access where there is none.
    T& value() & { return std::get<0>(content_); }
    const T& value() const& { return std::get<0>(content_); }
    T&& value() && { return std::get<0>(std::move(content_)); }

    // REQUIRES: not has_value().
    const class error& error() const& { return std::get<1>(content_); }
    class error&& error() && { return std::get<1>(std::move(content_)); }

private:
    std::variant<T, class error> content_;
};

template <>
class [[nodiscard]] result<void> : public result<std::monostate> {
public:
    result() : result<std::monostate>(std::monostate()) {}
    result(class error why) : result<std::monostate>(std::move(why)) {}
};

} // namespace hyperterse
