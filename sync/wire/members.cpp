#include "sync/wire/members.hpp"

#include <limits>

#include "sync/wire/member_binary.hpp"

namespace vitrine::wire {

namespace {

using consent::Consents;
using consent::State;

constexpr std::uint32_t kRecognitionMagic = 0x31525456;  // "VTR1"
constexpr std::uint32_t kErasuresMagic = 0x31455456;     // "VTE1"
constexpr std::size_t kMembersMax = 4'000'000;

enum StateFlag : std::uint8_t {
    granted = 1,
    paused = 2,
    has_withdrawal = 4,
    has_grant = 8,
    has_end = 16,
    known_flags = 31,
};

void write_state(ByteWriter& out, const State& state) {
    std::uint8_t flags = 0;
    if (state.granted) flags |= granted;
    if (state.paused) flags |= paused;
    if (state.withdrawal != 0) flags |= has_withdrawal;
    if (state.grant != 0) flags |= has_grant;
    if (state.valid_until != WallTime::max()) flags |= has_end;
    out.byte(flags);
    if ((flags & has_withdrawal) != 0) out.varint(state.withdrawal);
    if ((flags & has_grant) != 0) out.varint(state.grant);
    if ((flags & has_end) != 0) out.signed_varint(state.valid_until.time_since_epoch().count());
}

State read_state(ByteReader& in) {
    constexpr std::uint64_t max = std::numeric_limits<std::uint32_t>::max();
    const std::uint8_t flags = in.byte();
    if (flags > known_flags) in.fail("a consent with unknown flags");
    State state;
    state.granted = (flags & granted) != 0;
    state.paused = (flags & paused) != 0;
    if ((flags & has_withdrawal) != 0) {
        state.withdrawal = static_cast<std::uint32_t>(in.varint(max));
        if (state.withdrawal == 0) in.fail("a consent that is not written the shortest way");
    }
    if ((flags & has_grant) != 0) {
        state.grant = static_cast<std::uint32_t>(in.varint(max));
        if (state.grant == 0) in.fail("a consent that is not written the shortest way");
    }
    if ((flags & has_end) != 0) {
        state.valid_until = wall_at(std::chrono::milliseconds(in.signed_varint()));
        if (state.valid_until == WallTime::max()) {
            in.fail("a consent that is not written the shortest way");
        }
    }
    return state;
}

void write_recognised(ByteWriter& out, const RecognitionBundle::Member& member) {
    out.fixed64(member.member.value());
    write_consents(out, member.consents);
    out.varint(member.keys.size());
    for (const auto& key : member.keys) out.raw(key);
}

RecognitionBundle::Member read_recognised(ByteReader& in) {
    RecognitionBundle::Member member;
    member.member = MemberId(in.fixed64());
    member.consents = read_consents(in);
    member.keys.resize(in.count(RecognitionBundle::kHorizonMax, 16));
    for (auto& key : member.keys) key = in.raw<16>();
    return member;
}

}  // namespace

void write_consents(ByteWriter& out, const Consents& consents) {
    for (const State& state : consents.states) write_state(out, state);
}

Consents read_consents(ByteReader& in) {
    Consents consents;
    for (State& state : consents.states) state = read_state(in);
    return consents;
}

void expect_magic(ByteReader& in, std::uint32_t magic) {
    if (in.fixed32() != magic) in.fail("not a bundle of this kind and version");
}

Result<Bytes> encode_recognition(const RecognitionBundle& bundle) {
    ByteWriter out;
    out.fixed32(kRecognitionMagic);
    out.varint(bundle.epoch.value());
    out.varint(bundle.first_period);
    out.varint(bundle.members.size());
    MemberId before;
    for (const auto& each : bundle.members) {
        if (each.member <= before) return invalid("members: not in order of member, each once");
        if (each.keys.size() > RecognitionBundle::kHorizonMax) return invalid("keys: too many");
        before = each.member;
        write_recognised(out, each);
    }
    return out.take();
}

Result<RecognitionBundle> decode_recognition(ByteView bytes) {
    ByteReader in(bytes);
    expect_magic(in, kRecognitionMagic);
    RecognitionBundle bundle;
    bundle.epoch = Epoch(in.varint());
    bundle.first_period =
        static_cast<std::uint32_t>(in.varint(std::numeric_limits<std::uint32_t>::max()));
    constexpr std::size_t smallest = 8 + consent::kPurposes.size() + 1;
    const std::size_t count = in.count(kMembersMax, smallest);
    MemberId before;
    for (std::size_t i = 0; i < count; ++i) {
        bundle.members.push_back(read_recognised(in));
        const MemberId member = bundle.members.back().member;
        if (member <= before) in.fail("members are not in order, each once");
        if (!in.ok()) return in.error().within("members[" + std::to_string(i) + "]");
        before = member;
    }
    const Result<void> finished = in.finish();
    if (!finished) return finished.error();
    return bundle;
}

Result<Bytes> encode_erasures(const ErasuresBundle& bundle) {
    ByteWriter out;
    out.fixed32(kErasuresMagic);
    out.varint(bundle.epoch.value());
    out.varint(bundle.members.size());
    MemberId before;
    for (const MemberId each : bundle.members) {
        if (each <= before) return invalid("members: not in order, each once");
        before = each;
        out.fixed64(each.value());
    }
    return out.take();
}

Result<ErasuresBundle> decode_erasures(ByteView bytes) {
    ByteReader in(bytes);
    expect_magic(in, kErasuresMagic);
    ErasuresBundle bundle;
    bundle.epoch = Epoch(in.varint());
    bundle.members.resize(in.count(kMembersMax, 8));
    MemberId before;
    for (MemberId& each : bundle.members) {
        each = MemberId(in.fixed64());
        if (each <= before) in.fail("members are not in order, each once");
        before = each;
    }
    const Result<void> finished = in.finish();
    if (!finished) return finished.error();
    return bundle;
}

}  // namespace vitrine::wire
