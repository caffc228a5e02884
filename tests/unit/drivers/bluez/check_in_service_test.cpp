// What phones at a kiosk may read and write, first without a bus, then over a private one.

#include "drivers/bluez/check_in_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "agent/host/clock.hpp"
#include "agent/identity/checkin_bytes.hpp"
#include "drivers/bluez/bus.hpp"
#include "drivers/bluez/check_in_links.hpp"
#include "drivers/bluez/properties.hpp"
#include "tests/unit/drivers/bluez/fake_bluez.hpp"

namespace vitrine::bluez {
namespace {

using identity::CheckInOutcome;
using identity::kCheckInBytes;
using std::chrono::seconds;

constexpr auto kWelcome = static_cast<std::uint8_t>(CheckInOutcome::welcome);
constexpr auto kMalformed = static_cast<std::uint8_t>(CheckInOutcome::malformed);
constexpr auto kLater = static_cast<std::uint8_t>(CheckInOutcome::later);

/// Gives numbered challenges of forty bytes and welcomes what begins with a seven.
struct Desk final : scanner::CheckInDesk {
    Bytes challenge() override { return Bytes(40, ++given); }
    std::uint8_t answer(ByteView written) override {
        taken.emplace_back(written.begin(), written.end());
        return written[0] == 7 ? kWelcome : static_cast<std::uint8_t>(CheckInOutcome::refused);
    }
    std::uint8_t given = 0;
    std::vector<Bytes> taken;
};

struct Links : testing::Test {
    Desk desk;
    CheckInLinks links{desk};
    Instant now{std::chrono::hours(1)};
    const Bytes good = Bytes(kCheckInBytes, 7);
};

TEST_F(Links, EachReadFromTheBeginningTakesAFreshChallenge) {
    EXPECT_EQ(*links.challenge("a", 0, now), Bytes(40, 1));
    EXPECT_EQ(*links.challenge("a", 0, now), Bytes(40, 2));
}

TEST_F(Links, AReadFromFurtherOnGoesOnWithTheSameChallenge) {
    ASSERT_TRUE(links.challenge("a", 0, now));
    ASSERT_TRUE(links.challenge("b", 0, now));
    EXPECT_EQ(*links.challenge("a", 22, now), Bytes(18, 1));
    EXPECT_EQ(*links.challenge("a", 40, now), Bytes());
    EXPECT_EQ(links.challenge("a", 41, now).error().code, ErrorCode::invalid);
    EXPECT_EQ(desk.given, 2);
}

TEST_F(Links, APartIsReadOnlyByWhoReadTheBeginning) {
    ASSERT_TRUE(links.challenge("a", 0, now));
    EXPECT_EQ(links.challenge("b", 22, now).error().code, ErrorCode::invalid);
}

TEST_F(Links, AGoodAnswerIsWelcomeAndTheOutcomeIsTheLinksOwn) {
    EXPECT_EQ(*links.outcome("a", 0, now), Bytes());
    EXPECT_EQ(*links.answer("a", 0, good, now), kWelcome);
    EXPECT_EQ(*links.outcome("a", 0, now), Bytes{kWelcome});
    EXPECT_EQ(*links.outcome("b", 0, now), Bytes());
    EXPECT_EQ(desk.taken, std::vector<Bytes>{good});
}

TEST_F(Links, AWriteOfAnyOtherSizeIsMalformedAndNeverReachesTheDesk) {
    for (const std::size_t size : {0u, 1u, 60u, 62u, 512u, 100'000u}) {
        EXPECT_EQ(*links.answer("a", 0, Bytes(size, 7), now), kMalformed) << size;
        EXPECT_EQ(*links.outcome("a", 0, now), Bytes{kMalformed}) << size;
    }
    EXPECT_TRUE(desk.taken.empty());
}

TEST_F(Links, AnAnswerInPartsIsPutTogether) {
    const ByteView whole = good;
    EXPECT_EQ(*links.answer("a", 0, whole.first(20), now), kMalformed);
    EXPECT_EQ(*links.answer("a", 20, whole.subspan(20, 20), now), kMalformed);
    EXPECT_EQ(links.answer("a", 39, whole.subspan(40), now).error().code, ErrorCode::invalid);
    EXPECT_EQ(links.answer("b", 40, whole.subspan(40), now).error().code, ErrorCode::invalid);
    EXPECT_EQ(*links.answer("a", 40, whole.subspan(40), now), kWelcome);
    EXPECT_EQ(links.answer("a", 61, whole.first(1), now).error().code, ErrorCode::invalid);
}

TEST_F(Links, PartsThatGrowTooLongAreMalformedAndForgotten) {
    EXPECT_EQ(*links.answer("a", 0, Bytes(60, 7), now), kMalformed);
    EXPECT_EQ(*links.answer("a", 60, Bytes(400, 7), now), kMalformed);
    EXPECT_EQ(links.answer("a", 60, Bytes(1, 7), now).error().code, ErrorCode::invalid);
    EXPECT_TRUE(desk.taken.empty());
}

TEST_F(Links, ALinkGetsThreeChallengesInHalfAMinuteAndAllTogetherFive) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(links.challenge("a", 0, now));
    EXPECT_EQ(links.challenge("a", 0, now).error().code, ErrorCode::exhausted);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(links.challenge("b", 0, now));
    EXPECT_EQ(links.challenge("c", 0, now).error().code, ErrorCode::exhausted);
    EXPECT_EQ(links.challenge("c", 0, now + seconds(29)).error().code, ErrorCode::exhausted);
    EXPECT_TRUE(links.challenge("c", 0, now + seconds(30)));
}

TEST_F(Links, TooManyAnswersAreForLaterAndDoNotReachTheDesk) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(*links.answer("a", 0, good, now), kWelcome);
    EXPECT_EQ(*links.answer("a", 0, good, now), kLater);
    EXPECT_EQ(*links.outcome("a", 0, now), Bytes{kLater});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(*links.answer("b", 0, good, now), kWelcome);
    EXPECT_EQ(*links.answer("c", 0, good, now), kLater);
    EXPECT_EQ(desk.taken.size(), 10u);
    EXPECT_EQ(*links.answer("a", 0, good, now + seconds(30)), kWelcome);
}

TEST_F(Links, NoMoreLinksAreKeptThanTheLimitAndNoneLongerThanAChallengeLives) {
    for (int i = 0; i < 1000; ++i) {
        (void)links.outcome("phone " + std::to_string(i), 0, now + seconds(i / 100));
    }
    EXPECT_EQ(links.size(), CheckInLinks::kLinksMax);
    links.forget_old(now + CheckInLinks::kLinkLife + seconds(10));
    EXPECT_EQ(links.size(), 0u);
}

/// The service on a private bus, and a client that plays the daemon.
struct Service : testing::Test {
    void SetUp() override {
        fake.start_bus();
        service_bus = *Bus::open(loop, fake.address(), [](const auto&) {});
        client_bus = *Bus::open(loop, fake.address(), [](const auto&) {});
        service = std::make_unique<CheckInService>(service_bus->connection(), desk, clock);
        service_bus->wake();
    }
    std::unique_ptr<sdbus::IProxy> proxy(const std::string& path) {
        return sdbus::createProxy(client_bus->connection(),
                                  service_bus->connection().getUniqueName(), path);
    }
    static Properties from(const char* device, std::uint16_t offset = 0) {
        return {{"device", sdbus::Variant(sdbus::ObjectPath(device))},
                {"offset", sdbus::Variant(offset)},
                {"mtu", sdbus::Variant(std::uint16_t{23})},
                {"link", sdbus::Variant(std::string("LE"))}};
    }
    template <class Done>
    bool wait(Done done) {
        client_bus->wake();
        for (int i = 0; i < 1000 && !done(); ++i) loop.run_for(std::chrono::milliseconds(5));
        return done();
    }
    /// The bytes, or the error's name and text.
    std::string read(const char* name, const Properties& options) {
        auto object = proxy(std::string(CheckInService::kRoot) + "/service/" + name);
        std::optional<std::string> told;
        object->callMethodAsync("ReadValue")
            .onInterface("org.bluez.GattCharacteristic1")
            .withArguments(options)
            .uponReplyInvoke([&](const sdbus::Error* error, const Bytes& value) {
                told =
                    error == nullptr ? to_hex(value) : error->getName() + " " + error->getMessage();
            });
        return wait([&] { return told.has_value(); }) ? *told : "no answer";
    }
    std::string write(const Bytes& value, const Properties& options) {
        auto object = proxy(std::string(CheckInService::kRoot) + "/service/answer");
        std::optional<std::string> told;
        object->callMethodAsync("WriteValue")
            .onInterface("org.bluez.GattCharacteristic1")
            .withArguments(value, options)
            .uponReplyInvoke([&](const sdbus::Error* error) {
                told = error == nullptr ? "" : error->getName();
            });
        return wait([&] { return told.has_value(); }) ? *told : "no answer";
    }

