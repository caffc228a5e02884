#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"

namespace vitrine::uplink {

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1 };

using UserProperty = std::pair<std::string, std::string>;

/// Something to publish.
struct Publication {
    std::string topic;
    Bytes payload;
    Qos qos = Qos::at_least_once;
    bool retain = false;
    std::string content_type;
    std::vector<UserProperty> user_properties;
    std::optional<std::chrono::seconds> expiry;  ///< The broker forgets it afterwards.
};

/// Names one publication of one link, until its PubAck or PubFailed. Never reused.
using Ticket = Number<struct TicketTag, std::uint64_t>;

// What a link reports. Tickets that are open when the link goes down get no report of their own.

struct LinkUp {
    friend bool operator==(const LinkUp&, const LinkUp&) = default;
};
struct LinkDown {
    std::string reason;
    bool too_large = false;  ///< The broker hung up because of the size of a publication.
    friend bool operator==(const LinkDown&, const LinkDown&) = default;
};
/// The broker has taken a publication: it says nothing about whoever should receive it.
struct PubAck {
    Ticket ticket;
    friend bool operator==(const PubAck&, const PubAck&) = default;
};
/// The broker refused a publication.
struct PubFailed {
    Ticket ticket;
    bool too_large = false;  ///< The same bytes can never pass.
    std::string reason;
    bool blameless = false;  ///< It is about rights or quotas and says nothing of these bytes.
    friend bool operator==(const PubFailed&, const PubFailed&) = default;
};
/// The broker does not let us hear what we asked for; the link asks again by itself.
struct SubscribeFailed {
    std::string reason;
    friend bool operator==(const SubscribeFailed&, const SubscribeFailed&) = default;
};
struct Message {
    std::string topic;
    Bytes payload;
    bool retained = false;  ///< It was kept by the broker, not published just now.
    std::string content_type;
    std::vector<UserProperty> user_properties;
    friend bool operator==(const Message&, const Message&) = default;
};
using LinkEvent = std::variant<LinkUp, LinkDown, PubAck, PubFailed, SubscribeFailed, Message>;

/// A way to a broker that connects and reconnects by itself. Implemented by mqtt::PahoLink and by
/// the tests' and the simulator's own. Its events come as values to whoever owns it.
class Link {
  public:
    virtual ~Link() = default;

    /// With Qos::at_least_once exactly one PubAck or PubFailed follows, or the LinkDown. Errors:
    /// `unavailable` while the link is down, `exhausted` while too many publications are open
    /// (try again after a PubAck), `invalid` when the broker would never take it: too large, or
    /// not a topic.
    virtual Result<Ticket> publish(Publication publication) = 0;

    /// Subscribes now if the link is up, and again after every connect; a filter subscribed twice
    /// counts once. `$share/<group>/<filter>` shares the messages among the group's members.
    virtual Result<void> subscribe(std::string filter, Qos qos) = 0;

    /// Ends a subscription, now and after every connect; messages that are on their way still come.
    /// One that there is not is no error.
    virtual Result<void> unsubscribe(const std::string& filter) {
        (void)filter;  // Who subscribes to nothing for long has nothing to end.
        return {};
    }

    virtual bool is_up() const = 0;
};

}  // namespace vitrine::uplink
