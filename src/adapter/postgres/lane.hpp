#pragma once

#include "adapter/postgres/common.hpp"
#include "adapter/postgres/plan.hpp"
#include "adapter/postgres/shared.hpp"
#include "adapter/postgres/watch.hpp"
#include "base/task.hpp"
#include "statement/statement.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace hyperterse::adapter::postgres {

class pump;

// What an adapter has on one worker: the short reads that wait for a shared connection, the pumps that serve
// them, and the watch. Used on that worker only.
class lane final : public std::enable_shared_from_this<lane>, private watched {
public:
    lane(const executor& worker, common& of_adapter);
    ~lane();

    const executor& worker() const { return worker_; }
    common& adapter() { return adapter_; }
    watch& ticker() { return *watch_; }
    plan& plan_of(const statement::statement& executed);

    // Whether a connection is shared here, or may be.
    bool can_share() const;
    // Runs a read on a shared connection, or finds that it has to run apart; the call tells afterwards.
    // REQUIRES: can_share().
    task<void> run(shared_call_ptr call);
    // Waiting calls fail, the pumps end.
    void stop();

    // For the pumps.
    bool is_stopping() const { return stopping_; }
    bool has_waiting() const { return !waiting_.empty(); }
    std::vector<shared_call_ptr> take_waiting(std::size_t most);
    void put_back(std::vector<shared_call_ptr> calls); // before all others
    // The pump has no connection; if there is no other pump, neither have the calls.
    void give_up(const error& why);

private:
    void tick(steady_clock::time_point now) override;
    void place(const shared_call_ptr& call);
    void summon();
    bool start_pump();
    static task<void> run_pump(std::shared_ptr<lane> self, pump& serving);
    void fail_waiting(const error& why);

    const executor worker_;
    common& adapter_;
    const std::shared_ptr<watch> watch_;
    std::unordered_map<const statement::statement*, plan*> plans_;
    std::deque<shared_call_ptr> waiting_;   // for a pump
    std::deque<shared_call_ptr> undecided_; // until a probe has told where their statement runs
    std::vector<std::unique_ptr<pump>> pumps_;
    bool stopping_ = false;
};

} // namespace hyperterse::adapter::postgres
