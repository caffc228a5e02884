#include "agent/engine/notices.hpp"

#include <array>
#include <string_view>

#include "agent/base/check.hpp"

namespace vitrine::engine {

namespace {

struct Text {
    session::TouchKind kind;
    std::string_view id;
    std::uint32_t version;
    std::string_view sha256_fr;
    std::string_view sha256_en;
};

/// SHA-256 of "label\nhint" in UTF-8.
constexpr std::array<Text, 4> kTexts{{
    {session::TouchKind::pause, "kiosk-pause", 1,
     "0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {session::TouchKind::resume, "kiosk-resume", 1,
     "0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {session::TouchKind::forget, "kiosk-forget", 1,
     "0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {session::TouchKind::depersonalise, "kiosk-depersonalise", 1,
     "0000000000000000000000000000000000000000000000000000000000000000",
     "0000000000000000000000000000000000000000000000000000000000000000"},
}};

}  // namespace

consent::Notice notice_of(session::TouchKind kind, Language language) {
    for (const Text& text : kTexts) {
        if (text.kind != kind) continue;
        const std::string_view hex = language == Language::fr ? text.sha256_fr : text.sha256_en;
        return {.id = std::string(text.id),
                .version = text.version,
                .sha256 = fixed_from_hex<32>(hex).value(),
                .language = language};
    }
    check_failed("a touch that decides on consents", __FILE__, __LINE__);
}

}  // namespace vitrine::engine
