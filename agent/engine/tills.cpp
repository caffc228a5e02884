#include "agent/engine/tills.hpp"

#include <algorithm>

#include "agent/offers/packing.hpp"

namespace vitrine::engine {

namespace {

constexpr std::uint8_t kVersion = 1;

/// FNV-1a. Two of a till's last receipts have the same one in 1 of 10^14 shops.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace

bool Tills::add(const KioskId& till, std::string_view order) {
    std::deque<std::uint64_t>& known = tills_[till];
    const std::uint64_t hash = hash_of(order);
    if (std::ranges::find(known, hash) != known.end()) return false;
    if (known.size() >= kReceiptsPerTill) known.pop_front();
    known.push_back(hash);
    return true;
}

std::optional<KioskId> Tills::in_the_way_of(const KioskId& till) const {
    if (tills_.size() < kTillsMax || tills_.contains(till)) return std::nullopt;
    return tills_.begin()->first;
}

Bytes Tills::encode(const KioskId& till) const {
    offers::Packer packer(kVersion);
    const auto known = tills_.find(till);
    if (known != tills_.end()) {
        packer.number(known->second.size());
        for (const std::uint64_t hash : known->second) packer.number(hash);
    }
    return std::move(packer).finish();
}

Result<void> Tills::restore(const KioskId& till, ByteView bytes) {
    offers::Unpacker unpacker(bytes, kVersion);
    std::deque<std::uint64_t> hashes(unpacker.number(kReceiptsPerTill));
    for (std::uint64_t& hash : hashes) hash = unpacker.number();
    if (!unpacker.complete()) return corrupt("receipts of a till: bytes that do not read");
    if (in_the_way_of(till)) return {};
    tills_[till] = std::move(hashes);
    return {};
}

}  // namespace vitrine::engine
