#pragma once

#include "agent/consent/consent.hpp"
#include "sync/wire/binary.hpp"

// What the binary bundles have in common. Only this module's .cpp files include this.
namespace vitrine::wire {

void expect_magic(ByteReader& in, std::uint32_t magic);

void write_consents(ByteWriter& out, const consent::Consents& consents);
consent::Consents read_consents(ByteReader& in);

}  // namespace vitrine::wire
