"""python3-dbusmock template: the LE side of BlueZ that its "bluez5" lacks.

  /usr/bin/python3 -m dbusmock --template PATH/bluez_le.py

On top of stock bluez5 (0.28): adverts with BlueZ's exact types,
LEAdvertisingManager1, AdvertisementMonitorManager1 and GattManager1, which call
back into the client's objects. Test control, interface org.bluez.Mock on "/":

  AddLeAdapter(s name)                       e.g. hci0
  Advert(s adapter, s addr, s addrtype, n rssi, a{qay} msd, a{say} sd)
      ignored, as by BlueZ, unless discovering or a monitor is registered
  AdvertUuids(s adapter, s addr, s addrtype, n rssi, as uuids)   as iOS does
  LoseDevice(s adapter, s addr)              DeviceLost + InterfacesRemoved
  RemoveLeAdapter(s name)                    unplugged, and its clients forgotten
  MonitorMode(s mode)                        "activate", "silent" (accepted, never
      activated: the kernel refused) or "refuse"
  ReleaseMonitors(s adapter)                 the daemon gives them back
  ActivateMonitors(s adapter)                late, after "silent"
  Power(s adapter, b on)
  Fail(s method, s error, i times)           the next calls of RegisterMonitor,
      StartDiscovery, StopDiscovery, SetDiscoveryFilter or SetPowered end in
      org.bluez.Error.<error>; -1: all; 0: none any more
  Calls(s method) -> u                       how often it was called
  Storm(s adapter, u adverts, u addresses)   as fast as it goes: levels of members,
      each another than before; returns when all are on the bus
  DiscoveryFilter(s adapter) -> a{sv}        the last one that was set
  Advertised(s adapter) -> aa{sv}            what clients advertise now
  Characteristics(s adapter) -> as           UUIDs clients have registered
  GattWrite(s adapter, s uuid, ay value)     a central writes a characteristic
"""
import dbus
import dbus.lowlevel
from dbusmock import OBJECT_MANAGER_IFACE, mockobject
from dbusmock.templates import bluez5
from dbusmock.templates.bluez5 import *  # noqa: F401,F403  (the stock Mock methods)

BUS_NAME = 'org.bluez'
MAIN_OBJ = '/'
SYSTEM_BUS = True
IS_OBJECT_MANAGER = True
MOCK = 'org.bluez.Mock'
ADAPTER = 'org.bluez.Adapter1'
DEVICE = 'org.bluez.Device1'
ADV = 'org.bluez.LEAdvertisement1'
MON = 'org.bluez.AdvertisementMonitor1'
CHRC = 'org.bluez.GattCharacteristic1'
MANAGERS = {  # interface -> (register, unregister, options?, properties)
    'org.bluez.LEAdvertisingManager1': (
        'RegisterAdvertisement', 'UnregisterAdvertisement', True,
        {'ActiveInstances': dbus.Byte(0), 'SupportedInstances': dbus.Byte(5),
         'SupportedIncludes': dbus.Array(['tx-power', 'local-name'], signature='s')}),
    'org.bluez.AdvertisementMonitorManager1': (
        'RegisterMonitor', 'UnregisterMonitor', False,
        {'SupportedMonitorTypes': dbus.Array(['or_patterns'], signature='s'),
         'SupportedFeatures': dbus.Array([], signature='s')}),
    'org.bluez.GattManager1': (
        'RegisterApplication', 'UnregisterApplication', True, {}),
}

REGISTER = {iface: row[0] for iface, row in MANAGERS.items()}

monitor_mode = 'activate'
failures = {}  # method -> [name of the error, times]
calls = {}  # method -> how often
discoverers = {}  # adapter path -> bus names
clients = {}  # (adapter path, bus name, object path) -> {path: {interface: properties}}


def error(name, text):
    return dbus.exceptions.DBusException(text, name='org.bluez.Error.' + name)


def ignore(*_args):
    pass


def called(method):
    calls[method] = calls.get(method, 0) + 1
    name, times = failures.get(method, ('', 0))
    if times:
        failures[method] = [name, times - 1 if times > 0 else times]
        raise error(name, 'as the test wants, with C0:FF:EE:00:00:01 in the text')


