// For each rule a tree that keeps it (`good`), what to lay over it (`bad`), and the places it must then report.

const module = (path, uses = '') => `vitrine_module(${path}${uses ? ` USES ${uses}` : ''})\n`;
const header = (body = '') => `#pragma once\n${body}`;
const lines = (count) => 'x;\n'.repeat(count);

const twoModules = {
  'agent/base/CMakeLists.txt': module('agent/base'),
  'agent/base/ids.hpp': header(),
  'agent/radio/CMakeLists.txt': module('agent/radio', 'agent/base'),
  'agent/radio/frame.hpp': header('#include "agent/base/ids.hpp"\n'),
  'agent/offers/CMakeLists.txt': module('agent/offers', 'agent/radio'),
  'agent/offers/offer.cpp': '#include "agent/base/ids.hpp"  // through radio\n#include "agent/radio/frame.hpp"\n',
};

export const cases = [
  {
    rule: 'layers',
    good: twoModules,
    bad: {
      'agent/base/bytes.cpp': '#include "agent/base/ids.hpp"\n#include "agent/radio/frame.hpp"\n#include "ids.hpp"\n',
      'agent/host/CMakeLists.txt': 'vitrine_module(agent/hosts USES agent/nothing LIBRARIES agent/lib)\n',
    },
    found: ['agent/base/bytes.cpp:2', 'agent/base/bytes.cpp:3', 'agent/host/CMakeLists.txt:1', 'agent/host/CMakeLists.txt:1'],
  },
  {
    rule: 'cycles',
    good: twoModules,
    bad: { 'agent/base/CMakeLists.txt': module('agent/base', 'agent/offers  # round the corner\n') },
    found: ['agent/base/CMakeLists.txt:1', 'agent/radio/CMakeLists.txt:1', 'agent/offers/CMakeLists.txt:1'],
  },
  {
    rule: 'flow',
    good: {
      'sync/wire/CMakeLists.txt': module('sync/wire'),
      'agent/daemon/CMakeLists.txt': module('agent/daemon', 'sync/wire'),
      'agent/daemon/compose.cpp': '#include "sync/wire/record.hpp"\n',
      'drivers/gateway/CMakeLists.txt': module('drivers/gateway', 'sync/wire'),
    },
    bad: {
      'agent/engine/CMakeLists.txt': module('agent/engine', 'sync/wire'),
      'agent/engine/engine.cpp': '\n#include "drivers/scanner/scanner.hpp"\n',
    },
    found: ['agent/engine/CMakeLists.txt:1', 'agent/engine/engine.cpp:2'],
  },
  {
    rule: 'pure',
    good: {
      'agent/presence/CMakeLists.txt': module('agent/presence'),
      'agent/presence/tracker.cpp': '#include <chrono>\n#include <vector>\n',
      'agent/host/CMakeLists.txt': module('agent/host'),
      'agent/host/loop.cpp': '#include <thread>\n',
    },
    bad: { 'agent/presence/tracker.cpp': '#include <chrono>\n#include <fstream>\n#include <sys/socket.h>\n' },
    found: ['agent/presence/tracker.cpp:2', 'agent/presence/tracker.cpp:3'],
  },
  {
    rule: 'libraries',
    good: {
      'tests/tidy/libraries.txt': '# homes\nsqlite3.h  sync/sqlite\nboost/asio  agent/host agent/http  # the loop\n',
      'sync/sqlite/CMakeLists.txt': module('sync/sqlite'),
      'sync/sqlite/database.cpp': '#include <sqlite3.h>\n#include <sys/stat.h>\n#include <vector>\n',
      'agent/host/CMakeLists.txt': module('agent/host'),
      'agent/host/loop.hpp': header('#include <boost/asio/io_context.hpp>\n'),
    },
    bad: { 'agent/host/metrics.cpp': '#include <sqlite3.h>\n#include <curl/curl.h>\n' },
    found: ['agent/host/metrics.cpp:1', 'agent/host/metrics.cpp:2'],
  },
  {
    rule: 'architecture',
    good: {
      'agent/base/CMakeLists.txt': module('agent/base'),
      'agent/radio/CMakeLists.txt': module('agent/radio', 'agent/base'),
      'ARCHITECTURE.md': '| module | what | may use |\n|---|---|---|\n| `agent/base` | ids | |\n| `agent/radio` | frames | agent/base |\n',
    },
    bad: { 'agent/base/CMakeLists.txt': module('agent/base', 'agent/radio'), 'ctl/CMakeLists.txt': module('ctl') },
    found: ['agent/base/CMakeLists.txt:1', 'ctl/CMakeLists.txt:1'],
  },
  {
    rule: 'dead',
    good: {
      'CMakeLists.txt': 'foreach(module IN ITEMS agent/base bench tests)\n',
      'agent/base/CMakeLists.txt': module('agent/base'),
      'agent/base/ids.hpp': header(),
      'agent/base/ids.cpp': '#include "agent/base/ids.hpp"\n',
      'tests/unit/agent/base/ids_test.cpp': '#include "agent/base/ids.hpp"\n',
      'bench/CMakeLists.txt': 'vitrine_benchmark(radio USES agent/base)\n',
      'bench/radio.cpp': '',
    },
    bad: {
      'agent/base/lonely.hpp': header('#include "agent/base/lonely.hpp"\n'),
      'agent/radio/CMakeLists.txt': module('agent/radio'),
      'agent/nowhere/stray.cpp': '',
      'tests/unit/agent/gone/gone_test.cpp': '',
      'tests/unit/agent/base/ids_tests.cpp': '',
      'tests/fuzz/frames.cpp': '',
      'bench/rad.cpp': '',
    },
    found: [
      'agent/base/lonely.hpp:1',
      'agent/radio/CMakeLists.txt:1',
      'agent/nowhere/stray.cpp:1',
      'tests/unit/agent/gone/gone_test.cpp:1',
      'tests/unit/agent/base/ids_tests.cpp:1',
      'tests/fuzz/frames.cpp:1',
      'bench/rad.cpp:1',
    ],
  },
  {
    rule: 'words',
    good: {
      'agent/base/CMakeLists.txt': module('agent/base'),
      'agent/base/fine.cpp': '// throw now() sleep(1)\nconst char* k = "throw";\nusing namespace std;\nint unknown(); int f(int now) { return now; } x.system(1);\n',
      'agent/host/CMakeLists.txt': module('agent/host'),
      'agent/host/clock.cpp': 'auto t = std::chrono::steady_clock::now();\nstd::mutex m;\n',
      'ctl/CMakeLists.txt': module('ctl'),
      'ctl/status.cpp': 'std::cout << 1;\n',
    },
    bad: {
      'agent/base/bad.cpp':
        'throw 1;\nx::now();\nsleep(1);\n#include "../x.hpp"\nstd::cout << 1;\nstd::mutex m;\nstd::random_device ();\nsystem("ls");\nclass StoreManager {};\ntime(nullptr);\n',
      'agent/base/bad.hpp': header('using namespace std;\n'),
    },
    found: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((line) => `agent/base/bad.cpp:${line}`).concat('agent/base/bad.hpp:2'),
  },
  {
    rule: 'sizes',
    good: { 'agent/base/long.cpp': lines(400), 'agent/base/f.cpp': `int f() {\n${lines(58)}}\n`, 'README.md': lines(500) },
    bad: { 'agent/base/longer.cpp': lines(401), 'agent/base/g.cpp': `namespace a {\nint g(int a,\n      int b) {\n${lines(58)}}\n}\n` },
    found: ['agent/base/longer.cpp:401', 'agent/base/g.cpp:2'],
  },
  {
    rule: 'headers',
    good: { 'agent/base/a.hpp': '// What it is.\n#pragma once\n' },
    bad: { 'agent/base/b.hpp': '#include <vector>\n#pragma once\n', 'agent/base/c.hpp': '// #pragma once\n' },
    found: ['agent/base/b.hpp:1', 'agent/base/c.hpp:1'],
  },
  {
    rule: 'whitespace',
    good: { 'a.md': 'one\n\ntwo\n', 'empty.txt': '' },
    bad: { 'b.md': 'one \ntwo\r\n\tthree\n\n', 'c.cpp': 'no end' },
    found: ['b.md:1', 'b.md:2', 'b.md:3', 'b.md:4', 'c.cpp:1'],
  },
  {
    rule: 'format',
    good: { '.clang-format': 'BasedOnStyle: Google\n', 'a.cpp': 'int f() { return 1; }\n' },
    bad: { 'b.cpp': 'int g( ) {return 1;}\n' },
    found: ['b.cpp:1'],
  },
  {
    rule: 'shell',
    good: { vitrine: '#!/usr/bin/env bash\nset -eu\necho "$1"\n' },
    bad: { 'tests/run': '#!/usr/bin/env bash\necho $1\n' },
    found: ['tests/run:2'],
  },
  {
    rule: 'links',
    good: { 'README.md': '[here](docs/a.md) [there](https://example.org/x) [up](#top)\n', 'docs/a.md': '[back](../README.md)\n' },
    bad: { 'docs/b.md': '\n[gone](c.md)\n' },
    found: ['docs/b.md:2'],
  },
];
