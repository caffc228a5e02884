#include "sync/central/schema.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vitrine::central {

namespace {

/// One step a version, never changed once released. 64-bit ids are kept bit for bit in signed
/// integers. What the homes write differently stands in braces: see `in_words_of`.
constexpr std::array<const char*, 4> kMigrations{R"sql(
CREATE TABLE settings (key TEXT PRIMARY KEY, value {bytes} NOT NULL){keyed};
CREATE TABLE shops (shop TEXT PRIMARY KEY){keyed};

CREATE TABLE members (
  member BIGINT PRIMARY KEY,
  identity_key {bytes} NOT NULL,
  level BIGINT NOT NULL,
  language BIGINT NOT NULL,
  age_proven BIGINT NOT NULL,
  birth_month BIGINT NOT NULL,
  favourites TEXT NOT NULL,
  calls_me TEXT NOT NULL,
  wishes TEXT NOT NULL);
CREATE TABLE consents (
  member BIGINT NOT NULL, purpose BIGINT NOT NULL,
  withdrawal BIGINT NOT NULL, paused BIGINT NOT NULL,
  granted BIGINT NOT NULL, grant_version BIGINT NOT NULL, valid_until BIGINT NOT NULL,
  PRIMARY KEY (member, purpose)){keyed};
CREATE TABLE consent_events (
  id BIGINT NOT NULL, member BIGINT NOT NULL, purpose BIGINT NOT NULL, decision BIGINT NOT NULL,
  version BIGINT NOT NULL, hlc BIGINT NOT NULL, channel BIGINT NOT NULL, valid_until BIGINT,
  notice TEXT NOT NULL, notice_version BIGINT NOT NULL, notice_sha256 {bytes} NOT NULL, language BIGINT NOT NULL,
  previous {bytes} NOT NULL,
  PRIMARY KEY (member, id)){keyed};
CREATE TABLE purchases (
  member BIGINT NOT NULL, day BIGINT NOT NULL, product BIGINT NOT NULL, category BIGINT NOT NULL,
  quantity BIGINT NOT NULL, cents BIGINT NOT NULL,
  PRIMARY KEY (member, day, product)){keyed};
CREATE TABLE tombstones (member BIGINT PRIMARY KEY, at BIGINT NOT NULL);

CREATE TABLE sources (
  shop TEXT NOT NULL, agent TEXT NOT NULL, epoch BIGINT NOT NULL,
  watermark BIGINT NOT NULL, ranges {bytes} NOT NULL, given_up BIGINT NOT NULL,
  records BIGINT NOT NULL, cloned BIGINT NOT NULL, last_received BIGINT NOT NULL, last_time BIGINT NOT NULL,
  PRIMARY KEY (shop, agent, epoch)){keyed};
CREATE TABLE events (
  shop TEXT NOT NULL, agent TEXT NOT NULL, epoch BIGINT NOT NULL, sequence BIGINT NOT NULL,
  type TEXT NOT NULL, received BIGINT NOT NULL, merged BIGINT NOT NULL,
  member BIGINT NOT NULL, digest {bytes} NOT NULL, event TEXT NOT NULL,
  PRIMARY KEY (shop, agent, epoch, sequence)){long_by_shop};
CREATE INDEX events_by_time ON events {by_time};
CREATE INDEX events_by_member ON events (member) WHERE member <> 0;
CREATE INDEX events_unmerged ON events (shop, agent, epoch, sequence) WHERE merged = 0;
CREATE TABLE dead_letters (
  digest {bytes} PRIMARY KEY, shop TEXT NOT NULL, agent TEXT NOT NULL, epoch BIGINT NOT NULL, sequence BIGINT NOT NULL,
  received BIGINT NOT NULL, kind TEXT NOT NULL, member BIGINT NOT NULL, reason TEXT NOT NULL, event {bytes} NOT NULL){keyed};
CREATE INDEX dead_letters_by_agent ON dead_letters (shop, agent);
CREATE INDEX dead_letters_by_member ON dead_letters (member) WHERE member <> 0;
CREATE TABLE news (kind TEXT PRIMARY KEY, revision BIGINT NOT NULL){keyed};

CREATE TABLE interactions (
  member BIGINT NOT NULL, offer BIGINT NOT NULL,
  dismissed BIGINT NOT NULL, wanted BIGINT NOT NULL, last_viewed BIGINT NOT NULL,
  viewed BIGINT NOT NULL, clicked BIGINT NOT NULL, saved BIGINT NOT NULL, claimed BIGINT NOT NULL,
  dismissals BIGINT NOT NULL,
  PRIMARY KEY (member, offer)){keyed};
CREATE TABLE offer_counts (
  shop TEXT NOT NULL, day BIGINT NOT NULL, offer BIGINT NOT NULL, path BIGINT NOT NULL,
  viewed BIGINT NOT NULL, clicked BIGINT NOT NULL, dismissed BIGINT NOT NULL, saved BIGINT NOT NULL,
  explained BIGINT NOT NULL, claimed BIGINT NOT NULL,
  PRIMARY KEY (shop, day, offer, path)){by_shop};
CREATE TABLE shop_counts (
  shop TEXT NOT NULL, day BIGINT NOT NULL,
  visits BIGINT NOT NULL, visits_ended BIGINT NOT NULL, visit_seconds BIGINT NOT NULL,
  touches BIGINT NOT NULL, decisions BIGINT NOT NULL, staff_views BIGINT NOT NULL,
  PRIMARY KEY (shop, day)){by_shop};
CREATE TABLE statistics (
  model BIGINT NOT NULL, shop TEXT NOT NULL, agent TEXT NOT NULL, epoch BIGINT NOT NULL,
  outcomes BIGINT NOT NULL, event TEXT NOT NULL, used TEXT NOT NULL,
  PRIMARY KEY (model, shop, agent, epoch)){keyed};
CREATE TABLE health (
  shop TEXT NOT NULL, agent TEXT NOT NULL, epoch BIGINT NOT NULL,
  hlc BIGINT NOT NULL, sequence BIGINT NOT NULL, event TEXT NOT NULL,
  PRIMARY KEY (shop, agent, epoch)){keyed};

CREATE TABLE bundles (
  shop TEXT NOT NULL, kind BIGINT NOT NULL, epoch BIGINT NOT NULL, content {bytes} NOT NULL,
  published BIGINT NOT NULL, bytes BIGINT NOT NULL, chunks BIGINT NOT NULL,
  PRIMARY KEY (shop, kind)){keyed};

CREATE TABLE member_days (
  member BIGINT NOT NULL, day BIGINT NOT NULL, offer BIGINT NOT NULL, shop TEXT NOT NULL,
  viewed BIGINT NOT NULL, tailored BIGINT NOT NULL, clicked BIGINT NOT NULL, saved BIGINT NOT NULL,
  claimed BIGINT NOT NULL,
  PRIMARY KEY (member, day, offer, shop)){keyed};
CREATE INDEX member_days_by_day ON member_days (day);
CREATE TABLE channel_visits (
  member BIGINT NOT NULL, day BIGINT NOT NULL, channel BIGINT NOT NULL,
  PRIMARY KEY (member, day, channel)){keyed};
CREATE TABLE baskets (member BIGINT PRIMARY KEY, day BIGINT NOT NULL, products TEXT NOT NULL);

CREATE TABLE audit_values (
  dimension TEXT NOT NULL, value TEXT NOT NULL, position BIGINT NOT NULL,
  PRIMARY KEY (dimension, value)){keyed};
CREATE TABLE audit_segments (
  member BIGINT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (member, dimension)){keyed};
CREATE TABLE fairness_findings (
  id {id}, opened BIGINT NOT NULL,
  dimension TEXT NOT NULL, value TEXT NOT NULL, best TEXT NOT NULL, measure TEXT NOT NULL, offer BIGINT NOT NULL,
  ratio DOUBLE PRECISION NOT NULL, low DOUBLE PRECISION NOT NULL, high DOUBLE PRECISION NOT NULL,
  signed_by TEXT, signed_at BIGINT, reason TEXT);
)sql",
                                                 R"sql(
CREATE TABLE bundle_packages (
  shop TEXT NOT NULL, kind BIGINT NOT NULL, epoch BIGINT NOT NULL, base BIGINT NOT NULL, gone BIGINT NOT NULL,
  manifest {bytes} NOT NULL, frame {bytes} NOT NULL, bytes BIGINT NOT NULL, chunks BIGINT NOT NULL,
  PRIMARY KEY (shop, kind, epoch, base)){keyed};
CREATE INDEX bundle_packages_by_frame ON bundle_packages (frame);
CREATE TABLE bundle_chunks (
  frame {bytes} NOT NULL, chunk BIGINT NOT NULL, content {bytes} NOT NULL,
  PRIMARY KEY (frame, chunk));
)sql",
                                                 R"sql(
