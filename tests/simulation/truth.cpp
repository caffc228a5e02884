#include "tests/simulation/truth.hpp"

#include <algorithm>

#include "sync/bundle/keys.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine::simulation {

using consent::Decision;
using session::PromotionTouched;

namespace {

bool is_precious(const session::Record& record) {
    return std::holds_alternative<session::ConsentChanged>(record.body) ||
           std::holds_alternative<session::CouponClaimed>(record.body);
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    return (hash ^ value) * 0x100000001b3ULL + (hash >> 29);
}

}  // namespace

std::string words_of(const Identity& identity) {
    return identity.first.store.str() + "/" + identity.first.agent.str() + "/" +
           to_text(DecisionId(identity.first.epoch)) + "/" +
           std::to_string(identity.second.value());
}

Truth::Variant* Truth::variant(const Identity& identity, const Digest& content) {
    const auto found = records_.find(identity);
    if (found == records_.end()) return nullptr;
    const auto at = std::ranges::find(found->second.variants, content, &Variant::content);
    return at == found->second.variants.end() ? nullptr : &*at;
}

bool Truth::holds(MachineId machine, const merge::Source& source, Sequence sequence) const {
    const auto held = holdings_.find(machine);
    if (held == holdings_.end()) return false;
    const auto of_source = held->second.find(source);
    return of_source != held->second.end() && of_source->second.contains(sequence);
}

void Truth::accept(MachineId machine, const merge::Source& source, Sequence sequence,
                   ByteView bytes) {
    const Identity identity{source, sequence};
    const Digest content = bundle::digest_of(bytes);
    const auto decoded = wire::decode_record(text_of(bytes));
    context_.check(decoded && decoded->record, "an outbox holds what cannot be read");
    if (!decoded || !decoded->record) return;
    // The hybrid clock gives each record of one machine a stamp of its own: the same stamp under
    // another identity is the same thing kept twice.
    const auto [stamp, is_new] = stamps_.try_emplace({machine, decoded->record->hlc}, identity);
    context_.check(is_new || stamp->second == identity,
                   "kept twice under two identities: " + words_of(stamp->second) + " and " +
                       words_of(identity) + " (" + decoded->type + ")");
    Known& known = records_[identity];
    Variant* one = variant(identity, content);
    if (one == nullptr) {
        known.variants.push_back({.content = content, .precious = is_precious(*decoded->record)});
        one = &known.variants.back();
        ++context_.tally.accepted;
    }
    if (known.committed == content) return;
    if (holdings_[machine][source].insert(sequence).second) one->holders.push_back(machine);
}

void Truth::release(MachineId machine, const Identity& identity) {
    Holding& held = holdings_[machine];
    const auto at = held.find(identity.first);
    if (at == held.end() || at->second.erase(identity.second) == 0) return;
    if (at->second.empty()) held.erase(at);
    for (Variant& each : records_[identity].variants) std::erase(each.holders, machine);
}

void Truth::check_rows(MachineId machine, const std::set<Identity>& rows, std::uint64_t dropped) {
    std::vector<Identity> missing;
    for (const auto& [source, sequences] : holdings_[machine]) {
        for (const Sequence sequence : sequences) {
            if (!rows.contains({source, sequence})) missing.emplace_back(source, sequence);
        }
    }
    // What the centre has already may be dropped too, so fewer are missing than were counted.
    if (missing.size() > dropped) {
        return context_.fail(std::to_string(missing.size()) + " accepted records are gone, and " +
                             std::to_string(dropped) +
                             " were counted as dropped; the first: " + words_of(missing.front()));
    }
    for (const Identity& identity : missing) {
        for (Variant& each : records_[identity].variants) {
            context_.check(!each.precious, "a protected record was dropped: " + words_of(identity));
            each.dropped = true;
        }
        ++context_.tally.dropped;
        release(machine, identity);
    }
}

void Truth::check_ack(MachineId machine, StoreId store, const wire::Ack& ack) {
    const merge::Source source{store, ack.agent, ack.epoch};
    const auto held = holdings_[machine].find(source);
    if (held == holdings_[machine].end()) return;
    auto ranges = ack.ranges;
    ranges.emplace_back(Sequence(0), ack.watermark);
    std::vector<Identity> to_clones;
    for (const auto& [first, last] : ranges) {
        for (auto at = held->second.lower_bound(first); at != held->second.end() && *at <= last;
             ++at) {
            const Identity identity{source, *at};
            // A copy that nobody could tell from the original used the identity first.
            if (records_[identity].variants.size() > 1 || records_[identity].committed) {
                to_clones.push_back(identity);
                continue;
            }
            context_.fail("acknowledged, but the centre does not have it: " + words_of(identity));
            return;
        }
    }
    context_.tally.to_clones += to_clones.size();
    for (const Identity& identity : to_clones) {
        for (Variant& each : records_[identity].variants) {
            if (records_[identity].committed != each.content) each.gone = true;
        }
        release(machine, identity);
    }
}

void Truth::copy(MachineId to, const Holding& held) {
    for (const auto& [source, sequences] : held) {
        for (const Sequence sequence : sequences) {
            Known& known = records_[{source, sequence}];
            if (known.committed) continue;
            holdings_[to][source].insert(sequence);
            for (Variant& each : known.variants) each.holders.push_back(to);
        }
    }
}

