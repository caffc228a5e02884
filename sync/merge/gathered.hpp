#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "sync/merge/change.hpp"

namespace vitrine::merge {

/// The changes of many records, put together by key: since sums and joins do not mind how they are
/// grouped, a batch touches each row once.
struct Gathered {
    std::map<InteractionKey, Interaction> interactions;
    std::map<MemberDayKey, MemberDay> member_days;
    std::map<OrderLineKey, OrderLine> order_lines;
    std::map<OfferDayKey, OfferCounts> offer_counts;
    std::map<StoreDayKey, StoreCounts> store_counts;
    /// What is kept as the event that said it, of which the one that joins to the value stays.
    template <class Value>
    struct Said {
        Value value;
        std::string_view event;
    };
    std::map<StatisticsKey, Said<offers::Statistics>> statistics;
    std::map<Source, Said<Health>> health;
    /// As they came: a member's history keeps each.
    std::vector<consent::Event> consents;

    /// `event` lives as long as this.
    void add(const Change& change, std::string_view event);
};

}  // namespace vitrine::merge
