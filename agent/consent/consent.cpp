#include "agent/consent/consent.hpp"

#include <algorithm>

namespace vitrine::consent {

namespace {

template <class Enum, std::size_t N>
Result<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name,
                       std::string_view what) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    std::string known;
    for (const std::string_view each : names)
        known += (known.empty() ? "" : ", ") + std::string(each);
    return invalid("unknown " + std::string(what) + " '" + std::string(name.substr(0, 64)) +
                   "' (known: " + known + ")");
}

constexpr std::array<std::string_view, 5> kPurposeNames{"recognise", "personalise", "staff_view",
                                                        "measure", "context"};
constexpr std::array<std::string_view, 4> kDecisionNames{"granted", "withdrawn", "paused",
                                                         "expired"};
constexpr std::array<std::string_view, 5> kChannelNames{"kiosk", "app", "web", "staff", "import"};

}  // namespace

std::string_view name_of(Purpose purpose) {
    return kPurposeNames[static_cast<std::size_t>(purpose)];
}
Result<Purpose> purpose_from(std::string_view name) {
    return find_name<Purpose>(kPurposeNames, name, "purpose");
}

std::string_view name_of(Decision decision) {
    return kDecisionNames[static_cast<std::size_t>(decision)];
}
Result<Decision> decision_from(std::string_view name) {
    return find_name<Decision>(kDecisionNames, name, "consent decision");
}

std::string_view name_of(Channel channel) {
    return kChannelNames[static_cast<std::size_t>(channel)];
}
Result<Channel> channel_from(std::string_view name) {
    return find_name<Channel>(kChannelNames, name, "channel");
}

State state_of(const Event& event) {
    State state;
    if (event.decision == Decision::granted) {
        state.granted = true;
        state.grant = event.version;
        state.valid_until = event.valid_until.value_or(WallTime::max());
        return state;
    }
    // An expiry is a withdrawal that the clock took. Version 0 would withdraw nothing, so the first
    // is at least 1.
    state.withdrawal = std::max<std::uint32_t>(event.version, 1);
    state.paused = event.decision == Decision::paused;
    return state;
}

State join(const State& one, const State& other) {
    State joined;
    joined.withdrawal = std::max(one.withdrawal, other.withdrawal);
    // Of two decisions with the same version the firmer one wins: a withdrawal over a pause.
    joined.paused = joined.withdrawal > 0 && (one.withdrawal < joined.withdrawal || one.paused) &&
                    (other.withdrawal < joined.withdrawal || other.paused);
    joined.granted = one.granted || other.granted;
    if (!joined.granted) return joined;
    const State& newer = !other.granted || (one.granted && one.grant > other.grant) ? one : other;
    joined.grant = newer.grant;
    joined.valid_until = newer.valid_until;
    if (one.granted && other.granted && one.grant == other.grant) {
        joined.valid_until = std::max(one.valid_until, other.valid_until);
    }
    return joined;
}

Consents join(const Consents& one, const Consents& other) {
    Consents joined;
    for (std::size_t i = 0; i < joined.states.size(); ++i) {
        joined.states[i] = join(one.states[i], other.states[i]);
    }
    return joined;
}

}  // namespace vitrine::consent