    host::SystemClock clock;
    host::Loop loop;
    FakeBluez fake;
    Desk desk;
    std::unique_ptr<Bus> service_bus;
    std::unique_ptr<Bus> client_bus;
    std::unique_ptr<CheckInService> service;
};

TEST_F(Service, ShowsOneServiceWithThreeCharacteristicsNoneOfWhichAsksToPair) {
    auto root = proxy(CheckInService::kRoot);
    std::optional<Objects> objects;
    root->callMethodAsync("GetManagedObjects")
        .onInterface("org.freedesktop.DBus.ObjectManager")
        .uponReplyInvoke([&](const sdbus::Error*, const Objects& found) { objects = found; });
    ASSERT_TRUE(wait([&] { return objects.has_value(); }));
    std::map<std::string, std::vector<std::string>> flags;
    for (const auto& [path, interfaces] : *objects) {
        const auto found = interfaces.find("org.bluez.GattCharacteristic1");
        if (found == interfaces.end()) continue;
        flags[found->second.at("UUID").get<std::string>()] =
            found->second.at("Flags").get<std::vector<std::string>>();
    }
    EXPECT_THAT(flags, testing::UnorderedElementsAre(
                           testing::Pair(kChallengeUuid, testing::ElementsAre("read")),
                           testing::Pair(kAnswerUuid, testing::ElementsAre("write")),
                           testing::Pair(kOutcomeUuid, testing::ElementsAre("read", "notify"))));
}

TEST_F(Service, APhoneReadsAnswersAndHearsTheOutcome) {
    std::vector<Bytes> notified;
    auto outcome = proxy(std::string(CheckInService::kRoot) + "/service/outcome");
    outcome->uponSignal("PropertiesChanged")
        .onInterface("org.freedesktop.DBus.Properties")
        .call([&](const std::string&, const Properties& changed, const std::vector<std::string>&) {
            notified.push_back(changed.at("Value").get<Bytes>());
        });
    outcome->finishRegistration();
    EXPECT_EQ(read("challenge", from("/phone")), to_hex(Bytes(40, 1)));
    EXPECT_EQ(read("challenge", from("/phone", 22)), to_hex(Bytes(18, 1)));
    EXPECT_EQ(write(Bytes(kCheckInBytes, 7), from("/phone")), "");
    EXPECT_EQ(read("outcome", from("/phone")), "00");
    EXPECT_EQ(read("outcome", from("/other")), "");
    EXPECT_TRUE(wait([&] { return notified == std::vector<Bytes>{{0}}; }));
}

TEST_F(Service, RefusalsAreErrorsThatTheDaemonHandsToThePhone) {
    EXPECT_THAT(read("challenge", from("/phone", 9)),
                testing::StartsWith("org.bluez.Error.InvalidOffset"));
    for (int i = 0; i < 3; ++i) (void)read("challenge", from("/phone"));
    EXPECT_EQ(read("challenge", from("/phone")), "org.bluez.Error.Failed 0x84");
    EXPECT_EQ(write(Bytes(5, 1), from("/phone", 3)), "org.bluez.Error.InvalidOffset");
    EXPECT_EQ(write(Bytes(5, 1), from("/phone")), "");
    EXPECT_EQ(read("outcome", from("/phone")), "01");
}

TEST_F(Service, OptionsOfOtherTypesCountAsMissing) {
    const Properties odd{{"device", sdbus::Variant(std::int32_t{3})},
                         {"offset", sdbus::Variant(std::string("a"))}};
    EXPECT_EQ(read("challenge", odd), to_hex(Bytes(40, 1)));
    EXPECT_EQ(write(Bytes(3), odd), "");
}

}  // namespace
}  // namespace vitrine::bluez
