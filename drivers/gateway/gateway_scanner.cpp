#include "drivers/gateway/gateway_scanner.hpp"

#include <algorithm>

#include "drivers/gateway/topics.hpp"

namespace vitrine::gateway {
namespace {

/// Far more than a second of a flood; what does not fit is dropped unread.
constexpr std::size_t kMessagesMax = 4096;
constexpr std::size_t kBytesMax = std::size_t{4} << 20;

}  // namespace

GatewayScanner::GatewayScanner(host::Loop& loop, const Clock& clock, host::Log& log,
                               Settings settings, std::uint64_t seed)
    : clock_(clock), loop_(loop), log_(log), settings_(std::move(settings)), rng_(seed) {
    settings_.broker.inbound_max = kMessagesMax;
    settings_.broker.inbound_bytes_max = kBytesMax;
    settings_.broker.packet_bytes_max = 2 * kMessageBytesMax;
    for (const Source& source : settings_.sources) {
        intakes_.emplace_back(source.scanner, source.format, source.adverts_per_second);
    }
    told_.resize(settings_.sources.size());
}

GatewayScanner::~GatewayScanner() = default;

Result<void> GatewayScanner::start(scanner::AdvertSink& sink) {
    for (const Source& source : settings_.sources) {
        if (is_filter(source.topic)) continue;
        return invalid("scanner " + source.id.str() + ": '" + source.topic +
                       "' is not an MQTT topic filter");
    }
    link_ = TRY(mqtt::PahoLink::create(settings_.broker, loop_, rng_,
                                       [this](uplink::LinkEvent event) { on(event); }));
    for (const Source& source : settings_.sources) {
        TRY(link_->subscribe(source.topic, uplink::Qos::at_most_once));
    }
    sink_ = &sink;
    started_ = clock_.monotonic();
    look_ = loop_.every(std::chrono::seconds(10), [this] { look(); });
    return {};
}

void GatewayScanner::stop() {
    sink_ = nullptr;
    look_.cancel();  // The link may be calling us now, so it stays until the next start.
}

void GatewayScanner::on(const uplink::LinkEvent& event) {
    if (sink_ == nullptr) return;
    if (std::holds_alternative<uplink::LinkUp>(event)) log_.notice("gateways' broker reachable");
    if (const auto* down = std::get_if<uplink::LinkDown>(&event)) {
        log_.warning("gateways' broker out of reach", {{"reason", down->reason}});
    }
    if (const auto* message = std::get_if<uplink::Message>(&event)) on_message(*message);
}

void GatewayScanner::on_message(const uplink::Message& message) {
    const auto source = std::ranges::find_if(
        settings_.sources, [&](const Source& each) { return matches(each.topic, message.topic); });
    if (source == settings_.sources.end()) {
        ++unknown_topic_;
        return;
    }
    const auto index = static_cast<std::size_t>(source - settings_.sources.begin());
    passed_.clear();
    intakes_[index].take(message.payload, message.retained, clock_.monotonic(), passed_);
    for (const radio::Advert& advert : passed_) {
        if (sink_ == nullptr) return;  // The sink stopped us.
        sink_->on_advert(advert);
    }
}

/// What is wrong goes into the log once, when it begins.
void GatewayScanner::look() {
    const Instant now = clock_.monotonic();
    for (std::size_t i = 0; i < intakes_.size(); ++i) {
        const std::string trouble = intakes_[i].trouble(now);
        if (!trouble.empty() && told_[i].empty()) {
            log_.warning("gateway", {{"scanner", settings_.sources[i].id}, {"trouble", trouble}});
        }
        told_[i] = trouble;
    }
}

std::uint64_t GatewayScanner::dropped() const {
    return unknown_topic_ + (link_ ? link_->counters().inbound_dropped : 0);
}

scanner::ScannerState GatewayScanner::state() const {
    using scanner::ScannerMode;
    if (sink_ == nullptr) return {ScannerMode::stopped, "The gateways are not listened to."};
    const std::string& broker = settings_.broker.broker;
    if (!link_->is_up()) {
        const std::string trouble = link_->counters().last_trouble;
        const auto mode = trouble.empty() ? ScannerMode::starting : ScannerMode::failed;
        return {mode, "The gateways' broker " + broker + " cannot be reached yet" +
                          (trouble.empty() ? "" : " (" + trouble + ")") + "; trying again."};
    }
    const Instant now = clock_.monotonic();
    std::string sentence;
    std::size_t silent = 0;
    for (std::size_t i = 0; i < intakes_.size(); ++i) {
        std::string trouble = intakes_[i].trouble(now);
        if (now > intakes_[i].last_message().value_or(started_) + kSilenceMax) {
            ++silent;
            trouble =
                "says nothing: is it on, and is its topic " + settings_.sources[i].topic + "?";
        }
        if (trouble.empty()) continue;
        sentence += " Gateway " + settings_.sources[i].id.str() + " " + trouble + ".";
    }
    const bool all_silent = silent == intakes_.size();
    return {all_silent ? ScannerMode::failed : ScannerMode::passive,
            "Listening to " + std::to_string(intakes_.size()) + " gateways through " + broker +
                "." + sentence};
}

}  // namespace vitrine::gateway
