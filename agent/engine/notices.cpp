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
     "441fbc20963cb091ef492c5fead7eb38015f2f15048c7ad0839e221a982f609d",
     "4241963683e22e80289d578b83c22ea9a1c96a6d92403b7ee72d5731b87262d4"},
    {session::TouchKind::resume, "kiosk-resume", 1,
     "f7b79021418c90eb89d3312a07389fa3e43f6706b5a2435028db0ff7c4f5911a",
     "2a22009da36aa92eb0df89ad2a3d501d66119e97796f3d52bf3394055f69f6e2"},
    {session::TouchKind::forget, "kiosk-forget", 1,
     "380171b1fc73ce119375804b15416e54c7e0107ae76b05c49f321a92531ba9f1",
     "d7389021c01443d3470086d5370fbc84bf3b683c61efb32bd3ee63d3b80c59e3"},
    {session::TouchKind::depersonalise, "kiosk-depersonalise", 1,
     "a8a4ac0dd95d6cc96df5f9f15a0eea17afc9f9808754d46cbef7ffc054aab925",
     "1c15e8bd4565b14315cd8f60377b1605340d6ba51da36b35276a19e67d244fbe"},
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
