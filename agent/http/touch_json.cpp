#include "agent/http/touch_json.hpp"

#include <limits>

#include "agent/http/json_object.hpp"

namespace vitrine::http {
namespace {

bool is_about_an_offer(session::TouchKind kind) {
    using Kind = session::TouchKind;
    return kind == Kind::open || kind == Kind::why || kind == Kind::dismiss || kind == Kind::save ||
           kind == Kind::unsave;
}

Result<Language> language_from(std::string_view name) {
    if (name == "fr") return Language::fr;
    if (name == "en") return Language::en;
    return invalid("expected \"fr\" or \"en\"");
}

}  // namespace

Result<session::Touch> parse_touch(KioskId kiosk, std::string_view body) {
    const JsonObject object =
        TRY(JsonObject::parse(body, {"decision", "kind", "offer", "language"}));
    session::Touch touch{.kiosk = kiosk};
    const std::string decision = TRY(object.text("decision", 64));
    touch.decision = TRY(id_from_text<DecisionId>(decision).within("field 'decision'"));
    const std::string kind = TRY(object.text("kind", 64));
    touch.kind = TRY(session::touch_from(kind).within("field 'kind'"));
    const std::uint64_t offer =
        TRY(object.number("offer", 0, std::numeric_limits<OfferId::rep>::max()));
    if (is_about_an_offer(touch.kind) && offer == 0) {
        return invalid("field 'offer' is missing: '" + kind + "' is about an offer");
    }
    if (!is_about_an_offer(touch.kind) && offer != 0) {
        return invalid("field 'offer' has no meaning for '" + kind + "'");
    }
    touch.offer = OfferId(static_cast<OfferId::rep>(offer));
    if (object.has("language")) {
        const std::string language = TRY(object.text("language", 8));
        touch.language = TRY(language_from(language).within("field 'language'"));
    }
    return touch;
}

Result<std::string> parse_check_in(std::string_view body) {
    const JsonObject object = TRY(JsonObject::parse(body, {"check_in"}));
    return object.text("check_in", 128);
}

Result<Alive> parse_alive(KioskId kiosk, std::string_view body) {
    const JsonObject object = TRY(JsonObject::parse(body, {"revision", "frames"}));
    Alive alive{.kiosk = kiosk};
    alive.revision = TRY(object.number("revision", 0));
    alive.frames = TRY(object.number("frames", 0));
    return alive;
}

}  // namespace vitrine::http
