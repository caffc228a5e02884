// Who may use whom: modules, and the libraries that are not ours.

import { readFileSync } from 'node:fs';
import { codeFiles, homeOf, moduleFiles } from './tree.mjs';

const kOurs = /^(agent|drivers|sync|ctl|bench|tests)\//;

function reachable(tree, module) {
  const seen = new Set();
  const open = [...module.uses];
  while (open.length > 0) {
    const path = open.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    open.push(...(tree.modules.get(path)?.uses ?? []));
  }
  return seen;
}

/** Each include of ours names the own module or one that USES leads to; each USES names a module. */
export function layers(tree) {
  const found = [];
  for (const module of tree.modules.values()) {
    const cmake = `${module.folder}/CMakeLists.txt`;
    if (module.path !== module.folder) {
      found.push({ path: cmake, line: 1, message: `declares ${module.path} in the folder ${module.folder}` });
    }
    for (const used of module.uses) {
      if (!tree.modules.has(used)) found.push({ path: cmake, line: 1, message: `uses ${used}, which is no module` });
    }
  }
  for (const file of moduleFiles(tree)) {
    const home = homeOf(tree, file.path);
    const allowed = reachable(tree, home);
    for (const include of file.includes.filter((i) => !i.system)) {
      const target = homeOf(tree, include.name);
      if (!kOurs.test(include.name)) {
        found.push({ path: file.path, line: include.line, message: `"${include.name}" is not spelled from the root` });
      } else if (target !== home && !allowed.has(target?.path)) {
        const message = `${home.path} includes "${include.name}" without declaring its module under USES`;
        found.push({ path: file.path, line: include.line, message });
      }
    }
  }
  return found;
}

/** No module uses itself, however far round. */
export function cycles(tree) {
  return [...tree.modules.values()]
    .filter((module) => reachable(tree, module).has(module.path))
    .map((module) => ({ path: `${module.folder}/CMakeLists.txt`, line: 1, message: `${module.path} leads back to itself` }));
}

const kOuter = /^(sync|drivers)\//;
const kComposers = new Set(['agent/daemon', 'ctl', 'bench']);

/** Only the programs' composition names drivers/ or sync/ from outside: the flow turns one way. */
export function flow(tree) {
  const found = [];
  const inner = (module) => module && !kOuter.test(module.path) && !kComposers.has(module.path);
  for (const module of [...tree.modules.values()].filter(inner)) {
    for (const used of module.uses.filter((path) => kOuter.test(path))) {
      found.push({ path: `${module.folder}/CMakeLists.txt`, line: 1, message: `${module.path} uses ${used}` });
    }
  }
  for (const file of moduleFiles(tree).filter((f) => inner(homeOf(tree, f.path)))) {
    for (const include of file.includes.filter((i) => kOuter.test(i.name))) {
      found.push({ path: file.path, line: include.line, message: `only agent/daemon and ctl include "${include.name}"` });
    }
  }
  return found;
}

const kPure = /^(agent\/(base|radio|consent|identity|presence|profiles|offers|session|engine)|sync\/(uplink|merge))$/;
const kImpure = new RegExp(
  `^(thread|mutex|shared_mutex|condition_variable|future|semaphore|atomic|fstream|iostream|filesystem|syslog\\.h|unistd\\.h|fcntl\\.h|time\\.h|ctime|pthread\\.h|(sys|net|netinet|arpa|linux)/.*)$`,
);

/** What decides knows no file, socket, thread, log or clock. */
export function pure(tree) {
  const found = [];
  for (const file of moduleFiles(tree).filter((f) => kPure.test(homeOf(tree, f.path).path))) {
    for (const include of file.includes.filter((i) => i.system && kImpure.test(i.name))) {
      found.push({ path: file.path, line: include.line, message: `a pure module includes <${include.name}>` });
    }
  }
  return found;
}

