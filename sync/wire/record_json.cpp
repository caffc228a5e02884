#include "sync/wire/record_json.hpp"

#include <charconv>

#include "sync/wire/json.hpp"
#include "sync/wire/record_data.hpp"
#include "sync/wire/rfc3339.hpp"

namespace vitrine::wire {

namespace {

constexpr JsonLimits kLimits{.bytes = kEventBytesMax, .depth = 8, .members = 64};
constexpr std::size_t kTypeBytesMax = 128;
constexpr std::string_view kSourceStart = "/stores/";
constexpr std::string_view kSourceMiddle = "/agents/";

std::string id_of(const RecordIdentity& identity) {
    return identity.agent.str() + '/' + hex_of(identity.epoch) + '/' +
           std::to_string(identity.sequence.value());
}

std::string source_of(const RecordIdentity& identity) {
    return std::string(kSourceStart) + identity.store.str() + std::string(kSourceMiddle) +
           identity.agent.str();
}

/// Reads "/stores/{store}/agents/{agent}".
Result<RecordIdentity> read_source(std::string_view source) {
    const std::size_t middle = source.find(kSourceMiddle);
    if (!source.starts_with(kSourceStart) || middle == source.npos ||
        middle < kSourceStart.size()) {
        return invalid("source: expected \"/stores/{store}/agents/{agent}\"");
    }
    const auto store = source.substr(kSourceStart.size(), middle - kSourceStart.size());
    RecordIdentity identity;
    identity.store = TRY(StoreId::parse(store).within("source"));
    identity.agent =
        TRY(AgentId::parse(source.substr(middle + kSourceMiddle.size())).within("source"));
    return identity;
}

/// Reads "{agent}/{epoch}/{sequence}" of the agent that is already known. What it accepts is
/// exactly what `id_of` writes.
Result<void> read_id(std::string_view id, RecordIdentity& identity) {
    const std::size_t first = id.find('/');
    const std::size_t second = first == id.npos ? id.npos : id.find('/', first + 1);
    if (second != id.npos) {
        const auto epoch = id_from_text<Epoch>(id.substr(first + 1, second - first - 1));
        std::uint64_t sequence = 0;
        const std::string_view digits = id.substr(second + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
        identity.epoch = epoch ? epoch->value() : 0;
        identity.sequence = Sequence(sequence);
    }
    if (identity.sequence == Sequence{} || id_of(identity) != id) {
        return invalid("id: expected \"" + identity.agent.str() + "/{epoch}/{sequence}\"");
    }
    return {};
}

Result<RecordIdentity> read_identity(ObjectReader& event) {
    const std::string id = event.text("id", kTypeBytesMax);
    const std::string source = event.text("source", kTypeBytesMax);
    if (!event.report().clean()) return error_of(event.report().problems());
    RecordIdentity identity = TRY(read_source(source));
    const Result<void> read = read_id(id, identity);
    if (!read) return read.error();
    return identity;
}

void expect_text(ObjectReader& event, std::string_view name, std::string_view wanted) {
    const std::string text = event.text(name, kTypeBytesMax);
    if (event.report().clean() && text != wanted) {
        event.report().add(event.at(name), "expected \"" + std::string(wanted) + "\"");
    }
}

session::Record read_record(ObjectReader& event, std::string_view type) {
    session::Record record;
    record.time = event.time("time");
    record.hlc = Hlc(event.hex64("hlc"));
    if (event.find("kiosk") != nullptr) record.kiosk = event.id_name<KioskId>("kiosk");
    if (event.find("subject") != nullptr) record.subject = MemberId(event.hex64("subject"));
    expect_text(event, "datacontenttype", "application/json");
    if (const Json* data = event.require("data")) {
        record.body = decode_data(type, *data, event.at("data"), event.report());
    }
    return record;
}

}  // namespace

Result<std::string> encode_record(const session::Record& record, const RecordIdentity& identity) {
    if (identity.store.empty()) return invalid("source: the store has no name");
    if (identity.agent.empty()) return invalid("source: the agent has no name");
    if (identity.sequence == Sequence{}) return invalid("id: sequences count from 1");
    Json event{{"specversion", "1.0"},
               {"id", id_of(identity)},
               {"source", source_of(identity)},
               {"type", session::type_of(record)}};
    event["time"] = TRY(format_time(record.time).within("time"));
    if (record.subject) event["subject"] = to_text(*record.subject);
    event["hlc"] = to_text(record.hlc);
    if (!record.kiosk.empty()) event["kiosk"] = record.kiosk.view();
    event["datacontenttype"] = "application/json";
    event["data"] = TRY(encode_data(record.body).within("data"));
    std::string text = TRY(dump_json(event));
    if (text.size() > kEventBytesMax) {
        return exhausted("an event of " + std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(kEventBytesMax));
    }
    return text;
}

Result<DecodedRecord> decode_record(std::string_view event) {
    const Json document = TRY(parse_json(event, kLimits));
    Report report(1);
    const Place root;
    ObjectReader object(document, root, report);
    expect_text(object, "specversion", "1.0");
    DecodedRecord decoded;
    decoded.identity = TRY(read_identity(object));
    decoded.type = object.text("type", kTypeBytesMax);
    if (report.clean() && is_known_type(decoded.type)) {
        decoded.record = read_record(object, decoded.type);
        decoded.subject = decoded.record->subject;
    } else if (report.clean() && object.find("subject") != nullptr) {
        decoded.subject = MemberId(object.hex64("subject"));
    }
    if (!report.clean()) return error_of(report.problems());
    return decoded;
}

Result<RecordIdentity> decode_identity(std::string_view event) {
    const Json document = TRY(parse_json(event, kLimits));
    Report report(1);
    const Place root;
    ObjectReader object(document, root, report);
    return read_identity(object);
}

}  // namespace vitrine::wire
