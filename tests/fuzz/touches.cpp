// What a kiosk's page posts is whatever anybody on that machine posts: reading it must survive any
// bytes, and what was accepted must mean exactly one thing.

#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/base/bytes.hpp"
#include "agent/base/check.hpp"
#include "agent/http/touch_json.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = text_of({data, size});
    const KioskId kiosk("door");
    if (const auto touch = http::parse_touch(kiosk, body)) {
        std::string again = R"({"decision":")" + to_text(touch->decision) + R"(","kind":")" +
                            std::string(session::name_of(touch->kind)) + '"';
        if (touch->offer != OfferId())
            again += ",\"offer\":" + std::to_string(touch->offer.value());
        if (touch->language)
            again +=
                touch->language == Language::fr ? R"(,"language":"fr")" : R"(,"language":"en")";
        CHECK(http::parse_touch(kiosk, again + "}").value() == *touch);
    } else {
        CHECK(touch.error().code == ErrorCode::invalid);
        CHECK(!touch.error().message.empty() && touch.error().message.size() < 512);
    }
    const auto alive = http::parse_alive(kiosk, body);
    CHECK(alive.has_value() || alive.error().code == ErrorCode::invalid);
    const auto check_in = http::parse_check_in(body);
    CHECK(check_in.has_value() || check_in.error().code == ErrorCode::invalid);
    return 0;
}
