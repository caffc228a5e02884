#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "agent/base/units.hpp"

namespace vitrine::consent {

/// What a member can allow, each on its own. Refusing one never costs another.
enum class Purpose : std::uint8_t {
    recognise,    ///< Detect me in the shop.
    personalise,  ///< Tailor offers to me.
    staff_view,   ///< Staff may see my context.
    measure,      ///< Use my reactions to measure and to learn.
    context,      ///< Use weather, time and place.
};
inline constexpr std::array kPurposes{Purpose::recognise, Purpose::personalise, Purpose::staff_view,
                                      Purpose::measure, Purpose::context};
std::string_view name_of(Purpose purpose);
Result<Purpose> purpose_from(std::string_view name);

enum class Decision : std::uint8_t { granted, withdrawn, paused, expired };
std::string_view name_of(Decision decision);
Result<Decision> decision_from(std::string_view name);

/// The text a member was shown, provably: what they agreed to is the document with this digest.
struct Notice {
    std::string id;
    std::uint32_t version = 0;
    Digest sha256{};
    Language language = Language::fr;
    friend bool operator==(const Notice&, const Notice&) = default;
};

/// Where and how a decision was taken.
enum class Channel : std::uint8_t { kiosk, app, web, staff, import };
std::string_view name_of(Channel channel);
Result<Channel> channel_from(std::string_view name);

/// One decision of one member on one purpose; append-only. Field names follow ISO/IEC TS 27560
/// where it has one.
///
/// A withdrawal or pause carries the next `version` after the last one it saw. A grant carries in
/// `version` the withdrawal that it supersedes (0: none was seen), so a grant given before a
/// withdrawal can never undo it, whatever the order of arrival.
struct Event {
    std::uint64_t id = 0;  ///< Random; the same event delivered twice has the same id.
    MemberId subject;
    Purpose purpose = Purpose::recognise;
    Decision decision = Decision::withdrawn;
    std::uint32_t version = 0;
    Hlc time;
    std::optional<WallTime> valid_until;
    Channel channel = Channel::kiosk;
    Notice notice;
    Digest previous{};  ///< SHA-256 of the subject's previous event on the same device; zero for
                        ///< the first.
    friend bool operator==(const Event&, const Event&) = default;
};

/// What is known of one member's decision on one purpose: a join-semilattice, so that stores may
/// learn the events in any order.
struct State {
    std::uint32_t withdrawal = 0;            ///< Highest withdrawal or pause seen; 0 for none.
    bool paused = false;                     ///< That withdrawal was only a pause.
    bool granted = false;                    ///< Any grant was seen.
    std::uint32_t grant = 0;                 ///< Highest withdrawal that a grant superseded.
    WallTime valid_until = WallTime::max();  ///< Of the grant that counts; the longest one wins.

    /// Whether the purpose is allowed now. Unknown means denied.
    bool allows(WallTime now) const { return granted && grant >= withdrawal && now < valid_until; }

    friend bool operator==(const State&, const State&) = default;
};

/// What one event says on its own.
State state_of(const Event& event);

/// The least state that knows what both know. Commutative, associative, idempotent.
State join(const State& one, const State& other);

/// All purposes of one member.
struct Consents {
    std::array<State, kPurposes.size()> states{};

    State& of(Purpose purpose) { return states[static_cast<std::size_t>(purpose)]; }
    const State& of(Purpose purpose) const { return states[static_cast<std::size_t>(purpose)]; }
    friend bool operator==(const Consents&, const Consents&) = default;
};
Consents join(const Consents& one, const Consents& other);

}  // namespace vitrine::consent
