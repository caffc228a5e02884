#include "drivers/simulated/script.hpp"

#include <gtest/gtest.h>

namespace vitrine::simulated {
namespace {

using namespace std::chrono_literals;

TEST(Script, ReadsPhonesStepsAndStrangers) {
    const auto script = parse_script(
        "# A quiet morning.\n"
        "{\"phone\": \"Zoé\", \"key\": \"000102030405060708090a0b0c0d0e0f\"}\r\n"
        "\n"
        "{\"at\": 2.5, \"phone\": \"Zoé\", \"go\": \"wine\"}\n"
        "{\"strangers\": 30, \"adverts_per_second\": 0.5}\n"
        "{\"shadow_db\": 1.5}",
        "shop.jsonl");
    ASSERT_TRUE(script) << script.error().message;
    ASSERT_EQ(script->phones.size(), 1U);
    EXPECT_EQ(script->phones[0].label, "Zoé");
    EXPECT_EQ(script->phones[0].key.bytes[15], 15);
    EXPECT_EQ(script->steps, (std::vector<Step>{{2500ms, "Zoé", "wine"}}));
    EXPECT_EQ(script->strangers, 30U);
    EXPECT_EQ(script->stranger_adverts_per_s, 0.5);
    EXPECT_EQ(script->shadow_db, 1.5);
    EXPECT_FALSE(parse_script("{\"strangers\": 1}", "shop.jsonl")->shadow_db.has_value());
}

TEST(Script, NamesFileLineAndFieldOfAMistake) {
    const auto message = [](std::string_view line) {
        const auto script = parse_script("\n" + std::string(line), "shop.jsonl");
        return script ? std::string("read") : script.error().message;
    };
    EXPECT_EQ(message("Ana"), "shop.jsonl:2: expected an object in braces");
    EXPECT_EQ(message(R"({"label": "Ana"})"), "shop.jsonl:2: 'label' is not a field of this line");
    EXPECT_EQ(message(R"({"phone": "Ana"})"), "shop.jsonl:2: 'key' is missing");
    EXPECT_EQ(message(R"({"phone": "", "key": ""})"), "shop.jsonl:2: 'phone' has 1 to 64 bytes");
    EXPECT_EQ(message(R"({"phone": "Ana", "key": "00"})").substr(0, 19), "shop.jsonl:2: 'key'");
    EXPECT_EQ(message(R"({"phone": "Ana", "go": "door"})"), "shop.jsonl:2: 'at' is missing");
    EXPECT_EQ(message(R"({"strangers": 10001})"),
              "shop.jsonl:2: 'strangers' is not from 0 to 10000");
    EXPECT_EQ(message(R"({"shadow_db": -1})").substr(0, 25), "shop.jsonl:2: 'shadow_db'");
}

}  // namespace
}  // namespace vitrine::simulated
