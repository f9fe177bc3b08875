#pragma once

#include "base/error.hpp"

#include <boost/assert/source_location.hpp>

namespace hyperterse {

// value() on an error is a broken invariant of ours: std::logic_error. Check has_value() first.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

} // namespace hyperterse

#include <boost/system/result.hpp>

namespace hyperterse {

// A value or the reason why there is none. Input-dependent failure travels here; exceptions are for broken
// invariants only.
template <class T>
using result = boost::system::result<T, error>;

} // namespace hyperterse
