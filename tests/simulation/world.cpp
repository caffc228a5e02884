#include "tests/simulation/world.hpp"

#include <algorithm>

namespace vitrine::simulation {

using bundle::Kind;
using consent::Purpose;
using std::chrono::duration;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::vector<StoreId> names(std::uint32_t count) {
    std::vector<StoreId> made;
    for (std::uint32_t i = 1; i <= count; ++i) {
        made.push_back(StoreId::parse("store-" + std::to_string(i)).value());
    }
    return made;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    return (hash ^ value) * 0x100000001b3ULL + (hash >> 29);
}

/// All days on which a record can have counted: wrong clocks reach from 1970 to a few days off.
std::vector<std::int32_t> days_of(double run_hours) {
    std::vector<std::int32_t> days{0, 1, 2, 3};
    const std::int32_t first = day_of(Context::kBegin);
    const auto last = first + static_cast<std::int32_t>(run_hours / 24) + 4;
    for (std::int32_t day = first - 4; day <= last; ++day) days.push_back(day);
    return days;
}

}  // namespace

World::World(const Options& options, std::filesystem::path folder)
    : context_(options),
      folder_(std::move(folder)),
      truth_(context_),
      broker_(context_),
      names_(names(options.stores)),
      centre_(context_, broker_, truth_, names_) {}

Store& World::add_store(Store::Spec spec) {
    spec.machine = MachineId(++machines_);
    spec.centre_key = centre_.public_key();
    if (context_.options.files) {
        spec.folder = folder_ / ("machine-" + std::to_string(machines_));
        std::filesystem::create_directories(spec.folder);
    }
    stores_.push_back(std::make_unique<Store>(context_, broker_, truth_, std::move(spec)));
    return *stores_.back();
}

void World::open_shops() {
    for (std::uint32_t i = 1; i <= context_.options.members; ++i) {
        centre_.enrol(MemberId(0x1000 + i));
    }
    centre_.start();
    for (const StoreId name : names_) {
        Store& store = add_store({.store = name,
                                  .agent = AgentId("agent-1"),
                                  .machine = {},
                                  .folder = {},
                                  .centre_key = {}});
        context_.agenda.after(context_.up_to(duration<double>(60)), [&store] { store.boot(); });
    }
    visits();
    health();
    decisions();
    begin_faults();
}

void World::visits() {
    const double an_hour = context_.options.visits_an_hour * context_.options.stores;
    context_.agenda.after(context_.until_next(an_hour), [this] {
        if (context_.healing) return;
        const auto& members = centre_.members();
        stores_[context_.rng.below(stores_.size())]->visit(
            members[context_.rng.below(members.size())]);
        visits();
    });
}

void World::health() {
    context_.agenda.after(hours(1), [this] {
        if (context_.healing) return;
        for (const auto& store : stores_) store->report_health();
        health();
    });
}

void World::decisions() {
    const Options& options = context_.options;
    const double an_hour =
        options.decisions_an_hour + options.erasures_an_hour + options.news_an_hour;
    if (an_hour <= 0) return;
    context_.agenda.after(context_.until_next(an_hour), [this, an_hour] {
        if (context_.healing) return;
        const double which = context_.rng.uniform() * an_hour;
        const auto& members = centre_.members();
        const MemberId member = members[context_.rng.below(members.size())];
        if (which < context_.options.erasures_an_hour) {
            centre_.erase(member);
            centre_.enrol(MemberId(members.back().value() + 1));
        } else if (which < context_.options.erasures_an_hour + context_.options.news_an_hour) {
            centre_.make_news();
        } else {
            const auto purpose = consent::kPurposes[context_.rng.below(consent::kPurposes.size())];
            centre_.decide(member, purpose, context_.rng.below(4) != 0);
        }
        decisions();
    });
}

void World::run_for(std::chrono::nanoseconds span) {
    const Instant until = context_.agenda.instant() + span;
    while (!context_.failure && context_.agenda.step(until)) {
    }
}

