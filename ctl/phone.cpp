#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "agent/host/clock.hpp"
#include "agent/host/loop.hpp"
#include "agent/http/post.hpp"
#include "agent/identity/checkin.hpp"
#include "agent/identity/checkin_text.hpp"
#include "agent/identity/eid.hpp"
#include "ctl/commands.hpp"
#include "drivers/bluez/phone.hpp"

// The loyalty app in the small: what its developers read beside docs/app-integration.md.

namespace vitrine::ctl {

namespace {

using identity::IdentityKey;

constexpr std::uint32_t kWindowSeconds = 1U << identity::kRotationExponent;
constexpr std::uint32_t kEidsMax = 10'000;

struct Options {
    std::string key_file;
    unsigned count = 3;
    std::string adapter;
    std::string bus;
    std::string frame = "eddystone";
    unsigned rotate_seconds = kWindowSeconds;
    std::string url;
    std::string ca_file;
    std::string kiosk;
    unsigned patience_seconds = 20;
    bool gatt = false;
};

Result<IdentityKey> key_of(const Options& options) {
    std::ifstream in(options.key_file, std::ios::binary);
    std::string text(128, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.empty()) return not_found(options.key_file + ": cannot be read");
    text.erase(text.find_last_not_of("\r\n ") + 1);
    return IdentityKey{TRY(fixed_from_hex<16>(text).within(options.key_file))};
}

/// Windows begin at whole multiples of 512 s of Unix time, on every phone alike.
WallTime start_of(std::uint32_t window) {
    return WallTime(std::chrono::seconds(std::uint64_t{window} << identity::kRotationExponent));
}

std::string time_text(std::uint32_t window) {
    const std::time_t seconds = std::time_t{window} << identity::kRotationExponent;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::ostringstream text;
    text << std::put_time(&utc, "%Y-%m-%dT%H:%M:%SZ");
    return text.str();
}

Result<void> print_eids(const Options& options) {
    const IdentityKey key = TRY(key_of(options));
    const std::uint32_t first =
        identity::window_of(identity::beacon_seconds(host::SystemClock().wall()));
    for (std::uint32_t i = 0; i < std::min(options.count, kEidsMax); ++i) {
        std::cout << time_text(first + i) << "  "
                  << to_hex(identity::current_eid(key, start_of(first + i)).bytes) << '\n';
    }
    return {};
}

/// Sends until it is told to stop. With another period than 512 s, for tests, identifiers of the
/// windows before and after take turns: a store knows all three.
Result<void> advertise(const Options& options) {
    const IdentityKey key = TRY(key_of(options));
    const host::SystemClock clock;
    host::Loop loop;
    TRY(loop.handle_signals({}));
    bluez::PhoneAdvert advert(
        loop, {options.adapter, options.bus},
        options.frame == "uuid" ? bluez::PhoneFrame::service_uuid : bluez::PhoneFrame::eddystone);
    const auto eid_now = [&](unsigned turn) {
        WallTime at = clock.wall();
        if (options.rotate_seconds != kWindowSeconds && turn % 2 == 1)
            at += std::chrono::seconds(kWindowSeconds);
        return identity::current_eid(key, at);
    };
    unsigned turn = 0;
    radio::Eid sent = eid_now(turn);
    TRY(advert.send(sent));
    std::cout << "sending " << to_hex(sent.bytes) << std::endl;
    Result<void> done;
    Instant changed = clock.monotonic();
    const auto step = [&] {
        if (options.rotate_seconds != kWindowSeconds &&
            clock.monotonic() - changed >= std::chrono::seconds(options.rotate_seconds)) {
            changed = clock.monotonic();
            ++turn;
        }
        const radio::Eid eid = eid_now(turn);
        if (eid == sent) return;
        done = advert.send(eid);
        if (!done) return loop.stop();
        sent = eid;
        std::cout << "sending " << to_hex(sent.bytes) << std::endl;
    };
    const auto timer = loop.every(std::chrono::seconds(1), step);
    loop.run();
    return done;
}

Result<identity::CheckIn> answer(const IdentityKey& key, const identity::Challenge& challenge) {
    const WallTime now = host::SystemClock().wall();
    const std::uint32_t seconds = identity::beacon_seconds(now);
    const std::uint32_t window = identity::window_of(seconds);
    const auto period_key = identity::temporary_key(key, identity::period_of(seconds));
    return identity::CheckIn{
        .nonce = challenge.nonce,
        .eid = identity::current_eid(key, now),
        .window = window,
        .answer = identity::answer_to(period_key, challenge.nonce, challenge.kiosk, window)};
}

/// `welcome` is what was wanted; anything else is a failure of the command.
Result<void> report(const std::string& outcome) {
    std::cout << outcome << '\n';
    if (outcome == "welcome") return {};
    return denied("the kiosk did not let us in: " + outcome);
}

Result<void> check_in_by_gatt(const Options& options, const IdentityKey& key) {
    host::Loop loop;
    const auto answer_to = [&](ByteView bytes) -> Result<Bytes> {
        const identity::Challenge challenge = TRY(identity::read_challenge(bytes));
        if (!options.kiosk.empty() && challenge.kiosk.view() != options.kiosk)
            return not_found("the kiosk is " + challenge.kiosk.str());
        std::cout << "kiosk " << challenge.kiosk.str() << std::endl;
        return identity::bytes_of(TRY(answer(key, challenge)));
    };
    const auto attempt = [&] {
        return bluez::check_in_by_gatt(loop, {options.adapter, options.bus}, answer_to,
                                       std::chrono::seconds(options.patience_seconds));
    };
    auto tried = attempt();
    if (!tried && tried.error().code == ErrorCode::unavailable) {
        // A link that broke, or a daemon that was busy: an app would not bother its owner with it.
        std::cerr << "vitrinectl: " << tried.error().message << "; trying once more\n";
        tried = attempt();
    }
    const std::uint8_t outcome = TRY(std::move(tried));
    if (outcome > static_cast<std::uint8_t>(identity::CheckInOutcome::later))
        return invalid("the kiosk answered " + std::to_string(outcome) + ", which has no meaning");
    return report(std::string(identity::name_of(static_cast<identity::CheckInOutcome>(outcome))));
}

/// The QR code's address is `PREFIX/CHALLENGE`; the answer goes to the same origin.
Result<void> check_in_by_url(const Options& options, const IdentityKey& key) {
    http::Url url = TRY(http::parse_url(options.url).within("--url"));
    const std::string text = url.path.substr(url.path.find_last_of('/') + 1);
    const identity::Challenge challenge =
        TRY(identity::challenge_from_text(text).within("--url: its last part"));
    std::cout << "kiosk " << challenge.kiosk.str() << std::endl;
    const nlohmann::json body{{"check_in", identity::to_text(TRY(answer(key, challenge)))}};
    url.path = "/api/v1/check-in";
    const http::Fetched fetched = TRY(http::post_json(url, body.dump(), options.ca_file));
    const auto told = nlohmann::json::parse(fetched.body, nullptr, false);
    if (fetched.status != 200 || !told.is_object() || !told.contains("outcome") ||
        !told["outcome"].is_string()) {
        return unavailable("the server answered " + std::to_string(fetched.status) +
                           " and no outcome");
    }
    return report(told["outcome"].get<std::string>());
}

Result<void> check_in(const Options& options) {
    const IdentityKey key = TRY(key_of(options));
    if (options.gatt == !options.url.empty())
        return invalid("say how: either --gatt --adapter hciN, or --url URL");
    return options.gatt ? check_in_by_gatt(options, key) : check_in_by_url(options, key);
}

using Command = Result<void> (*)(const Options&);

CLI::App* add(CLI::App& phone, Invocation& invocation, const std::shared_ptr<Options>& options,
              const char* name, const char* help, Command command) {
    auto* added = phone.add_subcommand(name, help);
    added->add_option("--key-file", options->key_file, "The member's identity key, 32 hex digits")
        ->required();
    added->callback([options, command, &invocation] {
        invocation.run = [options, command] { return command(*options); };
    });
    return added;
}

void add_radio(CLI::App& command, Options& options) {
    command.add_option("--adapter", options.adapter, "The Bluetooth adapter, such as hci1");
    command.add_option("--bus", options.bus, "The address of D-Bus; default: the system bus");
}

}  // namespace

void add_phone(CLI::App& app, Invocation& invocation) {
    auto* phone = app.add_subcommand(
        "phone",
        "Plays a member's phone, to try a store out: identifiers, adverts, check-in\n"
        "(docs/app-integration.md).");
    phone->require_subcommand(1);
    auto options = std::make_shared<Options>();
    auto* eids =
        add(*phone, invocation, options, "eids",
            "Prints the rolling identifiers from now on, each with its first second", print_eids);
    eids->add_option("--count,-n", options->count, "How many; at most 10000")
        ->capture_default_str();
    auto* sends = add(*phone, invocation, options, "advertise",
                      "Sends the current identifier until it is stopped", advertise);
    add_radio(*sends, *options);
    sends->get_option("--adapter")->required();
    sends->add_option("--frame", options->frame, "As Android and fobs, or as iOS in the foreground")
        ->check(CLI::IsMember({"eddystone", "uuid"}))
        ->capture_default_str();
    sends->add_option("--rotate-seconds", options->rotate_seconds, "For tests: sooner than 512")
        ->check(CLI::Range(2U, kWindowSeconds))
        ->capture_default_str();
    auto* checks =
        add(*phone, invocation, options, "check-in",
            "Answers a kiosk's challenge and prints the outcome: 0 if welcome", check_in);
    add_radio(*checks, *options);
    checks->add_flag("--gatt", options->gatt, "By Bluetooth, at the kiosk that is heard best");
    checks->add_option("--kiosk", options->kiosk, "Only at this kiosk");
    checks->add_option("--patience", options->patience_seconds, "How long to look for one, in s")
        ->check(CLI::Range(1, 300))
        ->capture_default_str();
    checks->add_option("--url", options->url, "The address in a kiosk's QR code");
    checks->add_option("--ca", options->ca_file, "PEM file of the server's authority");
}

}  // namespace vitrine::ctl
