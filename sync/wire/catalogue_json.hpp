#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/profiles/catalogue.hpp"
#include "agent/profiles/policy.hpp"
#include "sync/wire/problem.hpp"

namespace vitrine::wire {

inline constexpr std::size_t kCatalogueBytesMax = 16U << 20;
inline constexpr std::size_t kCategoriesMax = 4096;
inline constexpr std::size_t kOffersMax = 20'000;

/// Everything that is wrong with a catalogue as head office writes it (docs/catalogue.md), each
/// with its line, up to kProblemsMax; empty when it can be published. Beside the format it refuses
/// an offer without French (REQUIREMENTS C1), an announced reduction without the lowest price of
/// the last 30 days (C2), a segment that asks for what is protected or sensitive (T11, P2), and
/// offers by which one thing has another value for another person (T12).
std::vector<Problem> check_catalogue(std::string_view json);
/// Also against the policy that it is to be published with: offers bound to experiments that it
/// lacks.
std::vector<Problem> check_catalogue(std::string_view json, const profiles::Policy& policy);

/// The catalogue, in order of id; `invalid` with the first problem where `check_catalogue` has any.
/// The epoch is 0 where the file names none: the centre gives one when it publishes.
Result<profiles::Catalogue> decode_catalogue(std::string_view json);

/// Writes the same format. `invalid` for what it cannot carry (text that is not UTF-8, a time
/// outside the years 0 to 9999); `exhausted` above kCatalogueBytesMax.
Result<std::string> encode_catalogue(const profiles::Catalogue& catalogue);

}  // namespace vitrine::wire
