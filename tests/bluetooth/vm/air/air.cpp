// Who hears what: adverts repeated at their interval, with level, noise and loss a link.
#include "tests/bluetooth/vm/air/btair.hpp"

#include <algorithm>
#include <cmath>

namespace btair {
namespace {
double uniform() { return std::uniform_real_distribution<>(0, 1)(rng); }

void report(Controller& rx, const Sender& s, uint8_t type, int8_t rssi) {
    const Bytes& d = type == SCAN_RSP ? s.rsp : s.data;
    if (rx.filter_dup && options.duplicate_filter != "off") {
        Bytes key{type, s.atype};
        key.insert(key.end(), s.addr.begin(), s.addr.end());
        if (options.duplicate_filter != "strict") key.insert(key.end(), d.begin(), d.end());
        if (options.duplicate_filter == "rssi") key.push_back(uint8_t(rssi));
        if (options.duplicate_filter ==
            "rssi") {  // only the last report counts: a change back is news
            Bytes prefix(key.begin(), key.begin() + 8);
            auto it = rx.seen.lower_bound(prefix);
            if (it != rx.seen.end() && std::equal(prefix.begin(), prefix.end(), it->begin()) &&
                *it != key)
                rx.seen.erase(it);
        }
        if (!rx.seen.insert(key).second) {
            rx.duplicates++;
            return;
        }
    }
    Bytes e{0x04, 0x3e, uint8_t(12 + d.size()), 0x02, 0x01, type, s.atype};
    e.insert(e.end(), s.addr.begin(), s.addr.end());
    e.push_back(uint8_t(d.size()));
    e.insert(e.end(), d.begin(), d.end());
    e.push_back(uint8_t(rssi));
    rx.reports++;
    send_all(rx.vhci, e.data(), e.size());
}

void transmit(Sender& s, const Controller* self) {
    s.sent++;
    for (auto& rx : controllers) {
        if (rx.get() == self || rx->vhci < 0 || !rx->scanning || rx->frozen) continue;
        if (s.type == ADV_DIRECT || s.type == 4) continue;  // btvirt's reports are let through
        if (rx->scan_policy & 1) {
            Bytes key{s.atype};
            key.insert(key.end(), s.addr.begin(), s.addr.end());
            if (!rx->accept.count(key)) continue;
        }
        if (uniform() * 100 < s.loss || (options.model_duty && uniform() > rx->duty)) {
            rx->lost++;
            continue;
        }
        auto own = s.rssi_at.find(rx->index);
        double level = own != s.rssi_at.end() ? own->second : s.rssi;
        if (s.noise > 0) level += std::normal_distribution<>(0, s.noise)(rng);
        int8_t rssi = int8_t(std::lround(std::clamp(level, -127.0, 20.0)));
        report(*rx, s, s.type, rssi);
        if (rx->scan_type == 1 && (s.type == ADV_IND || s.type == ADV_SCAN))
            report(*rx, s, SCAN_RSP, rssi);
    }
}

}  // namespace

Clock::time_point run_air() {
    auto now = Clock::now(), first = now + std::chrono::seconds(1);
    auto step = [&](Sender& s, const Controller* self) {
        if (!s.on) return;
        if (s.next <= now) {
            transmit(s, self);
            // Link layer: a random delay of 0-10 ms is added to every interval.
            s.next +=
                milliseconds(s.interval_ms) + std::chrono::microseconds(long(uniform() * 10000));
            if (s.next < now)
                s.next = now + milliseconds(s.interval_ms);  // fell behind: do not burst
        }
        first = std::min(first, s.next);
    };
    for (auto& c : controllers) {
        if (c->vhci < 0) continue;
        c->tx.addr = c->own_addr & 1 ? c->random_addr : c->public_addr;
        c->tx.atype = c->own_addr & 1;
        step(c->tx, c.get());
    }
    for (auto& t : tags) step(t.second, nullptr);
    return first;
}

}  // namespace btair