/// Everything is repaired; nobody comes in any more.
void World::heal() {
    context_.healing = true;
    context_.faults = no_faults();
    for (Store* clone : clones_) retire(*clone);
    clones_.clear();
    centre_.upgrade();
    for (const auto& store : stores_) {
        store->repair();
        store->set_clock(std::chrono::milliseconds(0));
        store->set_reachable(true);
        store->boot();
    }
}

bool World::quiet() {
    if (!centre_.idle()) return false;
    return std::ranges::all_of(stores_, [&](const auto& store) {
        if (!store->settled()) return false;
        const auto epochs = store->epochs();
        for (std::size_t kind = 0; kind < epochs.size(); ++kind) {
            if (epochs[kind] != centre_.newest(static_cast<Kind>(kind))) return false;
        }
        return true;
    });
}

/// What keeps the world from being quiet.
std::string World::restless() {
    std::string text = centre_.idle() ? "" : "the centre is not idle; ";
    for (const auto& store : stores_) {
        const std::string name = store->spec().store.str();
        if (!store->is_running()) text += name + " does not run; ";
        if (!store->settled()) {
            text += name + " has " + std::to_string(store->pending()) + " records waiting; ";
        }
        const auto epochs = store->epochs();
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            const auto kind = static_cast<Kind>(i);
            if (epochs[i] == centre_.newest(kind)) continue;
            text += name + " has " + std::string(bundle::name_of(kind)) + " " +
                    std::to_string(epochs[i].value()) + " of " +
                    std::to_string(centre_.newest(kind).value()) + "; ";
        }
        if (text.size() > 2000) break;
    }
    return text;
}

bool World::run_until_quiet(const std::string& what) {
    // The slowest that production is allowed to be: a probe every five minutes, a few in a row.
    for (int i = 0; i < 60 && !context_.failure; ++i) {
        run_for(minutes(1));
        if (!context_.failure && quiet()) return true;
    }
    if (!context_.failure) context_.fail("an hour after " + what + ": " + restless());
    return false;
}

Outcome World::run() {
    open_shops();
    run_for(std::chrono::nanoseconds(static_cast<std::int64_t>(context_.options.hours * 3600e9)));
    if (!context_.failure) {
        heal();
        run_for(seconds(30));
        if (run_until_quiet("everything was repaired")) {
            if (!context_.options.coarse) check_recognition();
            if (!context_.failure) run_until_quiet("the last visit");
        }
        if (!context_.failure) truth_.check_all_merged();
        if (!context_.failure) check_counts();
        if (!context_.failure) check_consents();
        if (!context_.failure) check_erased();
        context_.check(centre_.alarms() == truth_.alarms_expected(),
                       "clones: " + std::to_string(centre_.alarms()) + " alarms for " +
                           std::to_string(truth_.alarms_expected()) + " conflicts");
    }
    std::uint64_t resent = 0;
    for (const auto& store : stores_) resent += store->resent();
    return {.failure = context_.failure,
            .tally = context_.tally,
            .hash = hash(),
            .steps = context_.agenda.steps(),
            .resent = resent};
}

// The judgement.