ALTER TABLE shop_counts ADD COLUMN orders BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shop_counts ADD COLUMN orders_of_members BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shop_counts ADD COLUMN items BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shop_counts ADD COLUMN revenue_cents BIGINT NOT NULL DEFAULT 0;
ALTER TABLE offer_counts ADD COLUMN redeemed BIGINT NOT NULL DEFAULT 0;

CREATE TABLE order_lines (
  member BIGINT NOT NULL, day BIGINT NOT NULL, order_id TEXT NOT NULL, product BIGINT NOT NULL,
  category BIGINT NOT NULL, quantity BIGINT NOT NULL, cents BIGINT NOT NULL,
  PRIMARY KEY (member, day, order_id, product)){keyed};
CREATE VIEW bought AS
  SELECT member, day, product, category, quantity, cents FROM purchases UNION ALL
  SELECT member, day, product, category, quantity, cents FROM order_lines;
CREATE TABLE products (
  product BIGINT PRIMARY KEY, category BIGINT NOT NULL, cents BIGINT NOT NULL, gtin TEXT NOT NULL,
  name_fr TEXT NOT NULL, name_en TEXT NOT NULL);
CREATE TABLE imports (
  kind TEXT NOT NULL, content TEXT NOT NULL, file TEXT NOT NULL, started BIGINT NOT NULL, updated BIGINT NOT NULL,
  finished BIGINT NOT NULL, position BIGINT NOT NULL, line BIGINT NOT NULL, refused_bytes BIGINT NOT NULL,
  report TEXT NOT NULL,
  PRIMARY KEY (kind, content)){keyed};
)sql",
                                                 R"sql(
