#include "sync/wire/compress.hpp"

#include <algorithm>
#include <memory>

#include <zstd.h>

namespace vitrine::wire {

namespace {

constexpr int kWindowLogMax = 22;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

Bytes compress(ByteView bytes, int level) {
    const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
    CHECK(context != nullptr);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    Bytes frame(ZSTD_compressBound(bytes.size()));
    const std::size_t size =
        ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
    CHECK(ZSTD_isError(size) == 0);
    frame.resize(size);
    return frame;
}

Result<Bytes> decompress(ByteView frame, std::size_t bytes_max) {
    const unsigned long long claimed = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (claimed == ZSTD_CONTENTSIZE_ERROR) return invalid("not a zstd frame");
    if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed > bytes_max) {
        return exhausted("unpacks to more than " + std::to_string(bytes_max) + " bytes");
    }
    const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
    CHECK(context != nullptr);
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLogMax);

    Bytes bytes;
    ZSTD_inBuffer input{frame.data(), frame.size(), 0};
    std::size_t filled = 0;
    for (;;) {
        // One byte more than allowed shows that there is more.
        const std::size_t room = std::max<std::size_t>(filled * 2, 16U << 10);
        bytes.resize(std::min(room, bytes_max + 1));
        ZSTD_outBuffer output{bytes.data(), bytes.size(), filled};
        const std::size_t left = ZSTD_decompressStream(context.get(), &output, &input);
        if (ZSTD_isError(left) != 0) {
            return invalid(std::string("damaged zstd frame: ") + ZSTD_getErrorName(left));
        }
        const bool stuck = output.pos == filled && input.pos == input.size;
        filled = output.pos;
        if (filled > bytes_max) {
            return exhausted("unpacks to more than " + std::to_string(bytes_max) + " bytes");
        }
        if (left == 0) break;
        if (stuck) return invalid("a zstd frame that ends too early");
    }
    if (input.pos != input.size) return invalid("bytes after the zstd frame");
    bytes.resize(filled);
    return bytes;
}

}  // namespace vitrine::wire
