#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/base/result.hpp"
#include "agent/engine/engine.hpp"
#include "agent/identity/eid.hpp"
#include "drivers/replay/recording.hpp"

namespace vitrine::ctl {

/// Reads identity keys, 32 hexadecimal digits a line; blank lines and those that begin with `#` are
/// skipped. `invalid` naming file and line, also for more than kKeysMax or none.
inline constexpr std::size_t kKeysMax = 16;
Result<std::vector<identity::IdentityKey>> read_keys(std::string_view text, std::string_view file);

/// What may be written of what is heard: frames of phones whose keys are at hand, as those keys;
/// and frames of members whom the agent would recognise now, as bare identifiers. Neither has the
/// phone's address, nor anything else that stood in the advert. Everything else is nobody's to
/// keep and comes back as nothing.
class RecordFilter {
  public:
    /// The engine outlives the filter and has the store's bundles. Nobody else gives it adverts.
    RecordFilter(engine::Engine& engine, std::vector<identity::IdentityKey> own);

    /// `since_start` is what the result's time will be.
    std::optional<replay::Heard> pass(const radio::Advert& advert,
                                      std::chrono::nanoseconds since_start, engine::Now now);

  private:
    const identity::IdentityKey* owner_of(const radio::Eid& eid, WallTime now);
    bool recognises(const radio::Advert& advert, engine::Now now);

    engine::Engine& engine_;
    std::vector<identity::IdentityKey> own_;
    /// Identifiers of each own key in the windows around now, and when they were computed.
    std::vector<std::pair<radio::Eid, std::size_t>> own_eids_;
    std::optional<WallTime> computed_;
};

}  // namespace vitrine::ctl
