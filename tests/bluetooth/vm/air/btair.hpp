#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// btair - the "radio" between virtual Bluetooth controllers.
//
// btvirt (Debian: bluez-test-tools) emulates controllers well enough for
// connections, GATT and pairing, but its advertising is not realistic: one
// report per change instead of one per interval, RSSI always 127 ("unknown"),
// at most 16 advertisers. btair sits between the kernel (/dev/vhci) and
// btvirt's server sockets, passes HCI packets through, and replaces btvirt's
// advertising reports by its own: repeated at the advertised interval, with a
// per-link RSSI, noise and loss. It also adds any number of simulated tags
// that have no controller behind them.
//
//   btair -n COUNT [-t le|bredrle] [-c SOCKET] [-f FILTER] [-d] [-S SEED]
//   btair ctl COMMAND...     send one command to a running btair
//   btair ctl -              send the commands on stdin, one per line
//
// FILTER says what a scanner with duplicate filtering on drops, controllers
// differ here: strict = known address, data = same address and payload,
// rssi (default) = same address, payload and RSSI, off = nothing.
// -d models the scanner's duty cycle (window / interval) as random loss.
//
// Commands, answered by lines ending in "ok" or "err REASON":
//   set NAME KEY=VALUE...   create or change a tag, or a controller's link
//     addr=AA:BB:CC:DD:EE:FF atype=public|random type=ind|scan|nonconn
//     interval=MS on=0|1 rssi=DBM noise=SIGMA_DB loss=PERCENT
//     data=HEX rsp=HEX      raw payloads, or payload elements, in this order:
//     flags=HEX uuid16=HEX msd=COMPANY:HEX sd16=UUID:HEX name=TEXT tx=DBM
//     (for NAME hci0, hci1...: only interval rssi noise loss)
//   rssi NAME hciN DBM      RSSI of one sender at one scanner
//   del NAME | list | stats
//   unplug hciN | plug hciN remove / re-create a controller
//   freeze hciN 0|1         controller stops answering (HCI timeouts)
namespace btair {

using Bytes = std::vector<uint8_t>;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What the command line says.
struct Options {
    std::string duplicate_filter = "rssi";
    std::string server_type = "le";
    std::string control_path = "/run/btair.sock";
    bool model_duty = false;
};
extern Options options;
extern std::mt19937 rng;

[[noreturn]] inline void fail(const std::string& what) { throw std::runtime_error(what); }
inline uint16_t u16(const uint8_t* p) { return uint16_t(p[0] | p[1] << 8); }

Bytes from_hex(std::string text);
std::string to_hex(const Bytes& bytes);
Bytes addr_from_text(const std::string& text);
std::string addr_to_text(Bytes address);

// Advertising PDU types of HCI; SCAN_RSP only occurs in reports.
enum : uint8_t { ADV_IND = 0, ADV_DIRECT = 1, ADV_SCAN = 2, ADV_NONCONN = 3, SCAN_RSP = 4 };

// Anything that transmits adverts: a simulated tag or a virtual controller.
struct Sender {
    std::string name;
    Bytes addr = Bytes(6), data, rsp;
    uint8_t atype = 1, type = ADV_NONCONN;
    int interval_ms = 100;
    bool on = true;
    double rssi = -60, noise = 0, loss = 0;
    std::map<int, double> rssi_at;  // scanner index -> own mean RSSI
    Clock::time_point next = Clock::now();
    std::vector<std::pair<std::string, Bytes>> elements;
    uint64_t sent = 0;
};

struct Controller {
    int index = -1, vhci = -1, srv = -1;
    bool frozen = false;
    Bytes stream;                       // bytes from btvirt, not yet a packet
    std::map<uint16_t, Bytes> pending;  // last parameters per command opcode
    Bytes public_addr = Bytes(6), random_addr = Bytes(6);
    bool scanning = false, filter_dup = false;
    uint8_t scan_type = 0, scan_policy = 0, own_addr = 0;
    double duty = 1;
    std::set<Bytes> accept, seen;
    Sender tx;
    uint64_t reports = 0, duplicates = 0, lost = 0;
    Clock::time_point last = Clock::now();  // last command of the kernel
};

extern std::vector<std::unique_ptr<Controller>> controllers;
extern std::map<std::string, Sender> tags;

// hci.cpp: between kernel, controller and air.
void send_all(int fd, const uint8_t* bytes, size_t size);
void plug(Controller& controller);
void unplug(Controller& controller);
void from_host(Controller& controller);
bool from_controller(Controller& controller);

/// air.cpp: sends what is due; returns the time of the next transmission.
Clock::time_point run_air();

/// commands.cpp: carries out one line and answers it.
std::string command(const std::string& line);

}  // namespace btair
