// What can be seen in one file: words, sizes, layout.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { codeFiles, homeOf, lineOf, moduleFiles } from './tree.mjs';

const outside = (...modules) => (path, home) => !modules.includes(home);
const everywhere = () => true;
const inHeaders = (path) => path.endsWith('.hpp');
const butInMain = (path, home) => home !== 'ctl' && !path.endsWith('/main.cpp');

const kBanned = [
  { word: /\bthrow\b/g, where: everywhere, why: 'expected failures are a Result, bugs a CHECK' },
  { word: /\bnow\s*\(\s*\)/g, where: outside('agent/host'), why: 'time is an argument; only agent/host reads a clock' },
  {
    word: /\b(gettimeofday|clock_gettime|time\s*\(\s*(nullptr|NULL|0)\s*\))/g,
    where: outside('agent/host'),
    why: 'time is an argument; only agent/host reads a clock',
  },
  { word: /\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(/g, where: everywhere, why: 'nothing sleeps: the loop has timers' },
  { word: /#\s*include\s*"\.\.?\//g, where: everywhere, why: 'includes are spelled from the repository root' },
  { word: /\busing\s+namespace\b/g, where: inHeaders, why: 'a header opens no namespace in its readers' },
  { word: /\bstd::(cout|cerr|clog)\b|\b(printf|puts)\s*\(/g, where: butInMain, why: 'modules do not print; agent/host logs' },
  { word: /\bstd::(mutex|recursive_mutex|shared_mutex|condition_variable)\b/g, where: outside('agent/host'), why: 'one thread owns everything that changes; the mailbox is in agent/host' },
  { word: /\b(rand|srand|random)\s*\(|\bstd::(random_device|mt19937)/g, where: outside('agent/host'), why: 'chance is an argument (Rng&)' },
  { word: /(?<![\w.>])(system|popen|execl|execlp|execv|execvp|posix_spawn)\s*\(/g, where: everywhere, why: 'no shell, no child processes' },
  { word: /\bclass\s+\w*(Impl|Manager|Util|Utils|Helper)\b/g, where: everywhere, why: 'a name says what a thing is in the shop' },
];

/** Words that STYLE forbids in modules. */
export function words(tree) {
  const found = [];
  for (const file of moduleFiles(tree)) {
    const home = homeOf(tree, file.path).path;
    for (const { word, where, why } of kBanned.filter((ban) => ban.where(file.path, home))) {
      for (const match of file.code.matchAll(word)) {
        const message = `'${match[0].trim()}': ${why}`;
        found.push({ path: file.path, line: lineOf(file.code, match.index), message });
      }
    }
  }
  return found;
}

const kFileLinesMax = 400;
const kFunctionLinesMax = 60;

const kScopeHead =
  /^\s*((inline\s+)?namespace\b|extern\b|(template\s*<[^{}]*>\s*)?(class|struct|union|enum)\b(\s*\[\[[^\]]*\]\])?[\s\w:<>,]*?(\s:(?!:)[^{}]*)?$)/;

/** Where each function body starts and ends. A body is the outermost brace inside namespaces and classes whose head has
 * a parameter list and is no initialiser; preprocessor lines are not code here. */
export function functionsOf(code) {
  const text = code.replace(/^[ \t]*#(?:[^\n\\]|\\[\s\S])*/gm, (line) => line.replace(/[^\n]/g, ' '));
  const functions = [];
  const scopes = [];
  let head = 0;
  for (let i = 0; i < text.length; ++i) {
    const inBody = scopes.some((scope) => scope.kind === 'body');
    if (text[i] === '{') {
      const words = text.slice(head, i);
      const isScope = kScopeHead.test(words);
      const isFunction = !inBody && !isScope && words.includes(')') && !/=\s*$/.test(words);
      const start = head + words.search(/\S|$/);
      scopes.push({ kind: inBody || !isFunction ? (isScope && !inBody ? 'scope' : 'other') : 'body', start });
      head = i + 1;
    } else if (text[i] === '}') {
      const scope = scopes.pop();
      if (scope?.kind === 'body') {
        const first = lineOf(text, scope.start);
        functions.push({ line: first, lines: lineOf(text, i) - first + 1 });
      }
      head = i + 1;
    } else if (!inBody && (text[i] === ';' || (text[i] === ':' && /\b(public|private|protected)\s*$/.test(text.slice(head, i))))) {
      head = i + 1;
    }
  }
  return functions;
}

/** No file over 400 lines, no function over 60. */
export function sizes(tree) {
  const found = [];
  for (const file of tree.files.values()) {
    if (!/\.(cpp|hpp|cmake|mjs|ts|tsx|css|sh)$|CMakeLists\.txt$/.test(file.path) && file.path !== 'vitrine') continue;
    const lines = file.text.split('\n').length - 1;
    if (lines > kFileLinesMax) found.push({ path: file.path, line: lines, message: `${lines} lines; at most ${kFileLinesMax}` });
    for (const { line, lines: length } of file.code === undefined ? [] : functionsOf(file.code)) {
      if (length > kFunctionLinesMax) found.push({ path: file.path, line, message: `a function of ${length} lines; at most ${kFunctionLinesMax}` });
    }
  }
  return found;
}

/** Every header says #pragma once, before anything else. */
export function headers(tree) {
  return codeFiles(tree)
    .filter((file) => file.path.endsWith('.hpp') && !/^\s*#pragma once\n/.test(file.code))
    .map((file) => ({ path: file.path, line: 1, message: 'does not begin with #pragma once' }));
}

/** No blanks at line ends, no tabs, Unix line ends, one newline at the end of a file. */
export function whitespace(tree) {
  const found = [];
  for (const { path, text } of tree.files.values()) {
    if (text === '') continue;
    const report = (line, message) => found.push({ path, line, message });
    for (const [index, line] of text.split('\n').entries()) {
      if (line.endsWith('\r')) report(index + 1, 'ends like on Windows');
      else if (/[ \t]$/.test(line)) report(index + 1, 'blanks at the end of the line');
      if (line.includes('\t') && !path.startsWith('tests/data/')) report(index + 1, 'a tab');
    }
    if (!text.endsWith('\n')) report(text.split('\n').length, 'no newline at the end of the file');
    else if (text.endsWith('\n\n')) report(text.split('\n').length - 1, 'an empty line at the end of the file');
  }
  return found;
}

/** Every C++ file is laid out as clang-format 14 would. */
export function format(tree) {
  const paths = codeFiles(tree).map((file) => file.path);
  if (paths.length === 0) return [];
  const run = spawnSync('clang-format-14', ['--dry-run', '--ferror-limit=1', '-style=file', ...paths], {
    cwd: tree.root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.error) return [{ path: '.clang-format', line: 1, message: `clang-format-14 does not run: ${run.error.message}` }];
  const found = [];
  for (const match of run.stderr.matchAll(/^(\S+?):(\d+):\d+: (?:warning|error): code should be clang-formatted/gm)) {
    found.push({ path: match[1], line: Number(match[2]), message: './vitrine format lays this out otherwise' });
  }
  return found;
}

/** Every shell script passes shellcheck. */
export function shell(tree) {
  const paths = [...tree.files.values()].filter((file) => /^#!.*\bbash\b/.test(file.text)).map((file) => file.path);
  if (paths.length === 0) return [];
  const run = spawnSync('shellcheck', ['--format=gcc', ...paths], { cwd: tree.root, encoding: 'utf8' });
  if (run.error) return [{ path: 'packages.txt', line: 1, message: `shellcheck does not run: ${run.error.message}` }];
  return [...run.stdout.matchAll(/^(.+?):(\d+):\d+: (.*)$/gm)].map((match) => ({ path: match[1], line: Number(match[2]), message: match[3] }));
}

/** Links between the project's own documents lead somewhere. */
export function links(tree) {
  const found = [];
  for (const { path, text } of [...tree.files.values()].filter((file) => file.path.endsWith('.md'))) {
    for (const match of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)) {
      const target = join(path, '..', match[1]);
      if (!tree.exists(target)) found.push({ path, line: lineOf(text, match.index), message: `links to ${match[1]}, which does not exist` });
    }
  }
  return found;
}