void World::check_counts() {
    const auto& state = centre_.state();
    const auto days = days_of(context_.options.hours);
    for (const StoreId store : names_) {
        merge::StoreCounts total;
        for (const std::int32_t day : days) {
            total = merge::add(total, state.store_counts({.store = store, .day = day}));
        }
        const auto found = truth_.expected().stores.find(store);
        const auto wanted =
            found == truth_.expected().stores.end() ? merge::StoreCounts{} : found->second;
        context_.check(total == wanted,
                       "the sums of " + store.str() + " are not those of its records: " +
                           std::to_string(total.decisions) + " decisions for " +
                           std::to_string(wanted.decisions) + ", " + std::to_string(total.visits) +
                           " visits for " + std::to_string(wanted.visits) + ", " +
                           std::to_string(total.visits_ended) + " of " +
                           std::to_string(wanted.visits_ended) + " ended");
    }
    for (const auto& [key, wanted] : truth_.expected().offers) {
        const auto& [store, offer, path] = key;
        merge::OfferCounts total;
        for (const std::int32_t day : days) {
            total = merge::add(
                total,
                state.offer_counts({.store = store, .day = day, .offer = offer, .path = path}));
        }
        context_.check(total == wanted,
                       "the sums of an offer in " + store.str() + " are not those of its records");
    }
    for (const auto& [key, wanted] : truth_.expected().interactions) {
        if (key.member == MemberId{} || truth_.is_erased(key.member)) continue;
        merge::Interaction kept = state.interaction(key.member, key.offer);
        kept.dismissed = kept.wanted = kept.last_viewed = Hlc{};
        context_.check(kept == wanted, "what a member did with an offer does not add up");
    }
    std::map<Epoch, std::pair<std::uint64_t, std::uint64_t>> outcomes;
    for (const auto& [key, wanted] : truth_.expected().outcomes)
        outcomes[key.model].first += wanted;
    for (auto& [model, sums] : outcomes) {
        for (const auto& each : state.statistics(model)) sums.second += each.outcomes;
        context_.check(sums.first == sums.second, "the totals of a model do not add up");
    }
}

void World::check_consents() {
    for (const auto& [key, wanted] : truth_.expected().consents) {
        if (truth_.is_erased(key.first)) continue;
        const consent::State kept = centre_.consents(key.first).of(key.second);
        context_.check(kept.withdrawal == wanted.withdrawal, "a withdrawal was lost");
        context_.check(kept.granted == wanted.granted && kept.grant == wanted.grant,
                       "a consent is not what its member decided");
    }
}

void World::check_erased() {
    for (const MemberId member : truth_.all_erased()) {
        context_.check(!centre_.names(member), "the centre still names somebody erased");
        for (const auto& store : stores_) {
            context_.check(!store->has_memo_of(member),
                           store->spec().store.str() + " still keeps a memo of somebody erased");
        }
    }
}

/// Every member walks into every shop: who allows it is recognised, nobody else is.
void World::check_recognition() {
    run_for(minutes(1));  // Whoever was there is gone.
    for (const MemberId member : centre_.members()) {
        for (const auto& store : stores_) store->visit(member);
        run_for(std::chrono::milliseconds(5200));
        const bool allowed =
            truth_.is_allowed(member, Purpose::recognise) &&
            centre_.consents(member).of(Purpose::recognise).allows(context_.true_time());
        for (const auto& store : stores_) {
            if (context_.failure) return;
            const bool recognised = store->recognises(member);
            // What a shop decided may be with the records that a clone made the centre refuse.
            if (recognised == allowed || (allowed && context_.tally.to_clones > 0)) continue;
            context_.fail(store->spec().store.str() +
                          (allowed ? " does not recognise a member who allows it"
                           : truth_.is_erased(member)
                               ? " recognises somebody who was erased"
                               : " recognises somebody who does not allow it"));
        }
        run_for(minutes(2));
    }
}

std::uint64_t World::hash() const {
    std::uint64_t hash = truth_.hash();
    hash = mix(hash, context_.agenda.steps());
    hash = mix(hash, context_.tally.messages);
    hash = mix(hash, context_.tally.adverts);
    hash = mix(hash, context_.tally.merged);
    for (std::size_t i = 0; i < bundle::kKinds; ++i) {
        hash = mix(hash, centre_.newest(static_cast<Kind>(i)).value());
    }
    for (const StoreId store : names_) {
        for (const std::int32_t day : days_of(context_.options.hours)) {
            hash = mix(hash, centre_.state().store_counts({.store = store, .day = day}).decisions);
        }
    }
    return hash;
}

}  // namespace vitrine::simulation
