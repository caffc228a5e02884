"""What only the real bluetoothd can show, all in one boot of the machine.

Runs inside the guest, in a folder with vitrine-agent, vitrinectl and bluetooth_shop:

    run-in-vm.sh -f … suite.py [NAME…]

hci0 is the shop's adapter, hci1 a phone's. Prints "ok NAME" or "not ok NAME reason" a test,
and "N passed, N failed" at the end.
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.request

import dbus

PORT = 8080
KIOSK = "kiosk-1"
REGION = "8ec76ea36668432b9c5a0d1d3ff9b1c2"
CHECK_IN_UUID = "56495452-494e-4530-8000-000000000001"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
FEAA = "0000feaa-0000-1000-8000-00805f9b34fb"
HOME = "/tmp/shop"


class Failure(Exception):
    pass


def until(what, holds, within=30.0, every=0.1):
    end = time.monotonic() + within
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(every)
    raise Failure(f"waited {within:.0f} s for {what}")


def expect(holds, what):
    if not holds:
        raise Failure(what)


# --- the world: adverts, the daemon, its objects ---------------------------------------

def air(*words):
    subprocess.run(["btair", "ctl", *words], check=True, stdout=subprocess.DEVNULL)


def air_lines(lines):
    subprocess.run(["btair", "ctl", "-"], input="\n".join(lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def bus():
    # A fresh connection: the daemon under it comes and goes.
    return dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])


def interface(connection, path, name):
    return dbus.Interface(connection.get_object("org.bluez", path, introspect=False), name)


def objects(tries=2):
    connection = bus()
    try:
        return interface(connection, "/", "org.freedesktop.DBus.ObjectManager").GetManagedObjects()
    except dbus.DBusException as error:
        # bluetoothd dispatches its D-Bus when nothing else is to do: under a storm it may take longer than a
        # call waits.
        if tries == 1 or "NoReply" not in error.get_dbus_name():
            raise
        print_where_the_daemon_is()
        return objects(tries - 1)
    finally:
        connection.close()


def devices(adapter):
    return {path: found["org.bluez.Device1"] for path, found in objects().items()
            if path.startswith(f"/org/bluez/{adapter}/dev_") and "org.bluez.Device1" in found}


class Discovery:
    """Another program that discovers, as bluetoothctl would."""

    def __init__(self, adapter, uuids=None):
        self.connection = bus()
        self.adapter = interface(self.connection, f"/org/bluez/{adapter}", "org.bluez.Adapter1")
        wanted = {"Transport": dbus.String("le")}
        if uuids:
            wanted["UUIDs"] = dbus.Array(uuids, signature="s")
        self.adapter.SetDiscoveryFilter(dbus.Dictionary(wanted, signature="sv"))

    def __enter__(self):
        self.adapter.StartDiscovery()
        return self

    def __exit__(self, *_):
        self.connection.close()


def bluetoothd(what):
    subprocess.run(["btvm-bluetoothd", what], check=True)


# --- the shop under test ---------------------------------------------------------------

def configure():
    subprocess.run(["./bluetooth_shop", HOME], check=True)
    with open(f"{HOME}/agent.toml", encoding="utf-8") as file:
        key = re.search(r'verify_key = "(\w+)"', file.read()).group(1)
    region = "-".join([REGION[:8], REGION[8:12], REGION[12:16], REGION[16:20], REGION[20:]])
    with open(f"{HOME}/agent.toml", "w", encoding="utf-8") as file:
        file.write(f"""
