#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/base/random.hpp"
#include "agent/consent/gate.hpp"
#include "agent/engine/check_ins.hpp"
#include "agent/engine/claims.hpp"
#include "agent/engine/decided.hpp"
#include "agent/engine/effects.hpp"
#include "agent/engine/tills.hpp"
#include "agent/identity/recogniser.hpp"
#include "agent/identity/table.hpp"
#include "agent/offers/budgets.hpp"
#include "agent/offers/chooser.hpp"
#include "agent/offers/exposures.hpp"
#include "agent/offers/learner.hpp"
#include "agent/offers/rewards.hpp"
#include "agent/presence/tracker.hpp"
#include "agent/profiles/snapshot.hpp"
#include "agent/session/pacer.hpp"
#include "agent/session/receipt.hpp"
#include "agent/session/record.hpp"
#include "agent/session/screen.hpp"
#include "agent/session/staff.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::engine {

/// What does not change while the agent runs.
struct Setup {
    StoreId store;
    presence::Layout layout;
    presence::Calibration calibration;
    presence::Limits presence_limits;
    std::uint64_t seed =
        0;  ///< Of choice and jitter; from the system's randomness, or fixed for a replay.
    /// For the staff; a kiosk may have none.
    std::map<KioskId, std::string> kiosk_names = {};
    std::string claim_prefix;     ///< What stands before a claim's token in its QR code:
                                  ///< "https://shop.example/c/".
    std::string check_in_prefix;  ///< The same of a check-in: "https://shop.example/i/".
    std::chrono::seconds model_delta_every{300};
};

/// What the shop is like now, from its own sensors and feeds.
struct Surroundings {
    std::chrono::minutes utc_offset{0};  ///< Of the shop's time zone at this moment.
    std::int8_t weather = 0;             ///< As in offers::Context.
    bool holiday = false;
    friend bool operator==(const Surroundings&, const Surroundings&) = default;
};

/// One line of a receipt on a member's card. `categories` are the product's own and those above it.
struct Bought {
    MemberId member;
    ProductId product;
    std::vector<CategoryId> categories;
};

/// The recognition bundle: who may be recognised, by which keys, and what everyone decided.
struct Recognition {
    Epoch epoch;
    std::vector<identity::MemberKeys> keys;
    std::vector<std::pair<MemberId, consent::Consents>> consents;
};

/// The flow of one shop, steps 2 to 5 and 7 in order: who, near, visit, choice, answer. Pure: it is
/// handed values and the time, and appends what follows to Effects. Owned by the daemon, used by
/// one thread.
class Engine {
  public:
    explicit Engine(Setup setup);
    ~Engine();

    /// One advert. Call `tick` after each batch of them.
    void on(const radio::Advert& advert, Now now);
    /// Everything that time brings: arrivals, departures, changes of screens. At least every 500
    /// ms.
    void tick(Now now, Effects& effects);

    /// One touch. `not_found` for a kiosk or an offer that is not there, `conflict` for a screen
    /// that is long gone, `denied` for a decision on consents by somebody who has not checked in at
    /// this kiosk. `secret` is fresh with every call.
    Result<void> on(const session::Touch& touch, const Secret& secret, Now now, Effects& effects);

    /// What a phone finds behind a claim's code; `claim` uses it up.
    ClaimState claim_state(std::string_view token, WallTime now) const;
    std::optional<session::Card> claim_card(std::string_view token) const;
    ClaimState claim(std::string_view token, Now now, Effects& effects);
    /// What the till takes for a claim; empty for an unknown one.
    std::string claim_code(std::string_view token) const;

    /// A member bought something, as the till tells: success for what waited for it.
    void on(const Bought& bought, Now now, Effects& effects);
    /// A till's receipt: a record of it, of its member only with their permission to measure, and
    /// with the one to personalise what they bought counts here at once. False for one that came
    /// before, which changes nothing.
    bool on(const session::Receipt& receipt, const KioskId& till, Now now, Effects& effects);

    /// A challenge for a phone before this kiosk; `nonce` is from the system's source of randomness
    /// and fresh with every call. `not_found` for a kiosk that is not there.
    Result<identity::Challenge> challenge(const KioskId& kiosk, const identity::Nonce& nonce,
                                          Now now);
    /// A phone's answer. A welcome makes the kiosk that member's until they leave, stop touching it
    /// for the policy's `verified_for`, check in elsewhere, or another member checks in there. It
    /// is the member's own act and needs no permission to recognise; what is shown still needs the
    /// one to personalise.
    identity::CheckInOutcome on(const identity::CheckIn& claim, Now now, Effects& effects);

