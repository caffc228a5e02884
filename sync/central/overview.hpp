#pragma once

#include <string>

#include "agent/base/result.hpp"
#include "agent/base/time.hpp"
#include "sync/central/audit.hpp"
#include "sync/central/members.hpp"
#include "sync/central/publisher.hpp"
#include "sync/central/service.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// What the console shows, as JSON: numbers of the whole chain, the state of each
/// agent, what happened with each offer, and how groups fare. It names no member.
class Overview {
  public:
    struct About {
        std::string version;
        WallTime started;
        std::string signing_key;  ///< The public one.
    };

    Overview(About about, sql::Connection& connection, Members& members, const Publisher& publisher,
             const Service& service, Audit& audit)
        : about_(std::move(about)),
          connection_(connection),
          members_(members),
          publisher_(publisher),
          service_(service),
          audit_(audit) {}

    Result<std::string> json(WallTime now);

  private:
    About about_;
    sql::Connection& connection_;
    Members& members_;
    const Publisher& publisher_;
    const Service& service_;
    Audit& audit_;
};

}  // namespace vitrine::central
