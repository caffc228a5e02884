#pragma once

#include "agent/base/result.hpp"
#include "agent/profiles/catalogue.hpp"
#include "sync/sqlite/sqlite.hpp"

namespace vitrine::central {

/// The catalogue that the centre publishes; an empty one where none was given yet.
Result<profiles::Catalogue> kept_catalogue(sqlite::Connection& connection);

}  // namespace vitrine::central
