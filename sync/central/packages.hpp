#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/base/bytes.hpp"
#include "agent/base/ids.hpp"
#include "agent/base/result.hpp"
#include "sync/bundle/package.hpp"
#include "sync/sql/sql.hpp"

namespace vitrine::central {

/// One bundle of one shop as the broker is to retain it: whole, or the delta on top of `base`.
struct PackageRef {
    StoreId store;
    bundle::Kind kind = bundle::Kind::catalogue;
    Epoch epoch;
    Epoch base;         ///< 0: whole.
    bool gone = false;  ///< To be taken off the broker.
    friend bool operator==(const PackageRef&, const PackageRef&) = default;
};

/// What is known of it without its chunks.
struct PackageRow {
    PackageRef ref;
    Bytes manifest;
    Digest frame{};  ///< Of all chunks together.
    std::uint64_t bytes = 0;
    std::uint32_t chunks = 0;
};

/// All that the broker retains, kept in the centre's database, so that nothing of it needs to be
/// held in memory or packed again. Shops that get the same bytes share one copy of them.
class Packages {
  public:
    explicit Packages(sql::Connection& connection) : connection_(connection) {}

    /// Of one shop and kind, in order of epoch, deltas before the whole of the same epoch; without
    /// what is gone.
    Result<std::vector<PackageRow>> of(StoreId store, bundle::Kind kind);
    /// Of everybody, what is gone first.
    Result<std::vector<PackageRef>> all();
    Result<std::optional<PackageRow>> find(const PackageRef& ref);

    Result<void> add(const PackageRef& ref, ByteView manifest, const bundle::Packed& packed);
    /// Its chunks are dropped with the last one that shares them.
    Result<void> mark_gone(const PackageRow& row);
    /// The broker has forgotten it.
    Result<void> drop(const PackageRef& ref);

    Result<Bytes> chunk(const Digest& frame, std::uint32_t number);
    /// The payload that the newest of `rows` (as `of` gives them) leads to.
    Result<Bytes> payload(const std::vector<PackageRow>& rows);

    /// Signs whatever another key has signed; says how many.
    Result<std::size_t> resign(const bundle::SecretKey& key);

  private:
    Result<Bytes> frame(const PackageRow& row);

    sql::Connection& connection_;
};

}  // namespace vitrine::central
