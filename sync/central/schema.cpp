#include "sync/central/schema.hpp"

#include <array>

namespace vitrine::central {

namespace {

/// One step a version, never changed once released. 64-bit ids are kept bit for bit in SQLite's
/// signed integers.
constexpr std::array<const char*, 2> kMigrations{R"sql(
CREATE TABLE settings (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE shops (shop TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE members (
  member INTEGER PRIMARY KEY,
  identity_key BLOB NOT NULL,
  level INTEGER NOT NULL,
  language INTEGER NOT NULL,
  age_proven INTEGER NOT NULL,
  birth_month INTEGER NOT NULL,
  favourites TEXT NOT NULL,
  calls_me TEXT NOT NULL,
  wishes TEXT NOT NULL);
CREATE TABLE consents (
  member INTEGER NOT NULL, purpose INTEGER NOT NULL,
  withdrawal INTEGER NOT NULL, paused INTEGER NOT NULL,
  granted INTEGER NOT NULL, grant_version INTEGER NOT NULL, valid_until INTEGER NOT NULL,
  PRIMARY KEY (member, purpose)) WITHOUT ROWID;
CREATE TABLE consent_events (
  id INTEGER NOT NULL, member INTEGER NOT NULL, purpose INTEGER NOT NULL, decision INTEGER NOT NULL,
  version INTEGER NOT NULL, hlc INTEGER NOT NULL, channel INTEGER NOT NULL, valid_until INTEGER,
  notice TEXT NOT NULL, notice_version INTEGER NOT NULL, notice_sha256 BLOB NOT NULL, language INTEGER NOT NULL,
  previous BLOB NOT NULL,
  PRIMARY KEY (member, id)) WITHOUT ROWID;
CREATE TABLE purchases (
  member INTEGER NOT NULL, day INTEGER NOT NULL, product INTEGER NOT NULL, category INTEGER NOT NULL,
  quantity INTEGER NOT NULL, cents INTEGER NOT NULL,
  PRIMARY KEY (member, day, product)) WITHOUT ROWID;
CREATE TABLE tombstones (member INTEGER PRIMARY KEY, at INTEGER NOT NULL);

CREATE TABLE sources (
  shop TEXT NOT NULL, agent TEXT NOT NULL, epoch INTEGER NOT NULL,
  watermark INTEGER NOT NULL, ranges BLOB NOT NULL, given_up INTEGER NOT NULL,
  records INTEGER NOT NULL, last_received INTEGER NOT NULL, last_time INTEGER NOT NULL,
  PRIMARY KEY (shop, agent, epoch)) WITHOUT ROWID;
CREATE TABLE events (
  agent TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
  shop TEXT NOT NULL, type TEXT NOT NULL, received INTEGER NOT NULL, merged INTEGER NOT NULL,
  member INTEGER, digest BLOB NOT NULL, event TEXT NOT NULL,
  PRIMARY KEY (agent, epoch, sequence)) WITHOUT ROWID;
CREATE INDEX events_by_time ON events (received);
CREATE INDEX events_by_member ON events (member) WHERE member IS NOT NULL;
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY, agent TEXT NOT NULL, epoch INTEGER, sequence INTEGER,
  received INTEGER NOT NULL, reason TEXT NOT NULL, event BLOB NOT NULL);

CREATE TABLE interactions (
  member INTEGER NOT NULL, offer INTEGER NOT NULL,
  dismissed INTEGER NOT NULL, wanted INTEGER NOT NULL, last_viewed INTEGER NOT NULL,
  viewed INTEGER NOT NULL, clicked INTEGER NOT NULL, saved INTEGER NOT NULL, claimed INTEGER NOT NULL,
  dismissals INTEGER NOT NULL,
  PRIMARY KEY (member, offer)) WITHOUT ROWID;
CREATE TABLE offer_counts (
  shop TEXT NOT NULL, day INTEGER NOT NULL, offer INTEGER NOT NULL, path INTEGER NOT NULL,
  viewed INTEGER NOT NULL, clicked INTEGER NOT NULL, dismissed INTEGER NOT NULL, saved INTEGER NOT NULL,
  explained INTEGER NOT NULL, claimed INTEGER NOT NULL,
  PRIMARY KEY (shop, day, offer, path)) WITHOUT ROWID;
CREATE TABLE shop_counts (
  shop TEXT NOT NULL, day INTEGER NOT NULL,
  visits INTEGER NOT NULL, visits_ended INTEGER NOT NULL, visit_seconds INTEGER NOT NULL,
  touches INTEGER NOT NULL, decisions INTEGER NOT NULL, staff_views INTEGER NOT NULL,
  PRIMARY KEY (shop, day)) WITHOUT ROWID;
CREATE TABLE statistics (
  model INTEGER NOT NULL, shop TEXT NOT NULL, agent TEXT NOT NULL, epoch INTEGER NOT NULL,
  outcomes INTEGER NOT NULL, event TEXT NOT NULL, used TEXT NOT NULL,
  PRIMARY KEY (model, shop, agent, epoch)) WITHOUT ROWID;
CREATE TABLE health (
  shop TEXT NOT NULL, agent TEXT NOT NULL, epoch INTEGER NOT NULL,
  hlc INTEGER NOT NULL, sequence INTEGER NOT NULL, event TEXT NOT NULL,
  PRIMARY KEY (shop, agent, epoch)) WITHOUT ROWID;

CREATE TABLE bundles (
  shop TEXT NOT NULL, kind INTEGER NOT NULL, epoch INTEGER NOT NULL, content BLOB NOT NULL,
  published INTEGER NOT NULL, bytes INTEGER NOT NULL, chunks INTEGER NOT NULL,
  PRIMARY KEY (shop, kind)) WITHOUT ROWID;
)sql",
                                                 R"sql(
CREATE TABLE member_days (
  member INTEGER NOT NULL, day INTEGER NOT NULL, offer INTEGER NOT NULL, shop TEXT NOT NULL,
  viewed INTEGER NOT NULL, tailored INTEGER NOT NULL, clicked INTEGER NOT NULL, saved INTEGER NOT NULL,
  claimed INTEGER NOT NULL,
  PRIMARY KEY (member, day, offer, shop)) WITHOUT ROWID;
CREATE INDEX member_days_by_day ON member_days (day);
CREATE TABLE channel_visits (
  member INTEGER NOT NULL, day INTEGER NOT NULL, channel INTEGER NOT NULL,
  PRIMARY KEY (member, day, channel)) WITHOUT ROWID;
CREATE TABLE baskets (member INTEGER PRIMARY KEY, day INTEGER NOT NULL, products TEXT NOT NULL);

CREATE TABLE audit_values (
  dimension TEXT NOT NULL, value TEXT NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (dimension, value)) WITHOUT ROWID;
CREATE TABLE audit_segments (
  member INTEGER NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (member, dimension)) WITHOUT ROWID;
CREATE TABLE fairness_findings (
  id INTEGER PRIMARY KEY, opened INTEGER NOT NULL,
  dimension TEXT NOT NULL, value TEXT NOT NULL, best TEXT NOT NULL, measure TEXT NOT NULL, offer INTEGER NOT NULL,
  ratio REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  signed_by TEXT, signed_at INTEGER, reason TEXT);
)sql"};

}  // namespace

Result<sqlite::Connection> open_database(const std::string& path) {
    auto connection =
        TRY(sqlite::Connection::open(path, {.busy_timeout = std::chrono::seconds(5)}));
    const std::int64_t version = TRY(connection.integer_of("PRAGMA user_version"));
    const auto newest = static_cast<std::int64_t>(kMigrations.size());
    if (version > newest) {
        return conflict(path + ": written by a newer program (version " + std::to_string(version) +
                        ")");
    }
    for (auto next = static_cast<std::size_t>(version); next < kMigrations.size(); ++next) {
        auto transaction = TRY(sqlite::Transaction::begin(connection));
        TRY(connection.execute(kMigrations[next]));
        TRY(connection.execute("PRAGMA user_version = " + std::to_string(next + 1)));
        TRY(transaction.commit());
    }
    return connection;
}

}  // namespace vitrine::central
