#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/base/ids.hpp"
#include "agent/base/time.hpp"
#include "drivers/gateway/admission.hpp"
#include "drivers/scanner/scanner.hpp"
#include "sync/uplink/link.hpp"

namespace vitrine::gateway {

/// What an agent in the scanner's role does with what it hears: publishes it to the store's main
/// agent. It holds no keys and recognises nobody, so it passes frames such as members' phones send,
/// and of these the identifier alone: no address, no name, nothing else of the advert. All other
/// frames, the strangers', are dropped on the spot and only counted.
///
/// Adverts of a tenth of a second share a message. What cannot be sent at once is dropped: an old
/// advert says where somebody was.
class AdvertPublisher final : public scanner::AdvertSink {
  public:
    struct Counters {
        std::uint64_t heard = 0;
        std::uint64_t published = 0;
        std::uint64_t unsent = 0;   ///< The broker was away or too slow.
        std::uint64_t flooded = 0;  ///< Beyond what the main agent takes.
    };

    /// `topics` by scanner index: where each scanner's adverts go. The link outlives this.
    AdvertPublisher(uplink::Link& link, std::vector<std::string> topics);

    void on_advert(const radio::Advert& advert) override;
    /// Sends what waits. Call it every tenth of a second.
    void flush();
    /// Tells the main agent that this one hears, where nobody has been heard since the last call.
    /// Call it every thirty seconds while the radio hears.
    void sign_of_life();
    const Counters& counters() const { return counters_; }

  private:
    struct Post {
        std::string topic;
        std::string lines;
        std::size_t adverts = 0;
        bool quiet = true;  ///< Nothing sent since the last sign of life.
        Rate rate;
    };
    void send(Post& post);

    uplink::Link& link_;
    std::vector<Post> posts_;
    Counters counters_;
};

}  // namespace vitrine::gateway
