#include "sync/wire/delta.hpp"

#include <algorithm>
#include <bit>
#include <memory>

#include <zstd.h>

namespace vitrine::wire {

namespace {

// High enough to find the short references of recognition, where every member's keys move by one
// place and a new one comes: 27 bytes a member, of which 16 are the new key.
constexpr int kLevel = 9;
constexpr int kWindowLogMin = 17;
constexpr int kWindowLogMax = 27;  ///< Two payloads of 64 MiB.

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

int window_log(std::size_t bytes) {
    return std::clamp(static_cast<int>(std::bit_width(bytes)), kWindowLogMin, kWindowLogMax);
}

}  // namespace

Bytes difference(ByteView base, ByteView payload) {
    const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
    CHECK(context != nullptr);
    ZSTD_CCtx* const raw = context.get();
    ZSTD_CCtx_setParameter(raw, ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(raw, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(raw, ZSTD_c_windowLog, window_log(base.size() + payload.size()));
    ZSTD_CCtx_setParameter(raw, ZSTD_c_enableLongDistanceMatching, 1);
    CHECK(ZSTD_isError(ZSTD_CCtx_refPrefix(raw, base.data(), base.size())) == 0);
    Bytes frame(ZSTD_compressBound(payload.size()));
    const std::size_t size =
        ZSTD_compress2(raw, frame.data(), frame.size(), payload.data(), payload.size());
    CHECK(ZSTD_isError(size) == 0);
    frame.resize(size);
    return frame;
}

Result<Bytes> apply_difference(ByteView base, ByteView frame, std::size_t bytes_max) {
    const unsigned long long claimed = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (claimed == ZSTD_CONTENTSIZE_ERROR || claimed == ZSTD_CONTENTSIZE_UNKNOWN) {
        return invalid("not a difference");
    }
    if (claimed > bytes_max) {
        return exhausted("unpacks to more than " + std::to_string(bytes_max) + " bytes");
    }
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
        return invalid("a frame that is damaged, or bytes after it");
    }
    const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
    CHECK(context != nullptr);
    CHECK(ZSTD_isError(ZSTD_DCtx_refPrefix(context.get(), base.data(), base.size())) == 0);
    // All at once: what is written is the window, so that no other one is allocated.
    Bytes payload(static_cast<std::size_t>(claimed));
    const std::size_t size = ZSTD_decompressDCtx(context.get(), payload.data(), payload.size(),
                                                 frame.data(), frame.size());
    if (ZSTD_isError(size) != 0) {
        return invalid(std::string("damaged, or of another base: ") + ZSTD_getErrorName(size));
    }
    if (size != payload.size()) return invalid("a frame that is not as long as it says");
    return payload;
}

}  // namespace vitrine::wire