def load(mock, parameters):
    bluez5.load(mock, parameters)
    stock_set = mockobject.DBusMockObject.Set

    def set_property(self, interface_name, property_name, value):
        if (interface_name, property_name) == (ADAPTER, 'Powered'):
            called('SetPowered')
        return stock_set(self, interface_name, property_name, value)
    set_property.__name__ = 'Set'
    mockobject.DBusMockObject.Set = dbus.service.method(
        dbus.PROPERTIES_IFACE, in_signature='ssv')(set_property)
    # dbusmock's own dynamic methods do not learn who called. These have to call
    # the client back, so they become ordinary dbus-python methods of the class.
    for iface, (register, unregister, options, _props) in MANAGERS.items():
        export(iface, register, 'oa{sv}' if options else 'o', on_register)
        export(iface, unregister, 'o', on_unregister)


def export(iface, name, signature, handler):
    if len(signature) > 1:
        def method(self, path, options, sender=None):
            return handler(self, iface, path, sender)
    else:
        def method(self, path, sender=None):
            return handler(self, iface, path, sender)
    method.__name__ = name
    setattr(mockobject.DBusMockObject, name, dbus.service.method(
        iface, in_signature=signature, sender_keyword='sender')(method))


def export_discovery():
    """Who discovers matters: what a client has started ends when it leaves."""
    def start(self, sender=None):
        called('StartDiscovery')
        names = discoverers.setdefault(self.path, set())
        if sender in names:
            raise error('InProgress', 'you discover already')
        names.add(sender)
        self.connection.watch_name_owner(sender, lambda owner: owner or leave(self, sender))
        if len(names) == 1:
            bluez5.StartDiscovery(self)

    def stop(self, sender=None):
        called('StopDiscovery')
        if sender not in discoverers.get(self.path, ()):
            raise error('Failed', 'No discovery started')
        leave(self, sender)

    def set_filter(self, discovery_filter):
        called('SetDiscoveryFilter')
        bluez5.SetDiscoveryFilter(self, discovery_filter)

    for name, method, signature in (('StartDiscovery', start, ''), ('StopDiscovery', stop, '')):
        method.__name__ = name
        setattr(mockobject.DBusMockObject, name, dbus.service.method(
            ADAPTER, in_signature=signature, sender_keyword='sender')(method))
    set_filter.__name__ = 'SetDiscoveryFilter'
    mockobject.DBusMockObject.SetDiscoveryFilter = dbus.service.method(
        ADAPTER, in_signature='a{sv}')(set_filter)


def leave(adapter, sender):
    names = discoverers.get(adapter.path, set())
    if sender in names:
        names.remove(sender)
        if not names:
            bluez5.StopDiscovery(adapter)


def proxy(client, path, iface):
    bus = mockobject.objects['/'].connection
    return dbus.Interface(bus.get_object(client, path, introspect=False), iface)


def on_register(adapter, iface, path, sender):
    key = (adapter.path, sender, str(path))
    called(REGISTER.get(iface, iface))
    if key in clients:
        raise error('AlreadyExists', 'already registered')
    if iface == 'org.bluez.AdvertisementMonitorManager1' and monitor_mode == 'refuse':
        raise error('NotSupported', 'no monitors here')
    clients[key] = {}
    # The client is asked for its objects after the reply: it may be single-threaded.
    if iface == 'org.bluez.LEAdvertisingManager1':
        proxy(sender, path, dbus.PROPERTIES_IFACE).GetAll(
            ADV, reply_handler=lambda p: store(key, {path: {ADV: p}}), error_handler=ignore)
    else:
        proxy(sender, path, OBJECT_MANAGER_IFACE).GetManagedObjects(
            reply_handler=lambda o: store(key, o), error_handler=ignore)


def store(key, objs):
    if key not in clients:
        return
    clients[key] = objs
    bus = mockobject.objects['/'].connection
    bus.watch_name_owner(key[1], lambda owner: owner or clients.pop(key, None))
    for path, ifaces in objs.items():
        if MON in ifaces and monitor_mode == 'activate':
            proxy(key[1], path, MON).Activate(reply_handler=ignore, error_handler=ignore)


def on_unregister(adapter, _iface, path, sender):
    if clients.pop((adapter.path, sender, str(path)), None) is None:
        raise error('DoesNotExist', 'not registered')


def registered(adapter, iface):
    """(client, path, properties) of every registered object with IFACE."""
    return [(key[1], path, ifaces[iface]) for key, objs in clients.items()
            if key[0] == '/org/bluez/' + adapter for path, ifaces in objs.items() if iface in ifaces]


