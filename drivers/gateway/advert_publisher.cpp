#include "drivers/gateway/advert_publisher.hpp"

#include "agent/radio/frame.hpp"
#include "drivers/gateway/intake.hpp"

namespace vitrine::gateway {
namespace {

/// The frame as a transmitter would send it, whatever came beside it; nothing for any other.
std::optional<radio::Payload> bare(const radio::Frame& frame) {
    if (const auto* eid = std::get_if<radio::EddystoneEid>(&frame)) return radio::encode(*eid);
    if (const auto* eid = std::get_if<radio::UuidEid>(&frame)) return radio::encode(*eid);
    return std::nullopt;
}

}  // namespace

AdvertPublisher::AdvertPublisher(uplink::Link& link, std::vector<std::string> topics)
    : link_(link) {
    for (std::string& topic : topics) {
        posts_.push_back({.topic = std::move(topic),
                          .lines = {},
                          .rate = Rate(Intake::kRateDefault, Intake::kRateDefault)});
    }
}

void AdvertPublisher::on_advert(const radio::Advert& advert) {
    ++counters_.heard;
    const auto frame = bare(radio::classify(advert.payload()));
    const bool plausible = advert.rssi.value() >= -127 && advert.rssi.value() <= 20;
    if (!frame || !plausible || advert.scanner >= posts_.size()) return;
    Post& post = posts_[advert.scanner];
    if (!post.rate.take(advert.at)) {
        ++counters_.flooded;
        return;
    }
    const auto since_boot =
        std::chrono::floor<std::chrono::milliseconds>(advert.at.time_since_epoch());
    post.lines += to_line({.rssi = advert.rssi, .data = *frame, .heard_at = since_boot});
    if (++post.adverts == kAdvertsInMessageMax) send(post);
}

void AdvertPublisher::send(Post& post) {
    const std::size_t adverts = std::exchange(post.adverts, 0);
    const auto sent = link_.publish({.topic = post.topic,
                                     .payload = Bytes(post.lines.begin(), post.lines.end()),
                                     .qos = uplink::Qos::at_most_once,
                                     .content_type = {},
                                     .user_properties = {}});
    post.lines.clear();
    post.quiet = false;
    (sent ? counters_.published : counters_.unsent) += adverts;
}

void AdvertPublisher::sign_of_life() {
    for (Post& post : posts_) {
        if (post.quiet) send(post);
        post.quiet = true;
    }
}

void AdvertPublisher::flush() {
    for (Post& post : posts_) {
        if (post.adverts > 0) send(post);
    }
}

}  // namespace vitrine::gateway
