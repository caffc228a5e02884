// What a test says on the control socket.
#include "tests/bluetooth/vm/air/btair.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>

namespace btair {

Bytes from_hex(std::string s) {
    s.erase(std::remove_if(s.begin(), s.end(), [](char c) { return c == ':' || c == ' '; }),
            s.end());
    if (s.size() % 2 || s.find_first_not_of("0123456789abcdefABCDEF") != s.npos)
        fail("bad hex " + s);
    Bytes b;
    for (size_t i = 0; i < s.size(); i += 2) b.push_back(std::stoi(s.substr(i, 2), nullptr, 16));
    return b;
}
std::string to_hex(const Bytes& b) {
    std::string s;
    char t[3];
    for (uint8_t c : b) {
        snprintf(t, sizeof t, "%02x", c);
        s += t;
    }
    return s;
}
Bytes addr_from_text(const std::string& s) {
    Bytes b = from_hex(s);
    if (b.size() != 6) fail("bad address " + s);
    std::reverse(b.begin(), b.end());  // HCI sends the lowest byte first
    return b;
}
std::string addr_to_text(Bytes b) {
    std::reverse(b.begin(), b.end());
    std::string h = to_hex(b), s;
    for (size_t i = 0; i < h.size(); i++) {
        if (i && i % 2 == 0) s += ':';
        s += char(toupper(h[i]));
    }
    return s;
}
namespace {
Bytes element(const std::string& key, const std::string& v) {
    auto pair16 = [&](uint8_t type) {
        auto colon = v.find(':');
        if (colon == v.npos) fail(key + " needs XXXX:HEX");
        unsigned id = unsigned(std::stoul(v.substr(0, colon), nullptr, 16));
        Bytes b{type, uint8_t(id), uint8_t(id >> 8)}, d = from_hex(v.substr(colon + 1));
        b.insert(b.end(), d.begin(), d.end());
        return b;
    };
    Bytes b;
    if (key == "msd")
        b = pair16(0xff);
    else if (key == "sd16")
        b = pair16(0x16);
    else if (key == "flags")
        b = {0x01, from_hex(v).at(0)};
    else if (key == "uuid16")
        b = {0x03, from_hex(v).at(1), from_hex(v).at(0)};
    else if (key == "tx")
        b = {0x0a, uint8_t(std::stoi(v))};
    else {
        b = {0x09};
        b.insert(b.end(), v.begin(), v.end());
    }
    b.insert(b.begin(), uint8_t(b.size()));
    return b;
}

Controller& controller(const std::string& name) {
    for (auto& c : controllers)
        if ("hci" + std::to_string(c->index) == name) return *c;
    fail("no controller " + name);
}
Sender& sender(const std::string& name) {
    auto t = tags.find(name);
    return t != tags.end() ? t->second : controller(name).tx;
}

void cmd_set(std::istringstream& in) {
    std::string name, kv;
    in >> name;
    bool is_tag = name.rfind("hci", 0) != 0;
    if (name.empty()) fail("no name");
    Sender s = is_tag ? (tags.count(name) ? tags[name] : Sender())
                      : controller(name).tx;  // all or nothing
    s.name = name;
    bool composed = false;
    while (in >> kv) {
        auto eq = kv.find('=');
        if (eq == kv.npos) fail("not KEY=VALUE: " + kv);
        std::string k = kv.substr(0, eq), v = kv.substr(eq + 1);
        if (k == "interval")
            s.interval_ms = std::max(1, std::stoi(v));
        else if (k == "rssi")
            s.rssi = std::stod(v), s.rssi_at.clear();
        else if (k == "noise")
            s.noise = std::stod(v);
        else if (k == "loss")
            s.loss = std::stod(v);
        else if (!is_tag)
            fail("not allowed for a controller: " + k);
        else if (k == "addr")
            s.addr = addr_from_text(v);
        else if (k == "atype")
            s.atype = v == "public" ? 0 : 1;
        else if (k == "type")
            s.type = v == "ind" ? ADV_IND : v == "scan" ? ADV_SCAN : ADV_NONCONN;
        else if (k == "on")
            s.on = v != "0";
        else if (k == "data")
            s.data = from_hex(v), s.elements.clear();
        else if (k == "rsp")
            s.rsp = from_hex(v);
        else if (k == "msd" || k == "sd16" || k == "flags" || k == "uuid16" || k == "tx" ||
                 k == "name") {
            auto e = std::find_if(s.elements.begin(), s.elements.end(),
                                  [&](auto& x) { return x.first == k; });
            if (e != s.elements.end())
                e->second = element(k, v);
            else
                s.elements.emplace_back(k, element(k, v));
            composed = true;
        } else
            fail("unknown key " + k);
    }
    if (composed) {
        s.data.clear();
        for (auto& e : s.elements) s.data.insert(s.data.end(), e.second.begin(), e.second.end());
    }
    if (s.data.size() > 31 || s.rsp.size() > 31) fail("payload over 31 bytes");
    (is_tag ? tags[name] : controller(name).tx) = s;
}

}  // namespace

std::string command(const std::string& line) try {
    std::istringstream in(line);
    std::string cmd, name, arg, value;
    std::ostringstream out;
    in >> cmd;
    if (cmd == "set")
        cmd_set(in);
    else if (cmd == "rssi" && in >> name >> arg >> value)
        sender(name).rssi_at[controller(arg).index] = std::stod(value);
    else if (cmd == "del" && in >> name) {
        if (!tags.erase(name)) fail("no tag " + name);
    } else if (cmd == "unplug" && in >> name)
        unplug(controller(name));
    else if (cmd == "plug" && in >> name)
        plug(controller(name));
    else if (cmd == "freeze" && in >> name >> value)
        controller(name).frozen = value != "0";
    else if (cmd == "list" || cmd == "stats") {
        auto show = [&](const Sender& s) {
            out << s.name << ' ' << addr_to_text(s.addr) << (s.on ? " on" : " off")
                << " interval=" << s.interval_ms << " rssi=" << s.rssi << " data=" << to_hex(s.data)
                << " sent=" << s.sent << '\n';
        };
        for (auto& c : controllers) {
            if (cmd == "list") show(c->tx);
            out << "hci" << c->index << (c->vhci < 0 ? " unplugged" : "")
                << " scanning=" << c->scanning << " active=" << int(c->scan_type)
                << " filter_dup=" << c->filter_dup << " policy=" << int(c->scan_policy)
                << " duty=" << c->duty << " reports=" << c->reports
                << " duplicates=" << c->duplicates << " lost=" << c->lost << '\n';
        }
        if (cmd == "list")
            for (auto& t : tags) show(t.second);
    } else
        fail("bad command: " + line);
    return out.str() + "ok\n";
} catch (const std::exception& e) {
    return std::string("err ") + e.what() + "\n";
}

}  // namespace btair
