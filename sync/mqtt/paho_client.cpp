#include "sync/mqtt/paho_client.hpp"

#include <mqtt/async_client.h>

#include <utility>

namespace vitrine::mqtt {
namespace {

namespace paho = ::mqtt;
using uplink::Ticket;

/// Above our own window, so that Paho never queues by itself.
constexpr int kPahoInFlight = 1000;

Error error_of(const paho::exception& thrown) {
    return unavailable("mqtt: " + std::string(thrown.what()));
}

std::string reason_of(const paho::token& token) {
    std::string text = paho::exception::error_str(token.get_return_code());
    if (token.get_reason_code() != paho::ReasonCode::SUCCESS) {
        text = paho::exception::reason_code_str(token.get_reason_code());
    }
    return text;
}

/// Whether a publication failed for what would have failed any other just as well.
bool is_blameless(const paho::token& token) {
    switch (token.get_reason_code()) {
        case paho::ReasonCode::SUCCESS:  // The failure is Paho's own.
        case paho::ReasonCode::NOT_AUTHORIZED:
        case paho::ReasonCode::QUOTA_EXCEEDED:
        case paho::ReasonCode::PACKET_IDENTIFIER_IN_USE:
        case paho::ReasonCode::RECEIVE_MAXIMUM_EXCEEDED:
            return true;
        default:
            return false;
    }
}

std::uint32_t number_in(const paho::properties& properties, paho::property::code code) {
    if (!properties.contains(code)) return 0;
    if (code == paho::property::RECEIVE_MAXIMUM) {
        return paho::get<std::uint16_t>(properties, code);
    }
    return paho::get<std::uint32_t>(properties, code);
}

paho::properties properties_of(const uplink::Publication& publication) {
    paho::properties properties;
    if (!publication.content_type.empty()) {
        properties.add({paho::property::CONTENT_TYPE, publication.content_type});
    }
    if (publication.expiry) {
        properties.add({paho::property::MESSAGE_EXPIRY_INTERVAL,
                        static_cast<std::int32_t>(publication.expiry->count())});
    }
    for (const auto& [name, value] : publication.user_properties) {
        properties.add({paho::property::USER_PROPERTY, name, value});
    }
    return properties;
}

paho::message_ptr message_of(const uplink::Publication& publication) {
    auto message = paho::make_message(publication.topic, publication.payload.data(),
                                      publication.payload.size(), static_cast<int>(publication.qos),
                                      publication.retain);
    message->set_properties(properties_of(publication));
    return message;
}

uplink::Message message_of(const paho::message& message) {
    const std::string& payload = message.get_payload_ref().str();
    const ByteView bytes = view_of(payload);
    uplink::Message out{.topic = message.get_topic(),
                        .payload = Bytes(bytes.begin(), bytes.end()),
                        .retained = message.is_retained(),
                        .content_type = {},
                        .user_properties = {}};
    const paho::properties& properties = message.get_properties();
    if (properties.contains(paho::property::CONTENT_TYPE)) {
        out.content_type = paho::get<paho::string>(properties, paho::property::CONTENT_TYPE);
    }
    for (std::size_t i = 0; i < properties.count(paho::property::USER_PROPERTY); ++i) {
        auto [name, value] =
            paho::get<paho::string_pair>(properties, paho::property::USER_PROPERTY, i);
        out.user_properties.emplace_back(std::move(name), std::move(value));
    }
    return out;
}

paho::connect_options options_of(const Settings& settings) {
    paho::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(true);
    options.set_automatic_reconnect(false);
    options.set_keep_alive_interval(settings.keep_alive);
    options.set_connect_timeout(settings.connect_timeout);
    options.set_max_inflight(kPahoInFlight);
    options.set_properties({
        {paho::property::SESSION_EXPIRY_INTERVAL, 0},
        {paho::property::MAXIMUM_PACKET_SIZE, static_cast<std::int32_t>(settings.packet_bytes_max)},
    });
    if (!settings.user.empty()) options.set_user_name(settings.user);
    if (!settings.password.empty()) options.set_password(settings.password);
    if (settings.will) options.set_will(paho::will_options(*message_of(*settings.will)));
    if (settings.tls) {
        paho::ssl_options tls;
        tls.set_trust_store(settings.tls->ca_file);
        if (!settings.tls->cert_file.empty()) tls.set_key_store(settings.tls->cert_file);
        if (!settings.tls->key_file.empty()) tls.set_private_key(settings.tls->key_file);
        tls.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);  // Or newer.
        tls.set_enable_server_cert_auth(settings.tls->verify);
        tls.set_verify(settings.tls->verify);
        options.set_ssl(tls);
    }
    return options;
}

}  // namespace

struct PahoClient::State {
    /// Reports what became of a connect, publish or subscribe; the user's context is the ticket.
    class Listener : public paho::iaction_listener {
      public:
        enum class About : std::uint8_t { connect, publish, subscribe };
        Listener(State& state, About about) : state_(state), about_(about) {}
        void on_success(const paho::token& token) override { state_.succeeded(about_, token); }
        void on_failure(const paho::token& token) override { state_.failed(about_, token); }

      private:
        State& state_;
        About about_;
    };

