#pragma once

#include "adapter/adapter.hpp"
#include "adapter/backend.hpp"
#include "statement/compile.hpp"
#include "tests/adapter/support.hpp"

#include <boost/asio/io_context.hpp>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What every backend has to do alike. A backend instantiates the suite `conformance` with its quirks.
namespace hyperterse::test {

// A statement that has to fail or change nothing when it runs as a read.
struct bypass_attempt {
    std::string_view statement;
};

// How a backend differs; nothing else may.
struct quirks {
    std::string_view name;
    const adapter::backend* backend;
    // For an adapter of a database of its own, which holds the tables of the sample:
    //   items(id, the integer primary key; name, text, unique and not null; amount, integer)
    //   kinds(flag, a boolean; whole, 64 bits; fraction, a double; words, text; tree, JSON)
    adapter::adapter_options (*fresh)(const temporary_directory& directory);
    std::string_view endless;      // a read that never ends
    std::string_view million_rows; // a read of the integers from 1 to 1,000,000 as `n`
    std::vector<bypass_attempt> bypasses;
    bool outlives_adapter = true;         // the database
    bool inserts_tell_id = false;         // completion::last_insert_id
    bool like_has_escape = false;         // a backslash in a pattern is not itself
    std::size_t longest_like = 64 * 1024; // bytes of a pattern
};

// A cell that outlives its batch; numbers and booleans as JSON writes them.
struct owned_cell {
    adapter::cell_kind kind;
    std::string text;
    friend bool operator==(const owned_cell&, const owned_cell&) = default;
};
std::ostream& operator<<(std::ostream& out, const owned_cell& shown);

struct answer {
    std::vector<std::string> columns;
    std::vector<std::vector<owned_cell>> rows;
    adapter::completion done;
};

struct named_input {
    std::string name;
    value_type type;
    bool array = false;
};

// One adapter on a database of its own, driven on the thread of the test.
class harness {
public:
    explicit harness(const adapter::backend& backend) : backend_(backend) {}
    harness(const harness&) = delete;
    harness& operator=(const harness&) = delete;
    ~harness() { stop(); }

    // Both end the adapter that there was.
    std::optional<adapter::start_error> start(const adapter::adapter_options& options);
    void stop();

    // Lives as long as the harness. Throws when it cannot be compiled.
    const statement::statement& compile(std::string_view text, const std::vector<named_input>& inputs = {});

    bool compiles(std::string_view text) const;

    // Arguments in the order of the statement's parameters. The effect is what the words of the statement
    // say, unless given.
    result<answer> query(
        const statement::statement& executed,
        std::vector<value> arguments = {},
        call_context context = patiently(),
        std::optional<statement::effect> effect = std::nullopt
    );
    result<answer> query(std::string_view text) { return query(compile(text)); }
    result<std::unique_ptr<adapter::cursor>>
    execute(const statement::statement& executed, call_context context = patiently());
    result<adapter::contract> describe(const statement::statement& described);

    // Starts it without waiting for it.
    void begin(task<void> work);
    // Runs what is ready until `done()`; false when that takes longer than any test should.
    template <class Predicate>
    bool run_until(Predicate done) {
        const deadline limit = deadline::in(60s);
        while (!done() && !limit.passed()) {
            worker_.restart();
            worker_.run_one_for(1ms);
        }
        return done();
    }

    adapter::adapter& tested() { return *adapter_; }
    asio::io_context& worker() { return worker_; }

private:
    const adapter::backend& backend_;
    asio::io_context worker_{1};
    std::unique_ptr<adapter::adapter> adapter_;
    std::deque<statement::compiled_template> compiled_;
};

// Collects all rows.
task<result<answer>> collect(
    adapter::adapter& from,
    const statement::statement& executed,
    statement::effect effect,
    std::vector<value> arguments,
    call_context context
);

class conformance : public testing::TestWithParam<const quirks*> {
protected:
    conformance() : test(*GetParam()->backend) {}

    void SetUp() override;
    adapter::adapter_options options() const { return GetParam()->fresh(directory); }

    temporary_directory directory;
    harness test;
};

std::string backend_name(const testing::TestParamInfo<const quirks*>& instance);

} // namespace hyperterse::test
