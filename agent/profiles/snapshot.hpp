#pragma once

#include "agent/profiles/catalogue.hpp"
#include "agent/profiles/model.hpp"
#include "agent/profiles/policy.hpp"
#include "agent/profiles/profile.hpp"
#include "agent/profiles/stock.hpp"

namespace vitrine::profiles {

/// The versions that one decision was made under, so that it can be explained later.
struct Epochs {
    Epoch catalogue;
    Epoch profiles;
    Epoch model;
    Epoch policy;
    Epoch recognition;
    friend bool operator==(const Epochs&, const Epochs&) = default;
};

/// Everything that a decision reads beside the moment: what the centre last sent, and the shop's
/// stock. Owned by the engine and replaced part by part between two steps of the flow, never during
/// one.
struct Snapshot {
    Catalogue catalogue;
    ProfileBook profiles;
    Model model;
    Policy policy;
    Epoch recognition;
    Stock stock;  ///< From the shop's own feed: of no epoch.

    Epochs epochs() const {
        return {catalogue.epoch, profiles.epoch(), model.epoch, policy.epoch, recognition};
    }
};

}  // namespace vitrine::profiles
