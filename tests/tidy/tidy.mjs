// Reads the tree and reports what compiler and linker cannot see: node tests/tidy/tidy.mjs [--root DIR] RULE…

import { resolve } from 'node:path';
import * as layerRules from './rules_layers.mjs';
import * as textRules from './rules_text.mjs';
import { readTree } from './tree.mjs';

const { functionsOf: _, ...fileRules } = textRules;
export const rules = { ...layerRules, ...fileRules };

function main(words) {
  let root = resolve(new URL('.', import.meta.url).pathname, '../..');
  if (words[0] === '--root') {
    root = resolve(words[1]);
    words = words.slice(2);
  }
  const names = words.length > 0 ? words : Object.keys(rules);
  const unknown = names.filter((name) => !(name in rules));
  if (unknown.length > 0) {
    console.error(`tidy: no rule is called ${unknown.join(', ')}; there are ${Object.keys(rules).join(', ')}`);
    return 2;
  }
  const tree = readTree(root);
  let count = 0;
  for (const name of names) {
    for (const { path, line, message } of rules[name](tree)) {
      console.log(`${path}:${line}: ${message} [${name}]`);
      count += 1;
    }
  }
  console.log(`${tree.files.size} files read, ${tree.modules.size} modules, ${count} findings`);
  return count === 0 ? 0 : 1;
}

if (process.argv[1] && resolve(process.argv[1]) === resolve(new URL(import.meta.url).pathname)) {
  process.exitCode = main(process.argv.slice(2));
}
