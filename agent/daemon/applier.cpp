#include "agent/daemon/applier.hpp"

#include "sync/wire/catalogue_json.hpp"
#include "sync/wire/members.hpp"
#include "sync/wire/model_binary.hpp"
#include "sync/wire/policy_json.hpp"

namespace vitrine::daemon {

using bundle::Kind;

namespace {

Result<void> apply_recognition(ByteView payload, engine::Engine& engine, engine::Now now) {
    wire::RecognitionBundle bundle = TRY(wire::decode_recognition(payload));
    engine::Recognition recognition{.epoch = bundle.epoch};
    recognition.keys.reserve(bundle.members.size());
    recognition.consents.reserve(bundle.members.size());
    for (wire::RecognitionBundle::Member& member : bundle.members) {
        recognition.keys.push_back({member.member, bundle.first_period, std::move(member.keys)});
        recognition.consents.emplace_back(member.member, member.consents);
    }
    return engine.on(std::move(recognition), now);
}

Result<void> apply_profiles(ByteView payload, engine::Engine& engine) {
    wire::ProfilesBundle bundle = TRY(wire::decode_profiles(payload));
    std::vector<std::pair<MemberId, consent::Consents>> consents;
    consents.reserve(bundle.consents.size());
    for (const auto& each : bundle.consents) consents.emplace_back(each.member, each.consents);
    return engine.on(
        profiles::ProfileBook(bundle.epoch, std::move(bundle.profiles), std::move(bundle.cards)),
        consents);
}

}  // namespace

Result<void> apply(const Delivery& delivery, engine::Engine& engine, engine::Now now,
                   engine::Effects& effects) {
    const ByteView payload(delivery.payload);
    switch (delivery.manifest.manifest().kind) {
        case Kind::erasures: {
            const wire::ErasuresBundle bundle = TRY(wire::decode_erasures(payload));
            engine.on_erasures(bundle.members, now, effects);
            return {};
        }
        case Kind::recognition:
            return apply_recognition(payload, engine, now);
        case Kind::profiles:
            return apply_profiles(payload, engine);
        case Kind::catalogue:
            return engine.on(TRY(wire::decode_catalogue(text_of(payload))));
        case Kind::policy:
            return engine.on(TRY(wire::decode_policy(text_of(payload))));
        case Kind::model:
            return engine.on(TRY(wire::decode_model(payload)), now, effects);
    }
    check_failed("known Kind", __FILE__, __LINE__);
}

}  // namespace vitrine::daemon
