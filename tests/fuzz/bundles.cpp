// A shop reads what a broker hands it. Payloads come behind a signature, but a bug at the centre is
// signed too; manifests are read here as if the signer were hostile.

#include <cstddef>
#include <cstdint>

#include <algorithm>
#include <string>

#include "agent/base/check.hpp"
#include "sync/bundle/epoch_ledger.hpp"
#include "sync/bundle/package.hpp"
#include "sync/bundle/topics.hpp"
#include "sync/wire/delta.hpp"
#include "sync/wire/members.hpp"
#include "sync/wire/model_binary.hpp"

using namespace vitrine;

namespace {

template <class Value>
void read_payload(ByteView bytes, Result<Value> (*decode)(ByteView),
                  Result<Bytes> (*encode)(const Value&)) {
    const auto value = decode(bytes);
    if (!value) return;
    const Bytes again = encode(*value).value();
    CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

void read_manifest(ByteView canonical) {
    static const bundle::SecretKey key = bundle::SecretKey::from_seed({1, 2, 3});
    static const std::array<bundle::PublicKey, 1> trusted{key.public_key()};
    std::string message = "vitrine bundle manifest 1\n";
    message += text_of(canonical);
    const auto signature = key.sign(view_of(message));
    Bytes manifest(canonical.begin(), canonical.end());
    manifest.insert(manifest.end(), trusted[0].begin(), trusted[0].end());
    manifest.insert(manifest.end(), signature.begin(), signature.end());
    const auto verified = bundle::verify(manifest, trusted);
    if (!verified) return;
    CHECK(bundle::sign(verified->manifest(), key) == manifest);
    bundle::Assembler assembler(*verified);
    CHECK(!assembler.complete());
    CHECK(!assembler.add(0, canonical).has_value() || assembler.has(0));
}

/// Half of it is the base, the rest what was made of it, and a frame on top of it as it came.
void read_difference(ByteView bytes) {
    constexpr std::size_t kMost = 1U << 16;
    const ByteView base = bytes.first(bytes.size() / 2);
    const ByteView rest = bytes.subspan(base.size());
    const auto payload = wire::apply_difference(base, rest, kMost);
    CHECK(!payload || payload->size() <= kMost);
    const Bytes frame = wire::difference(base, rest);
    const Bytes again = wire::apply_difference(base, frame, rest.size()).value();
    CHECK(std::equal(again.begin(), again.end(), rest.begin(), rest.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView body(data + 1, size - 1);
    switch (data[0] % 8) {
        case 0:
            read_payload(body, &wire::decode_recognition, &wire::encode_recognition);
            break;
        case 1:
            read_payload(body, &wire::decode_profiles, &wire::encode_profiles);
            break;
        case 2:
            read_payload(body, &wire::decode_erasures, &wire::encode_erasures);
            break;
        case 3:
            read_payload(body, &wire::decode_model, &wire::encode_model);
            break;
        case 4:
            read_manifest(body);
            break;
        case 5:
            if (const auto ledger = bundle::EpochLedger::decode(body)) {
                CHECK(bundle::EpochLedger::decode(ledger->encode()).value() == *ledger);
            }
            break;
        case 6:
            if (const auto topic = bundle::parse_topic(text_of(body))) {
                CHECK(bundle::format_topic(*topic) == text_of(body));
            }
            break;
        default:
            read_difference(body);
    }
    return 0;
}
