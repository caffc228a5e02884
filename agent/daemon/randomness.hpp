#pragma once

#include <sys/random.h>

#include "agent/base/check.hpp"

namespace vitrine::daemon {

/// Fills an array of up to 256 bytes from the kernel, which does not fail for so few once it has
/// started.
template <class Bytes>
void fill_with_randomness(Bytes& bytes) {
    CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
}

}  // namespace vitrine::daemon
