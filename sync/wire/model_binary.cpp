#include "sync/wire/model_binary.hpp"

#include <limits>

#include "sync/wire/member_binary.hpp"

namespace vitrine::wire {

namespace {

using profiles::ItemVector;
using profiles::Model;
using profiles::ModelOffset;

constexpr std::uint32_t kMagic = 0x324d5456;  // "VTM2"
constexpr std::uint64_t kU16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kU32 = std::numeric_limits<std::uint32_t>::max();

void read_offsets(ByteReader& in, Model& model) {
    model.offsets.resize(in.count(kModelOffsetsMax, 9));
    const ModelOffset* before = nullptr;
    for (ModelOffset& offset : model.offsets) {
        offset.id = profiles::OffsetId(in.varint(profiles::kLastOffsetId.value()));
        offset.mean = in.real();
        offset.precision = in.real();
        if (before != nullptr && offset.id <= before->id) {
            in.fail("offsets are not in order");
        }
        before = &offset;
    }
}

void read_vectors(ByteReader& in, Model& model) {
    model.vectors.resize(in.count(Model::kVectorsMax, 1 + ItemVector::kSize));
    const ItemVector* before = nullptr;
    for (ItemVector& vector : model.vectors) {
        vector.category = CategoryId(static_cast<std::uint16_t>(in.varint(kU16)));
        for (std::int8_t& each : vector.direction) each = static_cast<std::int8_t>(in.byte());
        if (before != nullptr && vector.category <= before->category) {
            in.fail("vectors are not in order of category");
        }
        before = &vector;
    }
}

}  // namespace

Result<Model> decode_model(ByteView bytes) {
    ByteReader in(bytes);
    expect_magic(in, kMagic);
    Model model;
    model.epoch = Epoch(in.varint());
    model.layout = static_cast<std::uint32_t>(in.varint(kU32));
    model.base_rate = in.real();
    model.mean.resize(in.count(kModelWeightsMax, 4));
    for (float& each : model.mean) each = in.real();
    const std::size_t weights = model.mean.size();
    model.precision.resize(in.count(kModelWeightsMax * (kModelWeightsMax + 1) / 2, 4));
    for (float& each : model.precision) each = in.real();
    if (model.precision.size() != weights * (weights + 1) / 2) {
        in.fail("the precision is not a triangle over the weights");
    }
    read_offsets(in, model);
    read_vectors(in, model);
    const Result<void> finished = in.finish();
    if (!finished) return finished.error();
    return model;
}

Result<Bytes> encode_model(const Model& model) {
    ByteWriter out;
    out.fixed32(kMagic);
    out.varint(model.epoch.value());
    out.varint(model.layout);
    out.real(model.base_rate);
    out.varint(model.mean.size());
    for (const float each : model.mean) out.real(each);
    out.varint(model.precision.size());
    for (const float each : model.precision) out.real(each);
    out.varint(model.offsets.size());
    for (const ModelOffset& offset : model.offsets) {
        out.varint(offset.id.value());
        out.real(offset.mean);
        out.real(offset.precision);
    }
    out.varint(model.vectors.size());
    for (const ItemVector& vector : model.vectors) {
        out.varint(vector.category.value());
        for (const std::int8_t each : vector.direction) out.byte(static_cast<std::uint8_t>(each));
    }
    // The bounds are those of the reader: what shops would refuse is not sent to them.
    const Result<Model> read_back = decode_model(out.bytes());
    if (!read_back) return read_back.error();
    return out.take();
}

}  // namespace vitrine::wire
