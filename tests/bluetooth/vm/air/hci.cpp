// Between kernel, controller and air.
#include "tests/bluetooth/vm/air/btair.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace btair {

void send_all(int fd, const uint8_t* p, size_t n) {
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && (errno == EAGAIN || errno == EINTR)) {
            usleep(500);
            continue;
        }
        if (w <= 0) return;
        p += w, n -= size_t(w);
    }
}

void unplug(Controller& c) {
    if (c.vhci >= 0) close(c.vhci);
    if (c.srv >= 0) close(c.srv);
    int index = c.index;
    auto links = c.tx.rssi_at;
    c = Controller();
    c.index = index;
    c.tx.rssi_at = links;
    c.tx.name = "hci" + std::to_string(index);
    c.tx.on = false;
}

void plug(Controller& c) {
    if (c.vhci >= 0) fail("already plugged");
    c.srv = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    snprintf(a.sun_path, sizeof a.sun_path, "/tmp/bt-server-%s", options.server_type.c_str());
    if (connect(c.srv, reinterpret_cast<sockaddr*>(&a), sizeof a))
        fail(std::string("btvirt: ") + strerror(errno));
    c.vhci = open("/dev/vhci", O_RDWR | O_CLOEXEC);
    if (c.vhci < 0) fail(std::string("/dev/vhci: ") + strerror(errno));
    const uint8_t create[2] = {0xff, 0x00};  // vendor packet, primary controller
    if (write(c.vhci, create, 2) != 2) fail(std::string("vhci create: ") + strerror(errno));
    // The answer carries the hci index. The kernel's first command may overtake
    // it: forward that one instead of losing it.
    for (;;) {
        uint8_t b[1100];
        ssize_t n = read(c.vhci, b, sizeof b);
        if (n <= 0) fail("vhci: no answer");
        if (b[0] == 0xff) {
            c.index = u16(b + 2);
            break;
        }
        c.pending[u16(b + 1)] = Bytes(b + 4, b + n);
        send_all(c.srv, b, size_t(n));
    }
    c.tx.name = "hci" + std::to_string(c.index);
    c.tx.on = false;
}

namespace {
// A command succeeded: adopt its parameters.
void commit(Controller& c, uint16_t opcode, const Bytes& ret) {
    const Bytes p = c.pending[opcode];
    auto need = [&](size_t n) { return p.size() >= n; };
    switch (opcode) {
        case 0x0c03:  // Reset
            c.scanning = c.tx.on = false;
            c.accept.clear();
            break;
        case 0x1009:  // Read BD_ADDR
            if (ret.size() >= 7) c.public_addr.assign(ret.begin() + 1, ret.begin() + 7);
            break;
        case 0x2005:  // LE Set Random Address
            if (need(6)) c.random_addr.assign(p.begin(), p.begin() + 6);
            break;
        case 0x2006:  // LE Set Advertising Parameters
            if (need(15)) {
                c.tx.interval_ms = std::max(20, u16(&p[0]) * 5 / 8);
                c.tx.type = p[4];
                c.own_addr = p[5];
            }
            break;
        case 0x2008:  // LE Set Advertising Data
        case 0x2009:  // LE Set Scan Response Data
            if (need(1) && need(1 + p[0]))
                (opcode == 0x2008 ? c.tx.data : c.tx.rsp)
                    .assign(p.begin() + 1, p.begin() + 1 + p[0]);
            break;
        case 0x200a:  // LE Set Advertising Enable
            if (need(1)) c.tx.on = p[0], c.tx.next = Clock::now();
            break;
        case 0x200b:  // LE Set Scan Parameters
            if (need(7)) {
                c.scan_type = p[0];
                c.scan_policy = p[6];
                c.duty = std::min(1.0, double(u16(&p[3])) / std::max<uint16_t>(1, u16(&p[1])));
            }
            break;
        case 0x200c:  // LE Set Scan Enable
            if (need(2)) {
                c.scanning = p[0];
                c.filter_dup = p[1];
                c.seen.clear();
            }
            break;
        case 0x2010:
            c.accept.clear();
            break;  // LE Clear Accept List
        case 0x2011:
            if (need(7)) c.accept.insert(Bytes(p.begin(), p.begin() + 7));
            break;  // add
        case 0x2012:
            if (need(7)) c.accept.erase(Bytes(p.begin(), p.begin() + 7));
            break;  // remove
    }
}
void to_host(Controller& c, const Bytes& pkt) {
    if (pkt[0] == 0x04) {
        if (pkt[1] == 0x0e && pkt.size() >= 7 && pkt[6] == 0)  // Command Complete, success
            commit(c, u16(&pkt[4]), Bytes(pkt.begin() + 6, pkt.end()));
        if (pkt[1] == 0x3e && pkt.size() >= 6) {
            if (pkt[3] == 0x02 && pkt[5] != ADV_DIRECT)
                return;  // btvirt's own report: ours replace it
            if ((pkt[3] == 0x01 || pkt[3] == 0x0a) && pkt[4] == 0 && pkt.size() > 7 && pkt[7] == 1)
                c.tx.on = false;  // connected as peripheral: advertising ends
        }
    }
    send_all(c.vhci, pkt.data(), pkt.size());
}

}  // namespace

void from_host(Controller& c) {
    uint8_t b[2048];
    ssize_t n = read(c.vhci, b, sizeof b);
    c.last = Clock::now();
    if (n <= 0 || c.frozen) return;
    if (b[0] == 0x01 && n >= 4) c.pending[u16(b + 1)] = Bytes(b + 4, b + n);
    // btvirt's socket reader mishandles a header split over two reads of its
    // 4096-byte buffer; keep the backlog below that.
    for (int queued = 0, tries = 0; tries < 200; tries++) {
        if (ioctl(c.srv, SIOCOUTQ, &queued) || queued < 2500) break;
        usleep(500);
    }
    send_all(c.srv, b, size_t(n));
}

bool from_controller(Controller& c) {
    uint8_t b[4096];
    ssize_t n = read(c.srv, b, sizeof b);
    if (n <= 0) return false;
    c.stream.insert(c.stream.end(), b, b + n);
    for (;;) {
        const Bytes& s = c.stream;
        if (s.empty()) return true;
        size_t hdr = s[0] == 0x04 ? 3 : s[0] == 0x03 ? 4 : 5;
        if (s.size() < hdr) return true;
        size_t body = s[0] == 0x04   ? s[2]
                      : s[0] == 0x03 ? s[3]
                                     : u16(&s[3]) & (s[0] == 0x05 ? 0x3fff : 0xffff);
        if (s.size() < hdr + body) return true;
        Bytes pkt(s.begin(), s.begin() + long(hdr + body));
        c.stream.erase(c.stream.begin(), c.stream.begin() + long(hdr + body));
        if (!c.frozen) to_host(c, pkt);
    }
}

}  // namespace btair
