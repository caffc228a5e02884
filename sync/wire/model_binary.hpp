#pragma once

#include "agent/base/bytes.hpp"
#include "agent/base/result.hpp"
#include "agent/profiles/model.hpp"

namespace vitrine::wire {

/// Weights of a model at most; its precision then has kModelWeightsMax · (kModelWeightsMax + 1) / 2
/// numbers.
inline constexpr std::size_t kModelWeightsMax = 1024;
inline constexpr std::size_t kModelOffsetsMax = 24'000;

/// A model bit for bit, as little-endian floats (docs/sync.md). Both return `invalid`, naming the
/// field, for a number that is not finite, sizes that do not belong together, offsets or vectors
/// out of order; the decoder also for bytes that the encoder did not write.
Result<Bytes> encode_model(const profiles::Model& model);
Result<profiles::Model> decode_model(ByteView bytes);

}  // namespace vitrine::wire