[store]
tenant = "bench"
id = "shop"
agent = "shop-1"
state = "state"
[http]
port = {PORT}
ui = "ui"
[centre]
broker = "mqtt://127.0.0.1:9"
verify_key = "{key}"
[radio]
source = "bluez"
adapter = "hci0"
discovery_allowed = false
[beacon]
uuid = "{region}"
store_number = 258
kiosk_number = 772
[limits]
seed = 1
[[kiosk]]
id = "{KIOSK}"
x = 0
y = 0
[[scanner]]
id = "s1"
kiosk = "{KIOSK}"
""")


def key_file(member):
    path = f"{HOME}/member-{member}.key"
    with open(path, "w", encoding="utf-8") as file:
        file.write((member.to_bytes(8, "little") * 2).hex() + "\n")
    return path


class Agent:
    def __init__(self):
        self.log_path = "/job/log/agent.log"
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(["./vitrine-agent", "--config", f"{HOME}/agent.toml"],
                                        stdout=self.log, stderr=self.log)
        self.screens = []  # (when, mode), oldest first
        self.listener = threading.Thread(target=self.listen, daemon=True)
        until("the agent's metrics", self.alive, 60)
        self.listener.start()
        until("a first screen", lambda: self.screens, 20)

    def alive(self):
        expect(self.process.poll() is None, "the agent ended at once; see log/agent.log")
        try:
            return self.get("/metrics")
        except OSError:
            return None

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.get("/metrics"), re.M)
        return float(found.group(1)) if found else None

    def touch(self, kind):
        body = json.dumps({"decision": self.screens[-1][2]["decision"], "kind": kind})
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/api/v1/kiosks/{KIOSK}/touches", body.encode(),
            {"Content-Type": "application/json", "X-Vitrine": "1"})
        urllib.request.urlopen(request, timeout=10).close()

    def listen(self):
        event = None
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/events/kiosk/{KIOSK}") as stream:
            for raw in stream:
                line = raw.decode().rstrip("\n")
                if line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("data:") and event == "screen":
                    screen = json.loads(line[5:])
                    self.screens.append((time.monotonic(), screen["mode"], screen))

    def mode(self):
        return self.screens[-1][1]

    def logged(self, words, since=0):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            file.seek(since)
            return words in file.read()

    def log_size(self):
        return os.path.getsize(self.log_path)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


# --- phones ----------------------------------------------------------------------------

def eids(member, count=1):
    out = subprocess.run(["./vitrinectl", "phone", "eids", "--key-file", key_file(member),
                          "--count", str(count)], check=True, capture_output=True, text=True)
    return [line.split()[1] for line in out.stdout.splitlines()]


def tag(name, address, eid, rssi=-45, **more):
    words = [f"{key}={value}" for key, value in more.items()]
    air("set", name, f"addr={address}", "atype=random", "interval=200", f"rssi={rssi}",
        "uuid16=feaa", f"sd16=feaa:30ee{eid}", *words)


class PhoneAdvert:
    """vitrinectl phone advertise, on the second controller."""

    def __init__(self, member, *more):
        self.process = subprocess.Popen(
            ["./vitrinectl", "phone", "advertise", "--adapter", "hci1", "--key-file",
             key_file(member), *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.sent = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.sent.append(line.split()[-1])
            print("  phone:", line.rstrip(), flush=True)

    def __enter__(self):
        until("the phone's advert", lambda: self.sent, 20)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)


def check_in(member, *more, key=None):
    out = subprocess.run(["./vitrinectl", "phone", "check-in", "--gatt", "--adapter", "hci1",
                          "--key-file", key or key_file(member), *more],
                         capture_output=True, text=True, timeout=180)
    words = (out.stdout + out.stderr).split("\n")
    print("  phone:", " | ".join(filter(None, words)), flush=True)
    return out


def leave(agent):
    """The visitor is done, and walks out of hearing."""
    air("del", "visitor")
    agent.touch("leave")
    until("the ambient loop", lambda: agent.mode() == "ambient", 60)


# --- the tests ---------------------------------------------------------------------------

def monitor_is_activated(agent):
    until("a radio that hears", lambda: agent.metric("vitrine_radio_hearing") == 1)
    until("passive listening", lambda: agent.logged("mode=passive"))
    expect(not objects()["/org/bluez/hci0"]["org.bluez.Adapter1"]["Discovering"],
           "the adapter discovers")
    interfaces = objects()["/org/bluez/hci0"]["org.bluez.AdvertisementMonitorManager1"]
    expect("or_patterns" in interfaces["SupportedMonitorTypes"], "no monitors by pattern")


def beacon_is_on_the_air(agent):
    until("the beacon", lambda: agent.logged("well=true"))
    with Discovery("hci1"):
        found = until("all three adverts", lambda: kiosk_seen(), 30, 0.5)
    data = bytes(found["ManufacturerData"][0x004C]).hex()
    expect(data == "0215" + REGION + "01020304" + "c5", f"iBeacon {data}")
    uid = bytes(found["ServiceData"][FEAA]).hex()
    expect(uid == "00ee" + REGION[:8] + REGION[20:] + "0000" + "01020304" + "0000", f"UID {uid}")
    pairable = objects()["/org/bluez/hci0"]["org.bluez.Adapter1"]["Pairable"]
    expect(not pairable, "the adapter would pair")


def kiosk_seen():
    for device in devices("hci1").values():
        if (CHECK_IN_UUID in device.get("UUIDs", []) and "ManufacturerData" in device
                and FEAA in device.get("ServiceData", {})):
            return device
    return None


def a_member_arrives_and_the_identifier_rotates_without_a_flap(agent):
    now, later = eids(2, 2)
    tag("visitor", "4A:00:00:00:00:01", now)
    until("a tailored screen", lambda: agent.mode() == "tailored", 30)
    since = len(agent.screens)
    # The next window's identifier, which a store knows already, from a new address.
    tag("visitor", "4A:00:00:00:00:02", later)
    time.sleep(12)
    seen = [mode for _, mode, _ in agent.screens[since:]]
    expect(all(mode == "tailored" for mode in seen), f"screens after the rotation: {seen}")
    expect(agent.mode() == "tailored", f"the visit ended: {agent.mode()}")
    air("del", "visitor")


def the_screen_forgets_who_left(agent):
    until("the ambient loop", lambda: agent.mode() == "ambient", 60)


def a_phone_on_an_adapter_is_heard_and_rotates(agent):
    air("rssi", "hci1", "hci0", "-45")
    before = agent.metric("vitrine_adverts_recognised_total")
    known = eids(3, 3)
    with PhoneAdvert(3, "--rotate-seconds", "6") as phone:
        until("adverts of the phone", lambda: agent.metric("vitrine_adverts_recognised_total") > before)
        until("a tailored screen", lambda: agent.mode() == "tailored", 30)
        since = len(agent.screens)
        until("a rotation", lambda: len(phone.sent) >= 3, 30)
        time.sleep(2)
        seen = [mode for _, mode, _ in agent.screens[since:]]
        expect(all(mode == "tailored" for mode in seen), f"screens during rotation: {seen}")
        # This window's and the next one's in turn, and one more where the window itself ended meanwhile.
        expect(set(phone.sent) <= set(known), f"identifiers: {phone.sent}, the member's: {known}")
        expect(all(one != other for one, other in zip(phone.sent, phone.sent[1:])),
               f"no rotation: {phone.sent}")


def a_member_checks_in_and_a_wrong_key_is_refused(agent):
    # Who checks in is at the kiosk: its phone is heard there too.
    tag("visitor", "4A:00:00:00:00:03", eids(4)[0])
    until("a tailored screen", lambda: agent.mode() == "tailored", 30)
    good = check_in(4)
    expect(good.returncode == 0 and "welcome" in good.stdout, "not welcome")
    expect(f"kiosk {KIOSK}" in good.stdout, "another kiosk")
    until("a verified visitor", lambda: agent.screens[-1][2].get("verified"), 15)
    with open(f"{HOME}/wrong.key", "w", encoding="utf-8") as file:
        file.write("00" * 15 + "99\n")
    bad = check_in(0, key=f"{HOME}/wrong.key")
    expect(bad.returncode == 1 and "refused" in bad.stdout, "a wrong key was not refused")
    for path, device in devices("hci0").items():
        expect(not device["Paired"], f"{path} is paired")
    leave(agent)


def a_member_checks_in_by_the_code_on_the_screen(agent):
    tag("visitor", "4A:00:00:00:00:06", eids(7)[0])
    until("a tailored screen", lambda: agent.mode() == "tailored", 60)
    agent.touch("identify")
    code = until("a code", lambda: agent.screens[-1][2].get("check_in"), 15)
    words = ["./vitrinectl", "phone", "check-in", "--key-file", key_file(7), "--url", code["url"]]
    first = subprocess.run(words, capture_output=True, text=True, timeout=60)
    expect(first.returncode == 0 and "welcome" in first.stdout, f"{first.stdout}{first.stderr}")
    again = subprocess.run(words, capture_output=True, text=True, timeout=60)
    expect(again.returncode == 1 and "over" in again.stdout, f"twice: {again.stdout}")
    leave(agent)


def a_loud_phone_is_told_to_wait_and_nonsense_is_malformed(agent):
    del agent
    connection = bus()
    with Discovery("hci1", [CHECK_IN_UUID]):
        path = until("the kiosk", lambda: next(
            (path for path, device in devices("hci1").items()
             if CHECK_IN_UUID in device.get("UUIDs", []) and "RSSI" in device), None))
    interface(connection, path, "org.bluez.Device1").Connect(timeout=60)
    try:
        found = until("its characteristics", lambda: characteristics(path), 20, 0.5)
        nothing = dbus.Dictionary({}, signature="sv")
        challenge = interface(connection, found["2"], CHARACTERISTIC)
        read = [bytes(challenge.ReadValue(nothing)) for _ in range(3)]
        # That each is another one is shown by the unit tests: the client in bluetoothd 5.66 was seen to
        # answer with the first value again, although the kiosk was asked each time.
        expect(all(each[0] == 1 and each[17:] == KIOSK.encode() for each in read), f"{read}")
        try:
            challenge.ReadValue(nothing)
            raise Failure("a fourth challenge within half a minute")
        except dbus.DBusException as error:
            expect("0x84" in str(error), f"another error: {error}")
        for size in (0, 1, 60, 62, 500):
            interface(connection, found["3"], CHARACTERISTIC).WriteValue(
                dbus.Array(bytes(size), signature="y"),
                dbus.Dictionary({"type": "request"}, signature="sv"))
            outcome = bytes(interface(connection, found["4"], CHARACTERISTIC).ReadValue(nothing))
            expect(outcome == b"\1", f"{size} bytes: {outcome}")
    finally:
        interface(connection, path, "org.bluez.Device1").Disconnect()
        connection.close()


def characteristics(device):
    """The last digit of each of our characteristics' UUID, and its path."""
    found = {str(each[CHARACTERISTIC]["UUID"])[-1]: path for path, each in objects().items()
             if path.startswith(device + "/") and CHARACTERISTIC in each
             and str(each[CHARACTERISTIC]["UUID"]).startswith(CHECK_IN_UUID[:-1])}
    return found if len(found) == 3 else None


