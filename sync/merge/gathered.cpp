#include "sync/merge/gathered.hpp"

namespace vitrine::merge {

namespace {

struct Adder {
    Gathered& all;
    std::string_view event;

    void operator()(const JoinConsent& one) { all.consents.push_back(one.event); }
    void operator()(const AddInteraction& one) { sum(all.interactions, one); }
    void operator()(const AddMemberDay& one) { sum(all.member_days, one); }
    void operator()(const JoinOrderLine& one) {
        const auto [known, fresh] = all.order_lines.emplace(one.key, one.value);
        if (!fresh) known->second = join(known->second, one.value);
    }
    void operator()(const AddOfferCounts& one) { sum(all.offer_counts, one); }
    void operator()(const AddStoreCounts& one) { sum(all.store_counts, one); }
    void operator()(const JoinStatistics& one) { joined(all.statistics, one); }
    void operator()(const JoinHealth& one) { joined(all.health, one); }

  private:
    template <class Map, class One>
    static void sum(Map& map, const One& one) {
        auto& known = map[one.key];
        known = merge::add(known, one.value);
    }
    template <class Map, class One>
    void joined(Map& map, const One& one) {
        const typename Map::mapped_type said{one.value, event};
        const auto [known, fresh] = map.emplace(one.key, said);
        if (!fresh && join(known->second.value, one.value) == one.value) known->second = said;
    }
};

}  // namespace

void Gathered::add(const Change& change, std::string_view event) {
    std::visit(Adder{*this, event}, change);
}

}  // namespace vitrine::merge