    State(Settings given, OnReport on_report, OnMessage on_message)
        : settings(std::move(given)),
          options(options_of(settings)),
          report(std::move(on_report)),
          arrived(std::move(on_message)),
          client(settings.broker, settings.client_id, paho::create_options(MQTTVERSION_5),
                 nullptr) {
        client.set_connection_lost_handler(
            [this](const std::string& cause) { lost(cause.empty() ? "connection lost" : cause); });
        client.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
            lost(paho::exception::reason_code_str(code),
                 code == paho::ReasonCode::PACKET_TOO_LARGE);
        });
        client.set_message_callback(
            [this](const paho::const_message_ptr& message) { arrived(message_of(*message)); });
    }

    void lost(std::string reason, bool too_large = false) {
        report(Disconnected{attempt, std::move(reason), too_large});
    }

    void succeeded(Listener::About about, const paho::token& token) {
        if (about == Listener::About::connect) {
            const auto response = token.get_connect_response();
            const paho::properties& properties = response.get_properties();
            report(Connected{attempt, number_in(properties, paho::property::MAXIMUM_PACKET_SIZE),
                             number_in(properties, paho::property::RECEIVE_MAXIMUM)});
        } else if (about == Listener::About::publish) {
            report(Delivered{attempt, ticket_of(token)});
        } else {
            const auto response = token.get_subscribe_response();
            for (const paho::ReasonCode code : response.get_reason_codes()) {
                if (code < paho::ReasonCode::UNSPECIFIED_ERROR) continue;
                report(SubscriptionRefused{attempt, filter_of(token),
                                           paho::exception::reason_code_str(code)});
            }
        }
    }

    void failed(Listener::About about, const paho::token& token) {
        const std::string reason = reason_of(token);
        if (about == Listener::About::connect) {
            // Paho does not say which of them it is.
            const char* hint = settings.tls ? " (not there, or its certificate is not of the CA "
                                              "file, out of date or for another host, or ours is "
                                              "not taken)"
                                            : "";
            lost("cannot connect to " + settings.broker + ": " + reason + hint);
        } else if (about == Listener::About::publish) {
            const bool too_large = token.get_reason_code() == paho::ReasonCode::PACKET_TOO_LARGE;
            report(Refused{attempt, ticket_of(token), too_large, reason, is_blameless(token)});
        } else {
            report(SubscriptionRefused{attempt, filter_of(token), reason});
        }
    }

    static std::string filter_of(const paho::token& token) {
        const auto topics = token.get_topics();
        return topics && topics->size() == 1 ? (*topics)[0] : std::string();
    }
    static void* context_of(Ticket ticket) {
        return reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket.value()));
    }
    static Ticket ticket_of(const paho::token& token) {
        return Ticket(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
    }

    Settings settings;
    paho::connect_options options;
    OnReport report;
    OnMessage arrived;
    std::atomic<std::uint64_t> attempt{0};
    Listener on_connect{*this, Listener::About::connect};
    Listener on_publish{*this, Listener::About::publish};
    Listener on_subscribe{*this, Listener::About::subscribe};
    paho::async_client client;  ///< Last: its threads end before what they use.
};

Result<std::unique_ptr<PahoClient>> PahoClient::create(Settings settings, OnReport report,
                                                       OnMessage arrived) {
    try {
        auto state =
            std::make_unique<State>(std::move(settings), std::move(report), std::move(arrived));
        return std::unique_ptr<PahoClient>(new PahoClient(std::move(state)));
    } catch (const paho::exception& thrown) {
        return invalid("mqtt: " + std::string(thrown.what()));
    }
}

PahoClient::PahoClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
PahoClient::~PahoClient() = default;

Result<void> PahoClient::connect(std::uint64_t attempt) {
    state_->attempt = attempt;
    try {
        state_->client.connect(state_->options, nullptr, state_->on_connect);
    } catch (const paho::exception& thrown) {
        return error_of(thrown);
    }
    return {};
}

Result<void> PahoClient::publish(Ticket ticket, uplink::Publication publication) {
    try {
        state_->client.publish(message_of(publication), State::context_of(ticket),
                               state_->on_publish);
    } catch (const paho::exception& thrown) {
        return error_of(thrown);
    }
    return {};
}

Result<void> PahoClient::subscribe(
    const std::vector<std::pair<std::string, uplink::Qos>>& filters) {
    // One at a time: with several filters and MQTT 5 options, Paho C++ 1.2 hands Paho C 1.3.12 a
    // list that it reads beyond its end.
    try {
        for (const auto& [filter, qos] : filters) {
            state_->client.subscribe(filter, static_cast<int>(qos), nullptr, state_->on_subscribe);
        }
    } catch (const paho::exception& thrown) {
        return error_of(thrown);
    }
    return {};
}

Result<void> PahoClient::unsubscribe(const std::string& filter) {
    try {
        // Whether it was taken does not matter: a message too many is left alone.
        state_->client.unsubscribe(filter);
    } catch (const paho::exception& thrown) {
        return error_of(thrown);
    }
    return {};
}

void PahoClient::disconnect(std::chrono::milliseconds limit) {
    try {
        const auto token = state_->client.disconnect(static_cast<int>(limit.count()));
        token->wait_for(limit);
    } catch (const paho::exception&) {
        return;  // There is nobody to say farewell to.
    }
}

}  // namespace vitrine::mqtt