def another_discovery_raises_the_alarm(agent):
    mark = agent.log_size()
    with Discovery("hci0"):
        until("the alarm in the log", lambda: agent.logged("another program discovers", mark))
        until("the alarm on /metrics",
              lambda: agent.metric("vitrine_radio_someone_discovers") == 1)
    until("the end of the alarm", lambda: agent.logged("for members' frames only", mark))
    until("its end on /metrics", lambda: agent.metric("vitrine_radio_someone_discovers") == 0)
    expect(agent.metric("vitrine_radio_discovery_alarms_total") >= 1, "no alarm was counted")


def a_killed_daemon_is_recovered_from(agent):
    mark = agent.log_size()
    bluetoothd("kill")
    until("the loss", lambda: agent.metric("vitrine_radio_hearing") == 0)
    bluetoothd("start")
    until("hearing again", lambda: agent.metric("vitrine_radio_hearing") == 1, 60)
    until("the beacon again", lambda: agent.logged("well=true", mark), 60)
    before = agent.metric("vitrine_adverts_recognised_total")
    tag("visitor", "4A:00:00:00:00:04", eids(5)[0])
    until("a member's adverts", lambda: agent.metric("vitrine_adverts_recognised_total") > before)
    air("del", "visitor")


def nothing_is_kept_of_strangers(agent):
    before = files()
    lines = [f"set stranger{i} addr=C0:5E:00:00:00:{i:02X} atype={'public' if i % 2 else 'random'} "
             f"type=ind interval=300 rssi=-50 flags=06 name=Stranger{i:02d}" for i in range(100)]
    air_lines(lines)
    marker_heard = agent.metric("vitrine_adverts_recognised_total")
    # Far away: heard, and at no kiosk.
    tag("member", "4A:00:00:00:00:05", eids(6)[0], rssi=-88)
    # The daemon reads the air in order: once the member was heard often, so were the strangers.
    until("a member among the strangers",
          lambda: agent.metric("vitrine_adverts_recognised_total") > marker_heard + 10)
    time.sleep(3)
    kept = [path for path in devices("hci0") if "/dev_C0_5E" in path]
    expect(not kept, f"{len(kept)} strangers are objects")
    new = {path for path in files() - before if "C0:5E" in path.upper()}
    expect(not new, f"kept in files: {sorted(new)[:3]}")
    air_lines([f"del stranger{i}" for i in range(100)] + ["del member"])
    strangers = subprocess.run(["grep", "-rlE", "Stranger[0-9]", "/var/lib/bluetooth", HOME,
                                agent.log_path], capture_output=True, text=True).stdout
    expect(not strangers, f"names in {strangers.split()}")


