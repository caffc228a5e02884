#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/radio/frame.hpp"

namespace vitrine::radio {
namespace {

std::string data_folder() {
    const char* folder = std::getenv("VITRINE_DATA");
    return folder != nullptr ? folder : std::string(VITRINE_SOURCE_DIR) + "/../shared/data";
}

// 534 distinct payloads from offices and homes, none of them a member's.
TEST(RealAdverts, AreAllReadAndAllStrangers) {
    std::ifstream file(data_folder() + "/adverts/mixed_unique.csv");
    if (!file) GTEST_SKIP() << "no labelled data in " << data_folder();
    std::string line;
    std::getline(file, line);
    int read = 0;
    while (std::getline(file, line)) {
        std::istringstream row(line);
        std::string type, tx_add, address, payload;
        ASSERT_TRUE(std::getline(row, type, ',') && std::getline(row, tx_add, ',') &&
                    std::getline(row, address, ',') && std::getline(row, payload, ','))
            << line;
        ASSERT_TRUE(Address::parse(address)) << line;
        const Bytes bytes = from_hex(payload).value();
        const Frame frame = classify(bytes);
        EXPECT_FALSE(std::holds_alternative<Malformed>(frame)) << line;
        EXPECT_FALSE(eid_of(frame).has_value()) << line;
        ++read;
    }
    EXPECT_EQ(read, 534);
}

}  // namespace
}  // namespace vitrine::radio
