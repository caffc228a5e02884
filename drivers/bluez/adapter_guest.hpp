#pragma once

#include <string>

namespace vitrine::bluez {

class Bus;

/// What lives on an adapter beside the scanner, on the scanner's one bus connection: our beacon.
class AdapterGuest {
  public:
    virtual ~AdapterGuest() = default;

    /// The adapter is powered and the daemon answers. `bus` and the adapter stay until
    /// `adapter_gone`.
    virtual void adapter_ready(Bus& bus, const std::string& adapter_path) = 0;

    /// The bus, the daemon or the adapter has gone, or the scanner stops or begins anew. Nothing of
    /// the guest may use the bus after it returns. Called only after `adapter_ready`.
    virtual void adapter_gone() = 0;
};

}  // namespace vitrine::bluez
