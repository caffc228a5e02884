#pragma once

#include <vector>

#include "sync/outbox/outbox.hpp"

namespace vitrine::uplink {

/// Sequences as ranges in ascending order, apart from each other.
using Ranges = std::vector<outbox::SequenceRange>;

/// Takes `gone` out; ranges may split. Returns whether anything changed.
bool subtract(Ranges& ranges, outbox::SequenceRange gone);

/// How many sequences they name.
std::uint64_t count_of(const Ranges& ranges);
bool overlap(const Ranges& ranges, outbox::SequenceRange with);

/// Cuts the lowest `count` sequences off and returns them.
Ranges take_first(Ranges& ranges, std::uint64_t count);

/// The rows' sequences, which ascend.
Ranges ranges_of(const std::vector<outbox::Row>& rows);

}  // namespace vitrine::uplink
