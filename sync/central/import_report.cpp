#include "sync/central/import_report.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace vitrine::central {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, kFlaws> kNames{
    "duplicate", "stale", "impossible", "missing", "unknown", "unusual", "malformed"};

Json json_of(const ImportReport& report) {
    Json json{{"rows", report.rows},
              {"taken", report.taken},
              {"refused", report.refused},
              {"findings", Json::array()},
              {"columns", Json::array()}};
    for (const auto& finding : report.findings) {
        json["findings"].push_back({{"flaw", name_of(finding.flaw)},
                                    {"column", finding.column},
                                    {"reason", finding.reason},
                                    {"refused", finding.refused},
                                    {"count", finding.count},
                                    {"lines", finding.lines}});
    }
    for (const auto& column : report.columns) {
        json["columns"].push_back(
            {{"name", column.name}, {"required", column.required}, {"given", column.given}});
    }
    return json;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The members of an object by their types; nothing throws.
class Fields {
  public:
    explicit Fields(const Json& value) : value_(value) {}

    std::uint64_t number(const char* name) {
        const Json* value = find(name);
        if (value == nullptr || !value->is_number_unsigned()) return fail();
        return value->get<std::uint64_t>();
    }
    std::string text(const char* name) {
        const Json* value = find(name);
        if (value == nullptr || !value->is_string()) return fail(), std::string();
        return value->get<std::string>();
    }
    bool flag(const char* name) {
        const Json* value = find(name);
        if (value == nullptr || !value->is_boolean()) return fail() != 0;
        return value->get<bool>();
    }
    const Json& array(const char* name) {
        static const Json kNone = Json::array();
        const Json* value = find(name);
        if (value == nullptr || !value->is_array()) return fail(), kNone;
        return *value;
    }
    bool good() const { return good_; }

  private:
    const Json* find(const char* name) const {
        const auto at = value_.find(name);
        return at == value_.end() ? nullptr : &*at;
    }
    std::uint64_t fail() {
        good_ = false;
        return 0;
    }

    const Json& value_;
    bool good_ = true;
};

}  // namespace

std::string_view name_of(Flaw flaw) { return kNames[static_cast<std::size_t>(flaw)]; }

Result<Flaw> flaw_from(std::string_view name) {
    const auto at = std::ranges::find(kNames, name);
    if (at == kNames.end()) return invalid("no flaw of that name");
    return static_cast<Flaw>(at - kNames.begin());
}

void ImportReport::note(Flaw flaw, std::string_view column, std::string_view reason,
                        bool was_refused, std::uint64_t line) {
    auto at = std::ranges::find_if(findings, [&](const Finding& finding) {
        return finding.flaw == flaw && finding.column == column && finding.reason == reason;
    });
    if (at == findings.end()) {
        if (findings.size() >= kFindingsMax) {
            at = findings.end() - 1;
        } else {
            findings.push_back({.flaw = flaw,
                                .column = std::string(column),
                                .reason = std::string(reason),
                                .refused = was_refused});
            at = findings.end() - 1;
        }
    }
    ++at->count;
    if (at->lines.size() < kLinesMax) at->lines.push_back(line);
}

std::string findings_json(const ImportReport& report) { return text_of(json_of(report)); }

std::string report_json(const ImportReport& report) {
    Json json = json_of(report);
    json["refusals"] = Json::array();
    for (const auto& refusal : report.refusals) {
        json["refusals"].push_back({{"line", refusal.line}, {"reason", refusal.reason}});
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ImportReport> findings_from(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    Fields fields(json);
    ImportReport report{.rows = fields.number("rows"),
                        .taken = fields.number("taken"),
                        .refused = fields.number("refused")};
    bool good = true;
    for (const Json& each : fields.array("findings")) {
        Fields one(each);
        const auto flaw = flaw_from(one.text("flaw"));
        report.findings.push_back({.flaw = flaw ? *flaw : Flaw::malformed,
                                   .column = one.text("column"),
                                   .reason = one.text("reason"),
                                   .refused = one.flag("refused"),
                                   .count = one.number("count")});
        for (const Json& line : one.array("lines")) {
            if (line.is_number_unsigned()) {
                report.findings.back().lines.push_back(line.get<std::uint64_t>());
            }
        }
        good = good && one.good() && flaw.has_value();
    }
    for (const Json& each : fields.array("columns")) {
        Fields one(each);
        report.columns.push_back({.name = one.text("name"),
                                  .required = one.flag("required"),
                                  .given = one.number("given")});
        good = good && one.good();
    }
    if (!good || !fields.good()) return corrupt("imports: a report that does not read");
    return report;
}

}  // namespace vitrine::central
