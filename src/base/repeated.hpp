#pragma once

#include "base/deadline.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace hyperterse {

// Keeps a log calm while something fails in the same way again and again. Used by one caller at a time.
class repeated {
public:
    // Whether to say it: when it is another reason than the last one, or a minute has passed since.
    bool is_news(std::string_view reason, steady_clock::time_point now) {
        constexpr std::chrono::minutes silence{1};
        if (reason == last_ && now - said_ < silence) {
            return false;
        }
        last_ = reason;
        said_ = now;
        return true;
    }
    // It works again.
    void reset() { last_.clear(); }

private:
    std::string last_;
    steady_clock::time_point said_{};
};

} // namespace hyperterse
