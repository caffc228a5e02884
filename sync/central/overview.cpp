#include "sync/central/overview.hpp"

#include <nlohmann/json.hpp>

#include "sync/central/kept_catalogue.hpp"
#include "sync/central/quality.hpp"
#include "sync/wire/record_json.hpp"

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int32_t kDaysShown = 30;

std::int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

Result<Json> central_json(const Overview::About& about, sql::Connection& connection) {
    Json json;
    json["version"] = about.version;
    json["started"] = ms_of(about.started);
    json["records_merged"] = TRY(
        connection.integer_of("SELECT (SELECT coalesce(sum(records), 0) FROM sources) - (SELECT "
                              "count(*) FROM dead_letters WHERE kind = 'unreadable' AND sequence "
                              "<> 0)"));
    json["dead_letters"] = TRY(connection.integer_of("SELECT count(*) FROM dead_letters"));
    json["signing_key"] = about.signing_key;
    return json;
}

Result<Json> kpis_json(sql::Connection& connection, std::int32_t today) {
    auto select = TRY(connection.prepare(
        "SELECT coalesce(sum(viewed), 0), coalesce(sum(clicked), 0), coalesce(sum(dismissed), 0), "
        "coalesce(sum(saved), 0), coalesce(sum(claimed), 0), coalesce(sum(redeemed), 0) FROM "
        "offer_counts WHERE day > ?"));
    TRY(select.bind(today - kDaysShown).step());
    Json json;
    const std::int64_t viewed = select.integer(0);
    const std::int64_t clicked = select.integer(1);
    auto visits = TRY(
        connection.prepare("SELECT coalesce(sum(visits), 0), coalesce(sum(orders), 0), "
                           "coalesce(sum(orders_of_members), 0) FROM shop_counts WHERE day > ?"));
    TRY(visits.bind(today - kDaysShown).step());
    json["visits"] = visits.integer(0);
    json["impressions"] = viewed;
    json["clicks"] = clicked;
    json["dismissals"] = select.integer(2);
    json["saves"] = select.integer(3);
    json["claims"] = select.integer(4);
    json["redemptions"] = select.integer(5);
    json["orders"] = visits.integer(1);
    json["orders_of_members"] = visits.integer(2);
    json["ctr"] = viewed == 0 ? Json(nullptr)
                              : Json(static_cast<double>(clicked) / static_cast<double>(viewed));
    return json;
}

Json bundles_json(const std::vector<Publisher::Published>& published) {
    Json all = Json::array();
    for (const Publisher::Published& one : published) {
        all.push_back({{"kind", bundle::name_of(one.kind)},
                       {"store", one.store.view()},
                       {"epoch", one.epoch.value()},
                       {"published", ms_of(one.at)},
                       {"bytes", one.bytes}});
    }
    return all;
}

Json members_json(const MemberCounts& counts) {
    Json json;
    json["enrolled"] = counts.enrolled;
    for (const consent::Purpose purpose : consent::kPurposes) {
        json[std::string(consent::name_of(purpose))] =
            counts.allowing[static_cast<std::size_t>(purpose)];
    }
    json["erased"] = counts.erased;
    return json;
}

/// The agent's own last health record; null where none came yet.
Result<std::optional<session::AgentHealth>> health_in(std::string_view event) {
    if (event.empty()) return std::optional<session::AgentHealth>();
    const auto decoded = TRY(wire::decode_record(event));
    const auto* health =
        decoded.record ? std::get_if<session::AgentHealth>(&decoded.record->body) : nullptr;
    return health == nullptr ? std::optional<session::AgentHealth>() : std::optional(*health);
}

Json epochs_json(const profiles::Epochs& epochs) {
    return {{"catalogue", epochs.catalogue.value()},
            {"profiles", epochs.profiles.value()},
            {"model", epochs.model.value()},
            {"policy", epochs.policy.value()},
            {"recognition", epochs.recognition.value()}};
}

/// What the agent lost for want of room since its outbox began, and what nobody took; only what is
/// not 0.
Json losses_json(const session::AgentHealth& health) {
    Json losses = Json::object();
    const auto name = [&losses](const char* what, std::uint32_t count) {
        if (count > 0) losses[what] = count;
    };
    name("actions", health.dropped_actions);
    name("impressions", health.dropped_impressions);
    name("health", health.dropped_health);
    name("unsendable", health.unsendable_records);
    const std::uint32_t known =
        health.dropped_actions + health.dropped_impressions + health.dropped_health;
    if (health.dropped_records > known) name("unkept", health.dropped_records - known);
    return losses;
}