def files():
    return {os.path.join(folder, name) for folder, _, names in os.walk("/var/lib/bluetooth")
            for name in names}


TESTS = [
    monitor_is_activated,
    beacon_is_on_the_air,
    # Half a minute before somebody checks in, who needs a challenge too.
    a_loud_phone_is_told_to_wait_and_nonsense_is_malformed,
    nothing_is_kept_of_strangers,
    a_member_arrives_and_the_identifier_rotates_without_a_flap,
    the_screen_forgets_who_left,
    a_phone_on_an_adapter_is_heard_and_rotates,
    a_member_checks_in_and_a_wrong_key_is_refused,
    a_member_checks_in_by_the_code_on_the_screen,
    another_discovery_raises_the_alarm,
    a_killed_daemon_is_recovered_from,
]


def print_where_the_daemon_is():
    """A daemon that answers nobody sits somewhere: in the kernel, or in a loop of its own."""
    with open("/run/btvm/bluetoothd.pid", encoding="utf-8") as file:
        pid = file.read().strip()
    for what in ("stat", "wchan", "syscall", "stack"):
        try:
            with open(f"/proc/{pid}/{what}", encoding="utf-8") as file:
                print(f"  bluetoothd {what}: {' | '.join(file.read().split(chr(10)))}", flush=True)
        except OSError as error:
            print(f"  bluetoothd {what}: {error}", flush=True)


