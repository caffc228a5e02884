#include "sync/central/import_offers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "sync/central/enrolment.hpp"
#include "sync/wire/catalogue_json.hpp"

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;

enum class Form : std::uint8_t { text, number, flag, numbers, texts, json };

/// A column of the CSV, and where its value stands in an offer; `inner` in an object of that name.
struct OfferColumn {
    std::string_view name;
    Form form;
    const char* outer;
    const char* inner = nullptr;
};

constexpr std::array kColumns{
    OfferColumn{"id", Form::number, "id"},
    OfferColumn{"category", Form::number, "category"},
    OfferColumn{"also", Form::numbers, "also"},
    OfferColumn{"products", Form::numbers, "products"},
    OfferColumn{"title_fr", Form::text, "title", "fr"},
    OfferColumn{"title_en", Form::text, "title", "en"},
    OfferColumn{"detail_fr", Form::text, "detail", "fr"},
    OfferColumn{"detail_en", Form::text, "detail", "en"},
    OfferColumn{"terms_fr", Form::text, "terms", "fr"},
    OfferColumn{"terms_en", Form::text, "terms", "en"},
    OfferColumn{"image", Form::text, "image"},
    OfferColumn{"value_kind", Form::text, "value_kind"},
    OfferColumn{"value", Form::number, "value"},
    OfferColumn{"price_cents", Form::number, "price_cents"},
    OfferColumn{"prior_price_cents", Form::number, "prior_price_cents"},
    OfferColumn{"unit_price", Form::text, "unit_price"},
    OfferColumn{"valid_from", Form::text, "valid_from"},
    OfferColumn{"valid_until", Form::text, "valid_until"},
    OfferColumn{"stores", Form::texts, "stores"},
    OfferColumn{"placements", Form::texts, "placements"},
    OfferColumn{"exclusion_group", Form::text, "exclusion_group"},
    OfferColumn{"segment", Form::json, "segment"},
    OfferColumn{"per_member_day", Form::number, "caps", "per_member_day"},
    OfferColumn{"per_member_total", Form::number, "caps", "per_member_total"},
    OfferColumn{"cool_down_days", Form::number, "cool_down_days"},
    OfferColumn{"budget", Form::number, "budget"},
    OfferColumn{"experiment", Form::text, "experiment"},
    OfferColumn{"arm", Form::text, "arm"},
    OfferColumn{"in_stock", Form::flag, "in_stock"},
    OfferColumn{"price_tier", Form::text, "price_tier"},
    OfferColumn{"popularity", Form::number, "popularity"},
    OfferColumn{"season", Form::number, "season"},
    OfferColumn{"weather", Form::text, "weather"},
    OfferColumn{"reward", Form::text, "reward"},
    OfferColumn{"reward_window_hours", Form::number, "reward_window_hours"}};

/// A number where it is one; else the text, of which the catalogue's validator says what it is not.
Json number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size()) return text;
    return number;
}

Json list_of(std::string_view text, bool numbers) {
    constexpr std::string_view kBetween = " |";
    Json list = Json::array();
    for (std::size_t at = text.find_first_not_of(kBetween); at != text.npos;
         at = text.find_first_not_of(kBetween, at)) {
        const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
        const std::string_view one = text.substr(at, end - at);
        list.push_back(numbers ? number_of(one) : Json(one));
        at = end;
    }
    return list;
}

Json value_of(const OfferColumn& column, std::string_view text) {
    switch (column.form) {
        case Form::text:
            return text;
        case Form::number:
            return number_of(text);
        case Form::flag:
            if (text == "true" || text == "1" || text == "oui" || text == "yes") return true;
            if (text == "false" || text == "0" || text == "non" || text == "no") return false;
            return text;
        case Form::numbers:
            return list_of(text, true);
        case Form::texts:
            return list_of(text, false);
        case Form::json:
            break;
    }
    Json parsed = Json::parse(text, nullptr, false);
    return parsed.is_discarded() ? Json(text) : parsed;
}

/// The file's offers as JSON, and the line of each.
struct ReadOffers {
    Json offers = Json::array();
    std::vector<std::uint64_t> lines;
    std::vector<wire::Problem> problems;
};

Result<std::vector<const OfferColumn*>> columns_of(const rows::Reader& reader,
                                                   const std::string& file) {
    std::vector<const OfferColumn*> columns;
    for (const std::string& name : reader.header()) {
        const auto at = std::ranges::find(kColumns, name, &OfferColumn::name);
        if (at == kColumns.end()) {
            return invalid(file + ":1: no column of an offer is called '" + name.substr(0, 64) +
                           "' (docs/imports.md)");
        }
        columns.push_back(&*at);
    }
    return columns;
}