ALTER TABLE bundles DROP COLUMN chunks;
CREATE TABLE minute_counts (
  minute BIGINT NOT NULL, shop TEXT NOT NULL, records BIGINT NOT NULL, views BIGINT NOT NULL, clicks BIGINT NOT NULL,
  PRIMARY KEY (minute, shop)){keyed};
)sql"};

/// The first version that both homes know. What came before was never released.
constexpr std::int64_t kOldest = 3;
constexpr int kPartitions = 8;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string in_words_of(sql::Home home, std::string text) {
    const bool postgres = home == sql::Home::postgres;
    const std::string_view keyed = postgres ? "" : " WITHOUT ROWID";
    text = replaced(std::move(text), "{keyed}", keyed);
    // A table without a rowid has its whole rows in its inner pages too: not for long ones.
    text = replaced(std::move(text), "{long_by_shop}", postgres ? " PARTITION BY HASH (shop)" : "");
    text = replaced(std::move(text), "{by_shop}", postgres ? " PARTITION BY HASH (shop)" : keyed);
    // Events come in the order of their time: a coarse index costs next to nothing to keep.
    text =
        replaced(std::move(text), "{by_time}", postgres ? "USING BRIN (received)" : "(received)");
    text = replaced(std::move(text), "{bytes}", postgres ? "BYTEA" : "BLOB");
    return replaced(
        std::move(text), "{id}",
        postgres ? "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY");
}

/// On PostgreSQL the tables that grow with shops are split by shop.
Result<void> make_partitions(sql::Connection& connection) {
    if (connection.home() != sql::Home::postgres) return {};
    for (const std::string table : {"events", "offer_counts", "shop_counts"}) {
        for (int i = 0; i < kPartitions; ++i) {
            TRY(connection.execute("CREATE TABLE IF NOT EXISTS " + table + "_" + std::to_string(i) +
                                   " PARTITION OF " + table + " FOR VALUES WITH (MODULUS " +
                                   std::to_string(kPartitions) + ", REMAINDER " +
                                   std::to_string(i) + ")"));
        }
    }
    return {};
}

/// 0: there is nothing yet.
Result<std::int64_t> version_of(sql::Connection& connection) {
    if (connection.home() == sql::Home::sqlite) return connection.integer_of("PRAGMA user_version");
    TRY(connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"));
    return connection.integer_of("SELECT coalesce(max(version), 0) FROM schema_version");
}

Result<void> set_version(sql::Connection& connection, std::int64_t version) {
    const std::string number = std::to_string(version);
    if (connection.home() == sql::Home::sqlite) {
        return connection.execute("PRAGMA user_version = " + number);
    }
    return connection.execute("DELETE FROM schema_version; INSERT INTO schema_version VALUES (" +
                              number + ")");
}

Result<void> bring_up_to_date(sql::Connection& connection, std::int64_t upto) {
    auto transaction = TRY(sql::Transaction::begin(connection));
    TRY(connection.lock(sql::Lock::migrations, false));
    const std::int64_t version = TRY(version_of(connection));
    if (version != 0 && version < kOldest) {
        return conflict(connection.name() +
                        ": made before the first release; begin a new database");
    }
    if (version > newest_schema()) {
        return conflict(connection.name() + ": written by a newer program (version " +
                        std::to_string(version) + ")");
    }
    for (std::int64_t next = std::max(version + 1, kOldest); next <= upto; ++next) {
        const char* const step = kMigrations[static_cast<std::size_t>(next - kOldest)];
        TRY(connection.execute(in_words_of(connection.home(), step)));
        if (next == kOldest) TRY(make_partitions(connection));
        TRY(set_version(connection, next));
    }
    return transaction.commit();
}

}  // namespace

std::int64_t newest_schema() { return kOldest + static_cast<std::int64_t>(kMigrations.size()) - 1; }

Result<std::unique_ptr<sql::Connection>> open_database(const std::string& database,
                                                       std::int64_t version) {
    auto connection = TRY(sql::open(database));
    TRY(bring_up_to_date(*connection, version));
    return connection;
}

}  // namespace vitrine::central