def run(test, agent):
    start = time.monotonic()
    name = test.__name__.replace("_", "-")
    try:
        test(agent)
    except Exception as error:  # pylint: disable=broad-except
        if not isinstance(error, Failure):
            traceback.print_exc()
        reason = " ".join(str(error).split()) or type(error).__name__
        print(f"not ok {name} {reason} ({time.monotonic() - start:.0f} s)", flush=True)
        print_where_the_daemon_is()
        for left in ("visitor", "member"):  # The next test begins in an empty shop.
            subprocess.run(["btair", "ctl", "del", left], check=False, stderr=subprocess.DEVNULL)
        return False
    print(f"ok {name} ({time.monotonic() - start:.0f} s)", flush=True)
    return True


def main():
    wanted = sys.argv[1:]
    tests = [test for test in TESTS
             if not wanted or any(word in test.__name__.replace("_", "-") for word in wanted)]
    for adapter in ("hci0", "hci1"):
        connection = bus()
        interface(connection, f"/org/bluez/{adapter}", "org.freedesktop.DBus.Properties").Set(
            "org.bluez.Adapter1", "Powered", dbus.Boolean(True, variant_level=1))
        connection.close()
    configure()
    agent = Agent()
    passed = sum(run(test, agent) for test in tests)
    agent.stop()
    expect(agent.process.returncode == 0, f"the agent ended with {agent.process.returncode}")
    print(f"{passed} passed, {len(tests) - passed} failed", flush=True)
    return 0 if passed == len(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
