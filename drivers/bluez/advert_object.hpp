#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

#include "agent/base/bytes.hpp"

namespace vitrine::bluez {

/// What one advert of ours says. Service data is keyed by the service's whole UUID in text.
struct AdvertContent {
    /// A connectable advert has the flags "general discoverable, no BR/EDR" and the adapter's own
    /// address; any other has no flags and a random address, new at each registration.
    bool connectable = true;
    std::vector<std::string> service_uuids;
    std::map<std::uint16_t, Bytes> manufacturer_data;
    std::map<std::string, Bytes> service_data;
    friend bool operator==(const AdvertContent&, const AdvertContent&) = default;
};

/// A legacy advert has 31 bytes: Core Specification 5.3, volume 6, part B, 2.3.1.
inline constexpr std::size_t kAdvertBytesMax = 31;

/// How many of them the daemon and the kernel fill for this content, flags included.
std::size_t bytes_on_air(const AdvertContent& content);

/// The object (LEAdvertisement1) that the daemon reads to know what to send. Exported as long as it
/// lives. The library's exceptions pass through.
class AdvertObject {
  public:
    AdvertObject(sdbus::IConnection& connection, std::string path, AdvertContent content,
                 std::function<void()> released);

    const std::string& path() const { return path_; }
    const AdvertContent& content() const { return content_; }

    /// Another content under the same registration, hence the same address.
    void change(AdvertContent content);

  private:
    std::string path_;
    AdvertContent content_;
    std::function<void()> released_;
    std::unique_ptr<sdbus::IObject> object_;
};

}  // namespace vitrine::bluez