    /// Bundles: each replaces its part whole and takes effect at the next tick. An epoch older than
    /// the present one is `conflict`.
    Result<void> on(Recognition recognition, Now now);
    Result<void> on(profiles::Catalogue catalogue);
    Result<void> on(profiles::ProfileBook profiles,
                    std::span<const std::pair<MemberId, consent::Consents>> consents = {});
    Result<void> on(profiles::Model model, Now now, Effects& effects);
    Result<void> on(profiles::Policy policy);
    /// Tombstones: nothing of these members is kept, now or later.
    void on_erasures(std::span<const MemberId> members, Now now, Effects& effects);

    void on(const Surroundings& surroundings) { surroundings_ = surroundings; }
    /// What the shop runs out of, whole. Out of stock at the next choice.
    void on(profiles::Stock stock);
    void on(const session::Condition& condition) { condition_ = condition; }

    /// Memos of the run before, one by one, before the first advert. `corrupt` where one does not
    /// read; the others still count.
    Result<void> restore(const Memo& memo);

    /// Who is present and permits staff to see it. `looked` leaves a record of each member that
    /// `staff` has not looked at yet in this visit.
    session::StaffBoard staff_board(WallTime now) const;
    void looked(StaffId staff, Now now, Effects& effects);

    /// What the present state of a kiosk's screen is; null for an unknown kiosk.
    const session::Screen* screen(KioskId kiosk) const;

    /// A health record, from what the shell knows.
    void report(session::AgentHealth health, Now now, Effects& effects);

    const profiles::Snapshot& snapshot() const { return snapshot_; }
    identity::Recogniser::Counters adverts() const { return recogniser_.counters(); }
    const identity::RecognitionTable& table() const { return table_; }
    const presence::Tracker& tracker() const { return tracker_; }
    const CheckIns::Counts& check_ins() const { return check_ins_.counts(); }
    /// Screens turned neutral because something does not add up.
    std::uint64_t conflicts() const { return conflicts_; }

  private:
    /// A decision that is, or was just, on a screen.
    struct Shown {
        offers::Decision decision;
        offers::Context context;
        MemberId member;  ///< 0 unless tailored.
        std::uint64_t visit = 0;
        Instant since;  ///< `context` has the same by the clock on the wall.
        Instant ended = Instant::max();
        std::vector<offers::Example> examples;  ///< Of the slots, as they were; where personal.
        std::array<bool, offers::Decision::kSlotsMax> opened{};
        std::array<bool, offers::Decision::kSlotsMax> saved{};
        std::array<bool, offers::Decision::kSlotsMax> dismissed{};
        bool touched = false;
    };
    /// Who checked in at a kiosk, until when.
    struct CheckedIn {
        MemberId member;
        Instant until;
    };
    struct Kiosk {
        session::Pacer pacer;
        session::Screen screen;
        std::optional<Shown> shown;
        std::optional<Shown> before;
        Instant fresh_until = Instant::min();
        bool refresh = false;  ///< Something that the screen is made of was replaced.
        std::optional<identity::Nonce> asked;  ///< The challenge in the check-in code shown.
        std::optional<CheckedIn> checked_in;
    };
    struct Visit {
        std::uint64_t id = 0;
        Instant started;
        WallTime since;
        std::string ref;
        KioskId kiosk;  ///< Empty while the member is between kiosks.
        std::uint16_t touches = 0;
        std::vector<OfferId> saved;
        std::vector<StaffId> looked;
        std::optional<offers::Decision> next_best;
        bool next_best_counted = false;  ///< Staff saw it: it counts as shown.
    };
    struct Touched {
        Kiosk& kiosk;
        Shown& shown;
        std::size_t slot;  ///< kSlotsMax where the touch is not about an offer.
    };

    // engine.cpp
    void changed(const presence::Change& change, Now now, Effects& effects);
    void apply_changes(Now now, Effects& effects);
    void start_visit(MemberId member, Now now, Effects& effects);
    void end_visit(MemberId member, Now now, Effects& effects);
    void drop_unpermitted(Now now);
    void emit(session::RecordBody body, std::optional<MemberId> subject, KioskId kiosk, Now now,
              Effects& effects);
    std::optional<MemberId> measured(MemberId member, Now now) const;
    void prepare();
    void hand_up_model(Now now, Effects& effects);

