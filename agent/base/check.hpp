#pragma once

namespace vitrine {

/// Prints the broken invariant and aborts: a bug, never bad input. The service manager restarts
/// onto a crash-safe database.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace vitrine

/// An invariant that holds in release builds too.
#define CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::vitrine::check_failed(#condition, __FILE__, __LINE__))
