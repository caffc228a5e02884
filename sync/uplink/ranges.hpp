#pragma once

#include <vector>

#include "sync/outbox/outbox.hpp"

namespace vitrine::uplink {

/// Sequences as ranges in ascending order, apart from each other.
using Ranges = std::vector<outbox::SequenceRange>;

/// Takes `gone` out; ranges may split. Returns whether anything changed.
bool subtract(Ranges& ranges, outbox::SequenceRange gone);

/// The rows' sequences, which ascend.
Ranges ranges_of(const std::vector<outbox::Row>& rows);

}  // namespace vitrine::uplink