function readHomes(text) {
  const homes = [];
  for (const line of text.split('\n')) {
    const [prefix, ...modules] = line.replace(/#.*/, '').split(/\s+/).filter(Boolean);
    if (prefix) homes.push({ prefix, modules: new Set(modules) });
  }
  return homes;
}

const kStandard = /^[a-z_0-9]+$/;
const kLinux =
  /^((sys|linux|net|netinet|arpa|bluetooth)\/[a-z0-9_/]+\.h|(unistd|fcntl|poll|signal|errno|pthread|pwd|grp|termios|dirent|getopt|endian|byteswap|immintrin|wmmintrin|arm_neon|cpuid|malloc|sched|stdlib|string|time)\.h)$/;

/** Each library's headers have one home (libraries.txt); a header that is in no row has none. */
export function libraries(tree) {
  const table = tree.files.get('tests/tidy/libraries.txt')?.text ?? readFileSync(new URL('libraries.txt', import.meta.url), 'utf8');
  const homes = readHomes(table);
  const found = [];
  for (const file of moduleFiles(tree)) {
    const home = homeOf(tree, file.path).path;
    for (const include of file.includes.filter((i) => i.system && !kStandard.test(i.name) && !kLinux.test(i.name))) {
      const rows = homes.filter((row) => include.name.startsWith(row.prefix));
      if (rows.length === 0) {
        found.push({ path: file.path, line: include.line, message: `<${include.name}> has no home in tests/tidy/libraries.txt` });
      } else if (!rows.some((row) => row.modules.has(home))) {
        const where = rows.flatMap((row) => [...row.modules]).join(', ');
        found.push({ path: file.path, line: include.line, message: `<${include.name}> lives in ${where}, not in ${home}` });
      }
    }
  }
  return found;
}

/** ARCHITECTURE.md's table of modules names every module, and nothing under `may use` is missing that USES declares. */
export function architecture(tree) {
  const document = tree.files.get('ARCHITECTURE.md');
  if (!document) return [{ path: 'ARCHITECTURE.md', line: 1, message: 'is missing' }];
  const rows = new Map();
  for (const match of document.text.matchAll(/^\| `([a-z/]+)` \|[^|]*\|([^|]*)\|/gm)) {
    rows.set(match[1], new Set(match[2].split(/[\s,`]+/).filter(Boolean)));
  }
  const found = [];
  for (const module of tree.modules.values()) {
    const path = `${module.folder}/CMakeLists.txt`;
    const row = rows.get(module.path);
    if (!row) {
      found.push({ path, line: 1, message: `${module.path} has no row in ARCHITECTURE.md` });
      continue;
    }
    for (const used of module.uses.filter((u) => !row.has(u))) {
      found.push({ path, line: 1, message: `${module.path} uses ${used}, which ARCHITECTURE.md does not allow` });
    }
  }
  return found;
}

/** Nothing lies about that no build reads: modules, headers, tests, benchmarks and fuzz targets. */
export function dead(tree) {
  const found = [];
  const included = new Set();
  for (const file of codeFiles(tree)) {
    for (const include of file.includes) if (include.name !== file.path) included.add(include.name);
  }
  const cmake = [...tree.files.values()].filter((f) => /CMakeLists\.txt$|\.cmake$/.test(f.path)).map((f) => f.text).join('\n');
  const listed = new Set((tree.files.get('CMakeLists.txt')?.text ?? '').split(/[\s()]+/));
  for (const module of tree.modules.values()) {
    if (!listed.has(module.folder)) {
      found.push({ path: `${module.folder}/CMakeLists.txt`, line: 1, message: 'the top CMakeLists.txt does not list this module' });
    }
  }
  for (const file of codeFiles(tree)) {
    const { path } = file;
    const report = (message) => found.push({ path, line: 1, message });
    if (path.endsWith('.hpp')) {
      if (!included.has(path)) report('no file includes this header');
    } else if (path.startsWith('tests/unit/')) {
      const module = path.slice('tests/unit/'.length, path.lastIndexOf('/'));
      if (!tree.modules.has(module)) report(`no module ${module} exists, so this test is never built`);
      else if (!path.endsWith('_test.cpp')) report('only *_test.cpp files are built here');
    } else if (path.startsWith('bench/') || path.startsWith('tests/fuzz/')) {
      const name = path.slice(path.lastIndexOf('/') + 1, -'.cpp'.length);
      const call = path.startsWith('bench/') ? 'vitrine_benchmark' : 'vitrine_fuzz';
      if (!new RegExp(`${call}\\(\\s*${name}\\b`).test(cmake) && !cmake.includes(`${name}.cpp`)) {
        report(`no CMakeLists.txt says ${call}(${name} …)`);
      }
    } else if (/^(agent|drivers|sync|ctl)\//.test(path) && !homeOf(tree, path)) {
      report('this folder is no module');
    }
  }
  return found;
}
