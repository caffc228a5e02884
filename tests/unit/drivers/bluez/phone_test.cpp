// The loyalty app's side, against a made-up daemon. Connecting is shown in the VM only.

#include "drivers/bluez/phone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/bluez/advert_object.hpp"
#include "drivers/bluez/properties.hpp"
#include "tests/unit/drivers/bluez/fake_bluez.hpp"

namespace vitrine::bluez {
namespace {

const radio::Eid kEid{{1, 2, 3, 4, 5, 6, 7, 8}};

TEST(PhoneAdvertContent, HasNoFixedPartAndFits) {
    const auto eddystone = phone_advert(PhoneFrame::eddystone, kEid);
    EXPECT_FALSE(eddystone.connectable) << "a connectable advert would carry a fixed address";
    EXPECT_EQ(eddystone.service_data.at(kEddystone), (Bytes{0x30, 0xee, 1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(bytes_on_air(eddystone), 18u);
    const auto uuid = phone_advert(PhoneFrame::service_uuid, kEid);
    EXPECT_THAT(uuid.service_uuids, testing::ElementsAre("56495452-494e-4531-0102-030405060708"));
    EXPECT_EQ(bytes_on_air(uuid), 18u);
}

struct Phone : testing::Test {
    void SetUp() override { fake.start_bus(); }
    host::Loop loop;
    FakeBluez fake;
    PhoneSettings settings{"hci0", fake.address()};
};

TEST_F(Phone, ReplacesItsAdvertWhenTheIdentifierChanges) {
    fake.start_daemon();
    fake.call("AddLeAdapter", std::string("hci0"));
    PhoneAdvert advert(loop, settings, PhoneFrame::eddystone);
    const auto sent = [&] {
        loop.run_for(std::chrono::milliseconds(300));
        auto connection = sdbus::createSessionBusConnectionWithAddress(fake.address());
        std::vector<Properties> all;
        sdbus::createProxy(*connection, "org.bluez", "/")
            ->callMethod("Advertised")
            .onInterface("org.bluez.Mock")
            .withArguments(std::string("hci0"))
            .storeResultsTo(all);
        return all;
    };
    for (const std::uint8_t last : {std::uint8_t{8}, std::uint8_t{9}}) {
        radio::Eid eid = kEid;
        eid.bytes[7] = last;
        const auto done = advert.send(eid);
        ASSERT_TRUE(done) << done.error().message;
        const auto all = sent();
        ASSERT_EQ(all.size(), 1u);
        EXPECT_EQ(all[0].at("Type").get<std::string>(), "broadcast");
        const auto data = all[0].at("ServiceData").get<Properties>().at(kEddystone).get<Bytes>();
        EXPECT_EQ(data.back(), last);
    }
}

TEST_F(Phone, SaysWhatIsMissing) {
    PhoneAdvert advert(loop, settings, PhoneFrame::eddystone);
    EXPECT_EQ(advert.send(kEid).error().code, ErrorCode::unavailable) << "no daemon";
    const AnswerTo never = [](ByteView) -> Result<Bytes> { return Bytes(); };
    const auto outcome = check_in_by_gatt(loop, settings, never, std::chrono::seconds(1));
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, testing::HasSubstr("hci0"));
}

TEST_F(Phone, FindsNoKioskWhereNoneIs) {
    fake.start_daemon();
    fake.call("AddLeAdapter", std::string("hci0"));
    const AnswerTo never = [](ByteView) -> Result<Bytes> { return Bytes(); };
    const auto outcome = check_in_by_gatt(loop, settings, never, std::chrono::seconds(1));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::not_found) << outcome.error().message;
}

}  // namespace
}  // namespace vitrine::bluez
