#pragma once

#include "agent/base/result.hpp"
#include "agent/profiles/catalogue.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// The catalogue that the centre publishes; an empty one where none was given yet.
Result<profiles::Catalogue> kept_catalogue(sql::Connection& connection);

}  // namespace vitrine::central
