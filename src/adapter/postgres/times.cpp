#include "adapter/postgres/times.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::string_view before_christ = " BC";
constexpr int seconds_per_day = 86'400;

// Text in a time_buffer; what does not fit is left out, and remembered.
class writer {
public:
    explicit writer(time_buffer& buffer) : buffer_(buffer) {}

    void add(std::string_view text) {
        const std::size_t room = buffer_.size() - size_;
        fits_ = fits_ && text.size() <= room;
        size_ = static_cast<std::size_t>(
            std::copy_n(text.begin(), std::min(text.size(), room), buffer_.begin() + size_) - buffer_.begin()
        );
    }
    void add(int number, std::size_t width) {
        std::array<char, 12> digits;
        const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        const std::string_view text(digits.data(), written.ptr);
        constexpr std::string_view zeros = "0000";
        add(zeros.substr(0, width - std::min(width, text.size())));
        add(text);
    }
    std::optional<std::string_view> text() const {
        return fits_ ? std::optional(std::string_view(buffer_.data(), size_)) : std::nullopt;
    }

private:
    time_buffer& buffer_;
    std::size_t size_ = 0;
    bool fits_ = true;
};

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool take(char expected) {
        const bool there = rest_.starts_with(expected);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }
    // Digits, as many as said, whose number is at most `largest`.
    struct range {
        std::size_t fewest = 2;
        std::size_t most = 2;
        int largest;
    };
    bool take(int& number, range allowed) {
        std::size_t count = 0;
        number = 0;
        for (; count < allowed.most && count < rest_.size() && is_digit(rest_[count]); ++count) {
            number = number * 10 + (rest_[count] - '0');
        }
        rest_.remove_prefix(count);
        return count >= allowed.fewest && number <= allowed.largest;
    }
    std::string_view take_digits() {
        const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const std::string_view digits = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return digits;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

struct civil_time {
    int year = 0; // astronomical: 0 is 1 BC
    int month = 0;
    int day = 0;
    int second_of_day = 0;
    std::string_view fraction; // digits
    int offset = 0;            // seconds east of UTC
};

bool read_date(reader& from, civil_time& read) {
    return from.take(read.year, {.fewest = 4, .most = 7, .largest = 9'999'999}) && from.take('-') &&
        from.take(read.month, {.largest = 12}) && from.take('-') && from.take(read.day, {.largest = 31}) &&
        read.year > 0 && read.month > 0 && read.day > 0;
}

bool read_clock(reader& from, civil_time& read) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool whole = from.take(hour, {.largest = 24}) && from.take(':') &&
        from.take(minute, {.largest = 59}) && from.take(':') && from.take(second, {.largest = 60});
    read.second_of_day = (hour * 60 + minute) * 60 + second;
    if (whole && from.take('.')) {
        read.fraction = from.take_digits();
        return !read.fraction.empty();
    }
    return whole;
}

// +02, -03:30 or +05:30:15
bool read_offset(reader& from, civil_time& read) {
    const bool east = from.take('+');
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    const bool whole = (east || from.take('-')) && from.take(hours, {.largest = 15}) &&
        (!from.take(':') || from.take(minutes, {.largest = 59})) &&
        (!from.take(':') || from.take(seconds, {.largest = 59}));
    const int size = (hours * 60 + minutes) * 60 + seconds;
    read.offset = east ? size : -size;
    return whole;
}

std::optional<civil_time> read_timestamptz(std::string_view text) {
    civil_time read;
    reader from(text);
    if (!read_date(from, read) || !from.take(' ') || !read_clock(from, read) || !read_offset(from, read)) {
        return std::nullopt;
    }
    if (from.rest() == before_christ) {
        read.year = 1 - read.year;
    } else if (!from.rest().empty()) {
        return std::nullopt;
    }
    return read;
}

int days_in_month(int year, int month) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

void to_previous_day(civil_time& at) {
    if (--at.day > 0) {
        return;
    }
    if (--at.month == 0) {
        at.month = 12;
        --at.year;
    }
    at.day = days_in_month(at.year, at.month);
}

void to_next_day(civil_time& at) {
    if (++at.day <= days_in_month(at.year, at.month)) {
        return;
    }
    at.day = 1;
    if (++at.month > 12) {
        at.month = 1;
        ++at.year;
    }
}

// An offset is less than a day, so that the date changes by one day at most.
civil_time in_utc(civil_time at) {
    at.second_of_day -= at.offset;
    at.offset = 0;
    if (at.second_of_day < 0) {
        at.second_of_day += seconds_per_day;
        to_previous_day(at);
    } else if (at.second_of_day >= seconds_per_day) {
        at.second_of_day -= seconds_per_day;
        to_next_day(at);
    }
    return at;
}

std::optional<std::string_view> write_utc(const civil_time& at, time_buffer& buffer) {
    writer to(buffer);
    to.add(at.year > 0 ? at.year : 1 - at.year, 4);
    to.add("-");
    to.add(at.month, 2);
    to.add("-");
    to.add(at.day, 2);
    to.add("T");
    to.add(at.second_of_day / 3'600, 2);
    to.add(":");
    to.add(at.second_of_day / 60 % 60, 2);
    to.add(":");
    to.add(at.second_of_day % 60, 2);
    if (!at.fraction.empty()) {
        to.add(".");
        to.add(at.fraction);
    }
    to.add("Z");
    to.add(at.year > 0 ? std::string_view() : before_christ);
    return to.text();
}

} // namespace

std::optional<std::string_view> iso_timestamp(std::string_view text, time_buffer& buffer) {
    const std::size_t space = text.find(' ');
    const bool between_digits = space != std::string_view::npos && space > 0 && space + 1 < text.size() &&
        is_digit(text[space - 1]) && is_digit(text[space + 1]);
    if (!between_digits || text.size() > buffer.size()) {
        return std::nullopt;
    }
    std::ranges::copy(text, buffer.begin());
    buffer[space] = 'T';
    return std::string_view(buffer.data(), text.size());
}

std::optional<std::string_view> utc_timestamp(std::string_view text, time_buffer& buffer) {
    constexpr std::string_view utc = "+00";
    if (text.ends_with(utc)) {
        const auto written = iso_timestamp(text, buffer);
        if (!written) {
            return std::nullopt;
        }
        buffer[text.size() - utc.size()] = 'Z';
        return written->substr(0, text.size() - utc.size() + 1);
    }
    const auto read = read_timestamptz(text);
    return read ? write_utc(in_utc(*read), buffer) : std::nullopt;
}

std::optional<std::string_view> iso_timetz(std::string_view text, time_buffer& buffer) {
    civil_time read;
    reader from(text);
    if (!read_clock(from, read)) {
        return std::nullopt;
    }
    constexpr std::string_view whole_hours = "+02";
    const bool without_minutes = from.rest().size() == whole_hours.size();
    if (!read_offset(from, read) || !from.rest().empty()) {
        return std::nullopt;
    }
    writer to(buffer);
    to.add(text);
    to.add(without_minutes ? ":00" : "");
    return to.text();
}

} // namespace hyperterse::adapter::postgres
