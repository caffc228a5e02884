#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "agent/base/time.hpp"

namespace vitrine::simulation {

/// Everything that is going to happen, in the order of simulated time; of what is due at the same
/// instant, what was entered first comes first. The whole world turns on it: one thread, no clock.
class Agenda {
  public:
    using Action = std::function<void()>;

    Instant instant() const { return instant_; }
    std::uint64_t steps() const { return steps_; }

    void at(Instant when, Action action) {
        actions_.emplace(when > instant_ ? when : instant_, std::move(action));
    }
    void after(std::chrono::nanoseconds delay, Action action) {
        at(instant_ + delay, std::move(action));
    }

    /// Does what comes next, if it is due by `until`; false when nothing is, and then it is
    /// `until`.
    bool step(Instant until) {
        if (actions_.empty() || actions_.begin()->first > until) {
            instant_ = until;
            return false;
        }
        instant_ = actions_.begin()->first;
        const Action action = std::move(actions_.begin()->second);
        actions_.erase(actions_.begin());
        ++steps_;
        action();
        return true;
    }

  private:
    Instant instant_{};
    std::uint64_t steps_ = 0;
    std::multimap<Instant, Action> actions_;
};

}  // namespace vitrine::simulation