def pattern_matches(monitor, elements):
    return any(data[start:start + len(want)] == bytes(want)
               for start, kind, want in monitor.get('Patterns', [])
               for etype, data in elements if etype == kind)


@dbus.service.method(MOCK, in_signature='s', out_signature='s')
def AddLeAdapter(self, name):
    path = self.AddAdapter(name, name)
    export_discovery()
    for method in ('StartDiscovery', 'StopDiscovery', 'SetDiscoveryFilter'):
        del mockobject.objects[path].methods[ADAPTER][method]  # The stock ones would win.
    adapter = mockobject.objects[path]
    # Stock StartDiscovery() raises KeyError if no filter was ever set.
    adapter.props[ADAPTER].setdefault('DiscoveryFilter', dbus.Dictionary({}, signature='sv'))
    for iface, (_r, _u, _o, props) in MANAGERS.items():
        adapter.props.setdefault(iface, {})  # One without properties is there all the same.
        adapter.AddProperties(iface, dict(props))
    return path


@dbus.service.method(MOCK, in_signature='s')
def RemoveLeAdapter(self, name):
    for key in [key for key in clients if key[0] == '/org/bluez/' + name]:
        del clients[key]
    discoverers.pop('/org/bluez/' + name, None)
    self.RemoveAdapterWithDevices(name)


@dbus.service.method(MOCK, in_signature='s')
def MonitorMode(_self, mode):
    global monitor_mode
    monitor_mode = str(mode)


@dbus.service.method(MOCK, in_signature='s')
def ReleaseMonitors(_self, adapter):
    for client, path, _props in registered(adapter, MON):
        proxy(client, path, MON).Release(reply_handler=ignore, error_handler=ignore)
    for key in [key for key in clients if key[0] == '/org/bluez/' + adapter]:
        del clients[key]


@dbus.service.method(MOCK, in_signature='s')
def ActivateMonitors(_self, adapter):
    for client, path, _props in registered(adapter, MON):
        proxy(client, path, MON).Activate(reply_handler=ignore, error_handler=ignore)


@dbus.service.method(MOCK, in_signature='sb')
def Power(_self, adapter, on):
    mockobject.objects['/org/bluez/' + adapter].UpdateProperties(ADAPTER, {'Powered': dbus.Boolean(on)})


@dbus.service.method(MOCK, in_signature='ssi')
def Fail(_self, method, name, times):
    failures[str(method)] = [str(name), int(times)]


@dbus.service.method(MOCK, in_signature='s', out_signature='u')
def Calls(_self, method):
    return dbus.UInt32(calls.get(str(method), 0))


