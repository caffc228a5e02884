#include "sync/wire/ack.hpp"

#include "sync/wire/json.hpp"

namespace vitrine::wire {

namespace {

constexpr JsonLimits kLimits{.bytes = 32U << 10, .depth = 4, .members = 8};

std::pair<Sequence, Sequence> read_range(const Json& value, const Place& place, Report& report,
                                         Sequence before) {
    if (!value.is_array() || value.size() != 2) {
        report.add(place, "expected [first, last]");
        return {};
    }
    const Sequence first(read_counter(value[0], Place(place, std::size_t{0}), report));
    const Sequence last(read_counter(value[1], Place(place, std::size_t{1}), report));
    const bool apart = first > before && first.value() - before.value() > 1;
    if (report.clean() && (!apart || last < first)) {
        report.add(place, "ranges are in order, apart from each other and above the watermark");
    }
    return {first, last};
}

}  // namespace

std::string encode_ack(const Ack& ack) {
    Json ranges = Json::array();
    for (const auto& [first, last] : ack.ranges) {
        if (ranges.size() == kAckRangesMax) break;
        ranges.push_back(Json::array({counter_json(first.value()), counter_json(last.value())}));
    }
    const Json json{{"agent", ack.agent.view()},
                    {"epoch", hex_of(ack.epoch)},
                    {"watermark", counter_json(ack.watermark.value())},
                    {"ranges", std::move(ranges)}};
    return json.dump();
}

Result<Ack> decode_ack(std::string_view json) {
    const Json document = TRY(parse_json(json, kLimits));
    Report report(1);
    const Place root;
    ObjectReader object(document, root, report);
    Ack ack;
    ack.agent = object.id_name<AgentId>("agent");
    ack.epoch = object.hex64("epoch");
    ack.watermark = Sequence(object.counter("watermark"));
    if (const Json* ranges = object.require("ranges")) {
        const Place at = object.at("ranges");
        Sequence before = ack.watermark;
        for (const Json& each : read_array(*ranges, at, report, kAckRangesMax)) {
            ack.ranges.push_back(read_range(each, Place(at, ack.ranges.size()), report, before));
            before = ack.ranges.back().second;
            if (!report.clean()) break;
        }
    }
    object.finish();
    if (!report.clean()) return error_of(report.problems());
    return ack;
}

}  // namespace vitrine::wire
