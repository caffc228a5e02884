#include "agent/daemon/keeper.hpp"

#include <algorithm>
#include <utility>

#include "sync/wire/record_json.hpp"

namespace vitrine::daemon {

namespace {

outbox::Priority priority_of(const session::Record& record) {
    struct Worth {
        outbox::Priority operator()(const session::ConsentChanged&) const {
            return outbox::Priority::consent;
        }
        outbox::Priority operator()(const session::CouponClaimed&) const {
            return outbox::Priority::redemption;
        }
        outbox::Priority operator()(const session::CouponRedeemed&) const {
            return outbox::Priority::redemption;
        }
        outbox::Priority operator()(const session::OrderCompleted&) const {
            return outbox::Priority::action;
        }
        outbox::Priority operator()(const session::PromotionViewed&) const {
            return outbox::Priority::impression;
        }
        outbox::Priority operator()(const session::AgentHealth&) const {
            return outbox::Priority::health;
        }
        outbox::Priority operator()(const session::VisitStarted&) const {
            return outbox::Priority::action;
        }
        outbox::Priority operator()(const session::VisitEnded&) const {
            return outbox::Priority::action;
        }
        outbox::Priority operator()(const session::PromotionTouched&) const {
            return outbox::Priority::action;
        }
        outbox::Priority operator()(const session::StaffViewed&) const {
            return outbox::Priority::action;
        }
        outbox::Priority operator()(const session::ModelDelta&) const {
            return outbox::Priority::action;
        }
    };
    return std::visit(Worth{}, record.body);
}

template <class Item>
void move_to_end(std::vector<Item>& from, std::vector<Item>& to) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
    from.clear();
}

}  // namespace

void Keeper::take_over(engine::Effects& effects) {
    move_to_end(effects.records, waiting_.records);
    for (engine::Memo& memo : effects.memos) {
        const auto same = std::ranges::find(waiting_.memos, memo.key, &engine::Memo::key);
        if (same == waiting_.memos.end()) {
            waiting_.memos.push_back(std::move(memo));
        } else {
            same->value = std::move(memo.value);
        }
    }
    for (session::Screen& screen : effects.screens) {
        std::erase_if(waiting_.screens,
                      [&](const session::Screen& old) { return old.kiosk == screen.kiosk; });
        waiting_.screens.push_back(std::move(screen));
    }
    effects.clear();
    // Only a disk that fails for long lets this grow: then the least important go first.
    while (waiting_.records.size() > kRecordsWaitingMax) {
        const auto least = std::ranges::max_element(waiting_.records, {}, priority_of);
        waiting_.records.erase(least);
        ++records_lost_;
    }
}

Result<void> Keeper::append(WallTime wall) {
    std::vector<std::string> texts;
    std::vector<outbox::Entry> entries;
    Sequence sequence = outbox_.next_sequence();
    texts.reserve(waiting_.records.size());
    for (const session::Record& record : waiting_.records) {
        auto text = wire::encode_record(record, {.store = store_,
                                                 .agent = agent_,
                                                 .epoch = outbox_.epoch().value(),
                                                 .sequence = sequence});
        if (!text) {
            // It would never be encoded: it must not hold back the others.
            log_.error("record cannot be written",
                       {{"type", session::type_of(record)}, {"reason", text.error().message}});
            ++records_lost_;
            continue;
        }
        texts.push_back(std::move(*text));
        entries.push_back({.bytes = view_of(texts.back()), .priority = priority_of(record)});
        sequence = sequence.next();
    }
    std::vector<outbox::StateChange> state;
    for (const engine::Memo& memo : waiting_.memos) state.push_back({memo.key, memo.value});
    TRY(outbox_.append(entries, state, wall));
    return {};
}

bool Keeper::cannot_wait(Instant now) const {
    return !waiting_.screens.empty() || failing() || waiting_.records.size() >= kRecordsGathered ||
           (gathering_since_ && now >= *gathering_since_ + kGatherFor) ||
           std::ranges::any_of(waiting_.records, outbox::is_protected, priority_of) ||
           std::ranges::any_of(waiting_.memos,
                               [](const engine::Memo& memo) { return !memo.value.has_value(); });
}

std::optional<Instant> Keeper::due_at() const {
    if (!gathering_since_ || failing()) return std::nullopt;
    return *gathering_since_ + kGatherFor;
}

std::vector<session::Screen> Keeper::keep(engine::Effects& effects, Instant now, WallTime wall,
                                          Waits waits) {
    take_over(effects);
    if (settled()) return std::exchange(waiting_.screens, {});
    if (waits == Waits::nobody && !cannot_wait(now)) {
        if (!gathering_since_) gathering_since_ = now;
        return {};
    }
    gathering_since_.reset();
    if (const auto kept = append(wall); !kept) {
        log_.error("records wait for the disk",
                   {{"waiting", waiting_.records.size()}, {"reason", kept.error().message}});
        if (!failing_since_) failing_since_ = now;
        if (now - *failing_since_ < kScreensWait) return {};
        return std::exchange(waiting_.screens, {});
    }
    failing_since_.reset();
    waiting_.records.clear();
    waiting_.memos.clear();
    return std::exchange(waiting_.screens, {});
}

}  // namespace vitrine::daemon