void Truth::retire(MachineId machine) {
    const Holding held = holdings_[machine];
    for (const auto& [source, sequences] : held) {
        for (const Sequence sequence : sequences) {
            const Identity identity{source, sequence};
            release(machine, identity);
            for (Variant& each : records_[identity].variants) {
                if (!each.holders.empty() || each.gone) continue;
                each.gone = true;
                ++context_.tally.with_machine;
            }
        }
    }
    holdings_.erase(machine);
}

std::optional<Digest> Truth::content(const Identity& identity) const {
    const auto found = records_.find(identity);
    return found == records_.end() ? std::nullopt : found->second.committed;
}

void Truth::committed(const Identity& identity, const Digest& content, ByteView bytes) {
    ++context_.tally.merged;
    Variant* const one = variant(identity, content);
    context_.check(one != nullptr, "merged, but no outbox accepted it: " + words_of(identity));
    Known& known = records_[identity];
    context_.check(!known.committed, "merged a second time: " + words_of(identity));
    if (one == nullptr || known.committed) return;
    known.committed = content;
    const auto decoded = wire::decode_record(text_of(bytes));
    if (decoded && decoded->record) add_up(decoded->identity, *decoded->record);
    // A clone's other record under this identity stays where it is: nobody has it yet.
    if (known.variants.size() > 1) return;
    for (const MachineId machine : std::vector<MachineId>(one->holders)) release(machine, identity);
}

void Truth::add_up(const wire::RecordIdentity& identity, const session::Record& record) {
    merge::StoreCounts& store = expected_.stores[identity.store];
    const auto offer = [&](OfferId id, offers::Path path) -> merge::OfferCounts& {
        return expected_.offers[{identity.store, id, path}];
    };
    const auto did = [&](OfferId id) -> merge::Interaction& {
        return expected_.interactions[{record.subject.value_or(MemberId{}), id}];
    };
    if (std::holds_alternative<session::VisitStarted>(record.body)) {
        ++store.visits;
    } else if (const auto* ended = std::get_if<session::VisitEnded>(&record.body)) {
        ++store.visits_ended;
        store.visit_seconds += ended->seconds;
        store.touches += ended->touches;
    } else if (const auto* viewed = std::get_if<session::PromotionViewed>(&record.body)) {
        ++store.decisions;
        for (std::size_t i = 0; i < viewed->decision.slot_count; ++i) {
            const OfferId id = viewed->decision.slots[i].offer;
            ++offer(id, viewed->decision.path).viewed;
            ++did(id).viewed;
        }
    } else if (const auto* touched = std::get_if<PromotionTouched>(&record.body)) {
        merge::OfferCounts& counts = offer(touched->offer, touched->path);
        using Kind = PromotionTouched::Kind;
        counts.clicked += touched->kind == Kind::clicked ? 1U : 0U;
        counts.dismissed += touched->kind == Kind::dismissed ? 1U : 0U;
        counts.saved += touched->kind == Kind::saved ? 1U : 0U;
        counts.explained += touched->kind == Kind::explained ? 1U : 0U;
        merge::Interaction& member = did(touched->offer);
        member.clicked += touched->kind == Kind::clicked ? 1U : 0U;
        member.dismissals += touched->kind == Kind::dismissed ? 1U : 0U;
        member.saved += touched->kind == Kind::saved ? 1U : 0U;
    } else if (const auto* claimed = std::get_if<session::CouponClaimed>(&record.body)) {
        ++offer(claimed->offer, offers::Path::mass).claimed;
        ++did(claimed->offer).claimed;
    } else if (std::holds_alternative<session::StaffViewed>(record.body)) {
        ++store.staff_views;
    } else if (const auto* delta = std::get_if<session::ModelDelta>(&record.body)) {
        auto& outcomes = expected_.outcomes[{delta->statistics.model,
                                             {identity.store, identity.agent, identity.epoch}}];
        outcomes = std::max<std::uint64_t>(outcomes, delta->statistics.outcomes);
    } else if (const auto* changed = std::get_if<session::ConsentChanged>(&record.body)) {
        decided(changed->event);
    }
}

void Truth::decided(const consent::Event& event) {
    consent::State& state = expected_.consents[{event.subject, event.purpose}];
    if (event.decision == Decision::granted) {
        state.granted = true;
        state.grant = std::max(state.grant, event.version);
    } else {
        state.withdrawal = std::max(state.withdrawal, event.version);
    }
}

bool Truth::is_allowed(MemberId member, consent::Purpose purpose) const {
    const auto found = expected_.consents.find({member, purpose});
    return found != expected_.consents.end() && !is_erased(member) && found->second.granted &&
           found->second.grant >= found->second.withdrawal;
}

void Truth::check_all_merged() {
    for (const auto& [identity, known] : records_) {
        for (const Variant& each : known.variants) {
            const bool excused = each.dropped || each.gone || known.variants.size() > 1;
            context_.check(known.committed == each.content || excused,
                           "accepted and never merged: " + words_of(identity));
        }
        if (context_.failure) return;
    }
    for (const auto& [machine, held] : holdings_) {
        for (const auto& [source, sequences] : held) {
            if (sequences.empty()) continue;
            const Identity identity{source, *sequences.begin()};
            if (records_[identity].variants.size() > 1) continue;
            context_.fail("accepted and still waiting: " + words_of(identity));
        }
    }
}

std::uint64_t Truth::hash() const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const auto& [identity, known] : records_) {
        hash = mix(hash, identity.first.epoch);
        hash = mix(hash, identity.second.value());
        for (const std::uint8_t byte : known.committed.value_or(Digest{})) hash = mix(hash, byte);
    }
    return hash;
}

}  // namespace vitrine::simulation
