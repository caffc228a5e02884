#pragma once

#include "agent/base/random.hpp"
#include "agent/radio/advert.hpp"

namespace vitrine::simulated {

/// What phones and things of strangers send, in about the shares in which a shop hears it: mostly
/// Apple's manufacturer data, some beacons, some identifiers of other systems, now and then
/// garbage.
radio::Payload junk_payload(Rng& rng);

/// A resolvable private address, as phones use: random below the two bits 01.
radio::Address private_address(Rng& rng);

}  // namespace vitrine::simulated