@dbus.service.method(MOCK, in_signature='suu')
def Storm(self, adapter, adverts, addresses):
    def changed(path, props):
        message = dbus.lowlevel.SignalMessage(path, dbus.PROPERTIES_IFACE, 'PropertiesChanged')
        message.append(DEVICE, dbus.Dictionary(props, signature='sv'), dbus.Array([], signature='s'),
                       signature='sa{sv}as')
        return message

    bus = mockobject.objects['/'].connection
    levels = []
    for i in range(addresses):
        path = f'/org/bluez/{adapter}/dev_C1_00_00_00_{i >> 8:02X}_{i & 255:02X}'
        eid = dbus.Array([0x30, 0xee, 0, 0, 0, 0, 0, 0, i >> 8, i & 255], signature='y', variant_level=1)
        bus.send_message(changed(path, {'ServiceData': dbus.Dictionary(
            {'0000feaa-0000-1000-8000-00805f9b34fb': eid}, signature='sv')}))
        levels.append([changed(path, {'RSSI': dbus.Int16(dbm)}) for dbm in (-60, -61)])
    for i in range(adverts):
        bus.send_message(levels[i % addresses][(i // addresses) % 2].copy())
        if i % 500 == 0:
            bus.flush()
    bus.flush()


@dbus.service.method(MOCK, in_signature='s', out_signature='a{sv}')
def DiscoveryFilter(_self, adapter):
    return mockobject.objects['/org/bluez/' + adapter].props[ADAPTER]['DiscoveryFilter']


@dbus.service.method(MOCK, in_signature='sssna{qay}a{say}')
def Advert(self, adapter, addr, addrtype, rssi, msd, sd):
    elements = [(0xff, int(c).to_bytes(2, 'little') + bytes(d)) for c, d in msd.items()]
    elements += [(0x16, int(u[4:8], 16).to_bytes(2, 'little') + bytes(d)) for u, d in sd.items()]
    props = {'UUIDs': dbus.Array(list(sd), signature='s')}
    if msd:
        props['ManufacturerData'] = dbus.Dictionary(
            {dbus.UInt16(c): dbus.Array(d, signature='y', variant_level=1) for c, d in msd.items()}, signature='qv')
    if sd:
        props['ServiceData'] = dbus.Dictionary(
            {u: dbus.Array(d, signature='y', variant_level=1) for u, d in sd.items()}, signature='sv')
    hear(self, adapter, addr, addrtype, rssi, props, elements)


@dbus.service.method(MOCK, in_signature='sssnas')
def AdvertUuids(self, adapter, addr, addrtype, rssi, uuids):
    elements = [(0x07, bytes.fromhex(u.replace('-', ''))[::-1]) for u in uuids]
    hear(self, adapter, addr, addrtype, rssi, {'UUIDs': dbus.Array(uuids, signature='s')}, elements)


def hear(self, adapter, addr, addrtype, rssi, sent, elements):
    base = '/org/bluez/' + adapter
    hits = [m for m in registered(adapter, MON) if pattern_matches(m[2], elements)]
    if not mockobject.objects[base].props[ADAPTER]['Discovering'] and not hits:
        return
    path = base + '/dev_' + addr.replace(':', '_')
    if path in mockobject.objects:
        # Like BlueZ, tell only what is another than before.
        dev = mockobject.objects[path]
        props = {k: v for k, v in sent.items() if dev.props[DEVICE].get(k) != v}
        if dev.props[DEVICE].get('RSSI') != rssi:
            props['RSSI'] = dbus.Int16(rssi)
        dev.props[DEVICE].update(props)
        if props:
            dev.EmitSignal(dbus.PROPERTIES_IFACE, 'PropertiesChanged', 'sa{sv}as',
                           [DEVICE, dbus.Dictionary(props, signature='sv'), dbus.Array([], signature='s')])
    else:
        props = dict(sent)
        props.update({'Address': addr, 'AddressType': addrtype, 'Alias': addr.replace(':', '-'),
                      'Adapter': dbus.ObjectPath(base), 'RSSI': dbus.Int16(rssi),
                      'Paired': False, 'Trusted': False, 'Blocked': False, 'Connected': False,
                      'LegacyPairing': False, 'ServicesResolved': False})
        self.AddObject(path, DEVICE, props, [])
        self.EmitSignal(OBJECT_MANAGER_IFACE, 'InterfacesAdded', 'oa{sa{sv}}',
                        [dbus.ObjectPath(path), {DEVICE: props}])
    for client, mpath, _props in hits:
        proxy(client, mpath, MON).DeviceFound(dbus.ObjectPath(path), reply_handler=ignore, error_handler=ignore)


@dbus.service.method(MOCK, in_signature='ss')
def LoseDevice(self, adapter, addr):
    path = '/org/bluez/' + adapter + '/dev_' + addr.replace(':', '_')
    for client, mpath, _props in registered(adapter, MON):
        proxy(client, mpath, MON).DeviceLost(dbus.ObjectPath(path), reply_handler=ignore, error_handler=ignore)
    self.RemoveObject(path)
    self.EmitSignal(OBJECT_MANAGER_IFACE, 'InterfacesRemoved', 'oas', [dbus.ObjectPath(path), [DEVICE]])


@dbus.service.method(MOCK, in_signature='s', out_signature='aa{sv}')
def Advertised(_self, adapter):
    return dbus.Array([p for _c, _p, p in registered(adapter, ADV)], signature='a{sv}')


@dbus.service.method(MOCK, in_signature='s', out_signature='as')
def Characteristics(_self, adapter):
    return dbus.Array([p['UUID'] for _c, _p, p in registered(adapter, CHRC)], signature='s')


@dbus.service.method(MOCK, in_signature='ssay')
def GattWrite(_self, adapter, uuid, value):
    for client, path, props in registered(adapter, CHRC):
        if props['UUID'] == uuid:
            proxy(client, path, CHRC).WriteValue(
                value, dbus.Dictionary({'type': 'request', 'link': 'LE', 'mtu': dbus.UInt16(517)}, signature='sv'),
                reply_handler=ignore, error_handler=ignore)
            return
    raise error('DoesNotExist', 'no characteristic ' + uuid)
