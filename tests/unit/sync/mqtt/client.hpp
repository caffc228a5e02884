#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <variant>

#include "sync/mqtt/paho_link.hpp"
#include "tests/unit/sync/mqtt/broker.hpp"

namespace vitrine::mqtt {
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using uplink::LinkDown;
using uplink::LinkUp;
using uplink::Message;
using uplink::PubAck;
using uplink::PubFailed;
using uplink::Publication;
using uplink::Qos;
using uplink::Ticket;

inline Bytes bytes_of(std::string_view text) {
    const ByteView view = view_of(text);
    return {view.begin(), view.end()};
}

/// A link and all that it reported.
struct Client {
    Client(host::Loop& on_loop, Settings settings) : loop(on_loop) {
        auto created = PahoLink::create(std::move(settings), loop, rng,
                                        [this](uplink::LinkEvent event) { take(event); });
        if (!created) ADD_FAILURE() << created.error().message;
        link = std::move(created).value();
    }

    void take(uplink::LinkEvent& event) {
        if (std::holds_alternative<LinkUp>(event)) ++ups;
        if (auto* down = std::get_if<LinkDown>(&event)) downs.push_back(*down);
        if (auto* ack = std::get_if<PubAck>(&event)) acks.push_back(ack->ticket);
        if (auto* unheard = std::get_if<uplink::SubscribeFailed>(&event)) {
            unheard_of.push_back(unheard->reason);
        }
        if (auto* failed = std::get_if<PubFailed>(&event)) failures.push_back(*failed);
        if (auto* message = std::get_if<Message>(&event)) messages.push_back(std::move(*message));
    }

    /// Runs the loop until `done` or ten seconds have passed; says which.
    template <class Done>
    bool wait(Done done, seconds limit = seconds(10)) {
        for (int i = 0; i < limit.count() * 200; ++i) {
            if (done()) return true;
            loop.run_for(milliseconds(5));
        }
        return done();
    }
    bool wait_up(std::size_t times = 1) {
        return wait([&] { return ups >= times && link->is_up(); });
    }

    host::Loop& loop;
    Rng rng{7};
    std::size_t ups = 0;
    std::vector<LinkDown> downs;
    std::vector<Ticket> acks;
    std::vector<PubFailed> failures;
    std::vector<Message> messages;
    std::vector<std::string> unheard_of;
    std::unique_ptr<PahoLink> link;
};

inline Settings settings_for(const Broker& broker, const std::string& id) {
    Settings settings;
    settings.broker = broker.url();
    settings.client_id = id;
    settings.reconnect_max = milliseconds(500);
    return settings;
}

}  // namespace vitrine::mqtt