/// One row of the query in stores_json.
Result<Json> agent_json(const sql::Statement& row, const Service& service) {
    const auto store = TRY(StoreId::parse(row.text(0)));
    const auto agent = TRY(AgentId::parse(row.text(1)));
    const auto presence = service.agents().find({store, agent});
    const bool online = presence != service.agents().end() && presence->second.online;
    const std::int64_t received = row.integer(5);
    Json json;
    json["agent"] = agent.view();
    json["online"] = online;
    json["last_seen"] = std::max(received, online ? ms_of(presence->second.at) : 0);
    json["epoch"] = to_text(Sequence(row.bits(2)));
    json["watermark"] = row.integer(3);
    // How much later the newest record reached us than it happened.
    json["lag_seconds"] =
        static_cast<double>(std::max<std::int64_t>(0, received - row.integer(6))) / 1000.0;
    json["records"] = row.integer(4);
    json["gaps"] = row.blob(7).size() / 16;
    const auto health = TRY(health_in(row.text(8)));
    json["backlog"] = health ? Json(health->backlog_records) : Json(nullptr);
    json["losses"] = health ? losses_json(*health) : Json::object();
    json["epochs"] = health ? epochs_json(health->epochs) : Json(nullptr);
    return json;
}

Result<Json> stores_json(sql::Connection& connection, const Service& service) {
    auto select =
        TRY(connection.prepare("SELECT shops.shop, agent, epoch, watermark, records, "
                               "last_received, last_time, ranges, (SELECT event FROM "
                               "health WHERE health.shop = sources.shop AND health.agent = "
                               "sources.agent AND health.epoch = "
                               "sources.epoch) FROM shops LEFT JOIN sources ON sources.shop = "
                               "shops.shop ORDER BY shops.shop, agent, "
                               "last_received DESC"));
    select.bind();
    Json stores = Json::array();
    while (TRY(select.step())) {
        const std::string_view name = select.text(0);
        if (stores.empty() || stores.back()["store"] != name) {
            stores.push_back({{"store", name}, {"agents", Json::array()}});
        }
        Json& agents = stores.back()["agents"];
        // An agent's older databases are history: its newest one is what the console shows.
        if (select.is_null(1) || (!agents.empty() && agents.back()["agent"] == select.text(1)))
            continue;
        agents.push_back(TRY(agent_json(select, service)));
    }
    return stores;
}

Result<Json> offers_json(sql::Connection& connection, std::int32_t today) {
    const profiles::Catalogue catalogue = TRY(kept_catalogue(connection));
    auto select =
        TRY(connection.prepare("SELECT offer, sum(viewed), sum(clicked), sum(dismissed), "
                               "sum(saved) FROM offer_counts WHERE day > ? GROUP "
                               "BY offer ORDER BY 3 DESC, 2 DESC LIMIT 200"));
    select.bind(today - kDaysShown);
    Json all = Json::array();
    while (TRY(select.step())) {
        const OfferId id(static_cast<std::uint32_t>(select.integer(0)));
        const profiles::Offer* offer = catalogue.offer(id);
        const LocalText title = offer == nullptr ? LocalText{} : offer->title;
        all.push_back({{"offer", id.value()},
                       {"title", {{"fr", title.fr}, {"en", title.en}}},
                       {"views", select.integer(1)},
                       {"clicks", select.integer(2)},
                       {"dismissals", select.integer(3)},
                       {"saves", select.integer(4)}});
    }
    return all;
}

/// The last hour by minute.
Result<Json> series_json(sql::Connection& connection, WallTime now) {
    constexpr std::int64_t kMinute = 60'000;
    auto select = TRY(connection.prepare(
        "SELECT minute, sum(records), sum(clicks), sum(views) FROM minute_counts WHERE minute >= ? "
        "GROUP BY minute ORDER BY minute"));
    select.bind(ms_of(now) / kMinute - 60);
    Json all = Json::array();
    while (TRY(select.step())) {
        all.push_back({{"t", select.integer(0) * kMinute},
                       {"records", select.integer(1)},
                       {"clicks", select.integer(2)},
                       {"views", select.integer(3)}});
    }
    return all;
}

}  // namespace

Result<std::string> Overview::json(WallTime now) {
    const std::int32_t today = day_of(now);
    Json json;
    json["central"] = TRY(central_json(about_, connection_));
    json["kpis"] = TRY(kpis_json(connection_, today));
    json["bundles"] = bundles_json(TRY(publisher_.published()));
    json["members"] = members_json(TRY(members_.counts(now)));
    json["stores"] = TRY(stores_json(connection_, service_));
    json["offers"] = TRY(offers_json(connection_, today));
    json["quality"] = Json::parse(TRY(quality_json(connection_)), nullptr, false);
    json["fairness"] = Json::parse(TRY(audit_.json()), nullptr, false);
    json["series"] = TRY(series_json(connection_, now));
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vitrine::central
