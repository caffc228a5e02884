// Each rule against a small tree that breaks it and one that keeps it: a rule that cannot fail is no rule.

import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cases } from './self_test_cases.mjs';
import { functionsOf } from './rules_text.mjs';
import { rules } from './tidy.mjs';
import { codeOf, readTree } from './tree.mjs';

let failures = 0;

function expect(what, actual, expected) {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  failures += 1;
  console.log(`${what}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(actual)}`);
}

function findingsIn(rule, files) {
  const root = mkdtempSync(join(tmpdir(), 'vitrine-tidy-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return rules[rule](readTree(root)).map(({ path, line }) => `${path}:${line}`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

for (const { rule, good, bad, found } of cases) {
  expect(`${rule} accepts its good tree`, findingsIn(rule, { ...good }), []);
  expect(`${rule} finds what is bad`, findingsIn(rule, { ...good, ...bad }).sort(), [...found].sort());
}
const cmake = readFileSync(new URL('CMakeLists.txt', import.meta.url), 'utf8').split(/[\s()]+/);
expect('every rule is a test', Object.keys(rules).filter((rule) => !cmake.includes(rule)), []);
expect('every rule has a case', Object.keys(rules).filter((rule) => !cases.some((c) => c.rule === rule)), []);

expect(
  'comments and literals are blanked, their lines kept',
  codeOf('a; // throw\n/* throw\n */ f("throw", \'"\', R"x(throw\n)x"); int n = 1\'000\'000;').replace(/ +/g, ' '),
  'a; \n \n f( , , \n ); int n = 1\'000\'000;',
);
expect('include names are kept', codeOf('#include "agent/a.hpp"  // why').trimEnd(), '#include "agent/a.hpp"');
expect(
  'functions are found in namespaces, classes and after initialisers',
  functionsOf(
    'namespace a {\nconst int k[] = {1, 2};\nclass B : C<int(int)> {\n  B() : x_{1} {}\n  int f() const {\n    if (x) {\n    }\n  }\n};\nauto g = h(1);\n' +
      'TEST(A, B) {\n  auto f = [] {\n  };\n}\nstruct D {\n  int i = 0;\n};\n}\n',
  )
    .filter(({ lines }) => lines > 1)
    .map(({ line, lines }) => [line, lines]),
  [[5, 4], [11, 4]],
);

console.log(failures === 0 ? `${cases.length} rules can fail, and do not without reason` : `${failures} expectations failed`);
process.exitCode = failures === 0 ? 0 : 1;
