// Reads a checkout into values that the rules judge.

import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const kSkippedFolders = new Set(['.git', 'build', 'node_modules', 'dist', 'corpus', '.cache']);
const kText = /(\.(cpp|hpp|cmake|mjs|ts|tsx|css|html|md|txt|json|toml|sh|service|socket|timer|conf|yml|sql)|CMakeLists\.txt|^vitrine|run|\.clang-(format|tidy))$/;

function* walk(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      if (!kSkippedFolders.has(entry.name)) yield* walk(root, path);
    } else if (entry.isFile() && kText.test(path)) {
      yield path;
    }
  }
}

/** Blanks comments and the insides of literals, keeping every character's place, so that words can be searched for. */
export function codeOf(text) {
  const literal =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"([^()\\ ]{0,16})\([\s\S]*?\)\1"|"(?:\\[\s\S]|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\[\s\S]|[^'\\\n])+'/g;
  return text.replace(literal, (found, _tag, offset) => {
    const line = text.lastIndexOf('\n', offset) + 1;
    if (found[0] === '"' && /^\s*#\s*include\s*$/.test(text.slice(line, offset))) return found;
    return found.replace(/[^\n]/g, ' ');
  });
}

export function lineOf(text, offset) {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}

function includesOf(code) {
  const found = [];
  for (const match of code.matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm)) {
    found.push({ name: match[2], system: match[1] === '<', line: lineOf(code, match.index) });
  }
  return found;
}

function moduleOf(folder, cmake) {
  const call = cmake.replace(/#[^\n]*/g, '').match(/vitrine_module\(([^)]*)\)/);
  if (!call) return null;
  const words = call[1].split(/\s+/).filter(Boolean);
  const uses = [];
  let list = null;
  for (const word of words.slice(1)) {
    if (word === 'USES') list = uses;
    else if (word === 'LIBRARIES') list = null;
    else if (list) list.push(word);
  }
  return { path: words[0], folder, uses };
}

/** A tree is {files: path → {text, code?, includes?}, modules: path → {path, folder, uses}}. */
export function treeOf(texts) {
  const files = new Map();
  const modules = new Map();
  for (const [path, text] of texts) {
    const file = { path, text };
    if (/\.(cpp|hpp)$/.test(path)) {
      file.code = codeOf(text);
      file.includes = includesOf(file.code);
    }
    files.set(path, file);
    if (path.endsWith('/CMakeLists.txt')) {
      const module = moduleOf(path.slice(0, -'/CMakeLists.txt'.length), text);
      if (module) modules.set(module.folder, module);
    }
  }
  return { files, modules };
}

export function readTree(root) {
  const texts = new Map();
  for (const path of walk(root, '')) texts.set(path, readFileSync(join(root, path), 'utf8'));
  return { ...treeOf(texts), root, exists: (path) => existsSync(join(root, path)) };
}

/** The module that a path such as agent/presence/tracker.hpp lies in, or null. */
export function homeOf(tree, path) {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return tree.modules.get(folder) ?? null;
}

/** The C++ files that belong to modules. */
export function moduleFiles(tree) {
  return [...tree.files.values()].filter((file) => file.code !== undefined && homeOf(tree, file.path));
}

/** The C++ files of the whole project. */
export function codeFiles(tree) {
  return [...tree.files.values()].filter((file) => file.code !== undefined);
}