    // screens.cpp
    session::Want wanted(std::size_t kiosk, Now now) const;
    bool lost_permission(const Kiosk& kiosk, Now now) const;
    bool clock_was_set(const Kiosk& kiosk, Now now) const;
    std::optional<session::Verified> verified_at(const Kiosk& kiosk, Now now) const;
    void update(std::size_t kiosk, Now now, Effects& effects);
    void show(std::size_t kiosk, const session::Want& want, Now now, Effects& effects);
    offers::Trigger trigger_of(const Kiosk& kiosk, const session::Want& want) const;
    offers::Decision decide(const session::Want& want, const offers::Context& context, Now now);
    offers::Context context(Now now, profiles::Placement placement) const;
    Language language_for(const session::Want& want, Now now) const;
    void close(Shown& shown, Now now);
    void render(Kiosk& kiosk, Now now, Effects& effects);
    void count_exposures(MemberId member, const offers::Decision& decision, Now now,
                         Effects& effects);
    void remember_exposure(MemberId member, Effects& effects) const;

    // touches.cpp
    Result<Touched> locate(const session::Touch& touch, Now now);
    void record_touch(const Touched& touched, session::PromotionTouched::Kind kind, Now now,
                      Effects& effects);
    void opened(const Touched& touched, Now now, Effects& effects);
    void dismissed(const Touched& touched, Now now, Effects& effects);
    Result<void> saved(const Touched& touched, const Secret& secret, Now now, Effects& effects);
    void left(Kiosk& kiosk, Now now, Effects& effects);
    void take_codes_off(Kiosk& kiosk, bool claim, bool check_in, Now now, Effects& effects);

    // rewarding.cpp
    void take_examples(Shown& shown, Now now) const;
    void await_rewards(const Shown& shown, Now now, Effects& effects);
    void learn(const Shown& shown, std::size_t slot, profiles::Reward reward, bool positive,
               Now now);
    void learn(const offers::Outcome& outcome, Now now);
    void settle(MemberId member, const std::vector<offers::Outcome>& outcomes, Now now,
                Effects& effects);
    void settle_rewards(Now now, Effects& effects);

    // selling.cpp
    void bought(MemberId member, const session::OrderCompleted::Line& line, Now now,
                Effects& effects);

    // checking_in.cpp
    void show_code(Kiosk& kiosk, const Secret& secret, Now now, Effects& effects);
    void welcome(std::size_t kiosk, MemberId member, Now now, Effects& effects);
    void end_check_in(std::size_t kiosk, Now now, Effects& effects);
    bool heard_at(std::size_t kiosk, MemberId member) const;
    bool checked_in(MemberId member) const;
    bool checked_in_elsewhere(MemberId member, std::size_t kiosk) const;
    Result<void> decided(const Touched& touched, const session::Touch& touch, Now now,
                         Effects& effects);
    consent::Event decision_of(MemberId member, consent::Purpose purpose,
                               consent::Decision decision, Now now);
    void take_decision(const consent::Event& event, const KioskId& kiosk, Now now,
                       Effects& effects);
    void forget_here(MemberId member, Effects& effects);
    void remember_decided(MemberId member, Effects& effects);
    void settle_decisions(Now now, Effects& effects);

    // staff.cpp
    bool staff_may_see(MemberId member, WallTime now) const;
    session::StaffEntry staff_entry(MemberId member, const Visit& visit, WallTime now) const;
    void choose_next_best(MemberId member, Now now);
    void renew_next_best(MemberId member, Now now, Effects& effects);
    void count_next_best(MemberId member, Visit& visit, Now now, Effects& effects);

    const Setup setup_;
    profiles::Snapshot snapshot_;
    Surroundings surroundings_;
    session::Condition condition_;
    consent::Ledger ledger_;
    consent::Gate gate_{ledger_};
    identity::RecognitionTable table_;
    identity::Recogniser recogniser_{table_};
    presence::Tracker tracker_;
    offers::Learner learner_;
    offers::Chooser chooser_;
    offers::Exposures exposures_;
    offers::Rewards rewards_;
    Instant rewards_due_ = Instant::min();
    bool profiles_changed_ = false;  ///< They may tell of purchases.
    offers::Budgets budgets_;
    Claims claims_;
    Tills tills_;
    CheckIns check_ins_;
    Decided decided_;
    std::vector<MemberId> known_to_centre_;  ///< Of decided_: the last bundle has it all.
    std::vector<Kiosk> kiosks_;              ///< In order of the layout's.
    std::unordered_map<MemberId, Visit> visits_;
    std::vector<presence::Change> changes_;  ///< Scratch of `tick`.
    Rng rng_;
    Hlc hlc_;
    std::uint64_t lessons_handed_up_ = 0;
    std::optional<Instant> model_delta_due_;
    std::uint64_t conflicts_ = 0;
    bool dirty_ = true;             ///< The snapshot changed since `prepare`.
    bool supplies_changed_ = true;  ///< Stock or budgets did.
};

}  // namespace vitrine::engine