Result<ReadOffers> read_offers(const std::string& file, rows::Format format) {
    auto reader = TRY(rows::Reader::open(file, TRY(rows::open_file(file)), format));
    const auto columns = TRY(columns_of(reader, file));
    ReadOffers read;
    rows::Row row;
    while (TRY(reader.next(row))) {
        Json offer = Json::object();
        if (row.trouble.empty() && reader.format() == rows::Format::jsonl) {
            offer = Json::parse(row.text, nullptr, false);
            if (!offer.is_object()) row.trouble = "is no JSON object";
        }
        if (!row.trouble.empty()) {
            read.problems.push_back({.path = "", .message = row.trouble, .line = row.line});
            if (read.problems.size() >= wire::kProblemsMax) break;
            continue;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (row.fields[i].empty()) continue;
            Json& outer = offer[columns[i]->outer];
            (columns[i]->inner == nullptr ? outer : outer[columns[i]->inner]) =
                value_of(*columns[i], row.fields[i]);
        }
        if (read.offers.size() >= wire::kOffersMax) {
            return invalid(file + ": more than " + std::to_string(wire::kOffersMax) + " offers");
        }
        read.offers.push_back(std::move(offer));
        read.lines.push_back(row.line);
    }
    return read;
}

/// "offers[12].title.fr" by the file's line and the column's name.
wire::Problem in_file(wire::Problem problem, const ReadOffers& read) {
    problem.line = 0;
    constexpr std::string_view kStart = "offers[";
    const std::size_t end = problem.path.find(']');
    if (!problem.path.starts_with(kStart) || end == problem.path.npos) return problem;
    std::size_t index = 0;
    std::from_chars(problem.path.data() + kStart.size(), problem.path.data() + end, index);
    if (index >= read.lines.size()) return problem;
    problem.line = read.lines[index];
    problem.path.erase(0, std::min(end + 2, problem.path.size()));
    for (const OfferColumn& column : kColumns) {
        if (column.inner != nullptr &&
            problem.path == std::string(column.outer) + "." + column.inner) {
            problem.path = column.name;
        }
    }
    return problem;
}

Error all_of(const std::vector<wire::Problem>& problems, const std::string& file) {
    std::string text = file + ": " + std::to_string(problems.size()) +
                       (problems.size() == 1 ? " mistake" : " mistakes") + "; nothing was changed";
    for (const wire::Problem& problem : problems) text += "\n" + wire::line_of(problem, file);
    return invalid(text);
}

/// What may be published, but deserves a look.
Result<void> judge(sql::Connection& connection, const profiles::Catalogue& catalogue,
                   const ReadOffers& read, WallTime now, ImportReport& report) {
    std::set<ProductId> products;
    auto select = TRY(connection.prepare("SELECT product FROM products"));
    select.bind();
    while (TRY(select.step())) {
        products.insert(ProductId(static_cast<std::uint32_t>(select.integer(0))));
    }
    for (std::size_t i = 0; i < read.lines.size(); ++i) {
        const Json& id = read.offers[i]["id"];
        const auto* offer = catalogue.offer(OfferId(id.get<std::uint32_t>()));
        if (offer == nullptr) continue;
        if (offer->valid_until < now) {
            report.note(Flaw::stale, "valid_until", "is in the past", false, read.lines[i]);
        }
        const bool known =
            products.empty() || std::ranges::all_of(offer->products, [&](ProductId product) {
                return products.contains(product);
            });
        if (!known) {
            report.note(Flaw::unknown, "products", "one is not among the products", false,
                        read.lines[i]);
        }
    }
    return {};
}

Result<Json> kept_document(sql::Connection& connection) {
    auto select = TRY(connection.prepare("SELECT value FROM settings WHERE key = 'catalogue'"));
    select.bind();
    if (!TRY(select.step())) {
        return conflict(
            "there is no catalogue yet that says what categories there are: vitrinectl enrol "
            "--catalogue FILE");
    }
    Json kept = Json::parse(text_of(select.blob(0)), nullptr, false);
    if (!kept.is_object()) return corrupt("kept catalogue: is no JSON object");
    return kept;
}

}  // namespace

Result<ImportReport> import_offers(sql::Connection& connection, const std::string& file,
                                   rows::Format format, WallTime now, bool dry_run) {
    Json document = TRY(kept_document(connection));
    ReadOffers read = TRY(read_offers(file, format));
    document["offers"] = read.offers;
    const std::string json = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (wire::Problem& problem : wire::check_catalogue(json)) {
        read.problems.push_back(in_file(std::move(problem), read));
    }
    if (!read.problems.empty()) return all_of(read.problems, file);
    ImportReport report{.rows = read.lines.size(), .taken = read.lines.size()};
    TRY(judge(connection, TRY(wire::decode_catalogue(json)), read, now, report));
    if (!dry_run) TRY(put_catalogue(connection, json));
    return report;
}

}  // namespace vitrine::central
