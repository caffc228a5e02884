// Files as a chain's other systems write them: mostly right, with rows that cannot be. Each knows what has to be said of it.

import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { expectEqual } from "./expect.mjs";

/** Runs vitrinectl beside the running centre; resolves with its exit code and what it said. */
export function vitrinectl(shop, ...words) {
  return new Promise((resolve) => {
    execFile(path.join(shop.bin, "vitrinectl"), [...words, ...shop.database()], (error, out, err) => resolve({ code: error ? error.code : 0, out, err }));
  });
}

const field = (value, between) => (new RegExp(`["\n${between}]`).test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** One CSV file for `vitrinectl import kind`; a name that ends in .gz is packed. */
export class FeedFile {
  constructor(shop, kind, name, columns, { between = ";" } = {}) {
    Object.assign(this, { shop, kind, columns, between, rows: [], at: shop.path(name) });
  }

  /** A row that is to be taken; with `wrong`, one that is to be refused for that reason and is right once `mended` is put over it. */
  add(row, { wrong, mended } = {}) {
    this.rows.push({ row, wrong, mended });
    return this;
  }

  get header() {
    return this.columns.join(this.between);
  }

  lineOf(row) {
    return this.columns.map((column) => field(String(row[column] ?? ""), this.between)).join(this.between);
  }

  get refused() {
    return this.rows.map((each, index) => ({ ...each, line: index + 2 })).filter((each) => each.wrong !== undefined);
  }

  get refusedFile() {
    return this.at.replace(/\.csv(\.gz)?$/, ".refused.csv");
  }

  write() {
    const text = `${[this.header, ...this.rows.map(({ row }) => this.lineOf(row))].join("\n")}\n`;
    writeFileSync(this.at, this.at.endsWith(".gz") ? gzipSync(text) : text);
    return this;
  }

  /** Imports it, and holds what is said against what has to be: each wrong row by its line, and put aside as it stood. */
  async import() {
    rmSync(this.refusedFile, { force: true });
    const said = await vitrinectl(this.shop, "import", this.kind, this.at);
    const { refused } = this;
    const named = said.err.split("\n").filter((line) => line.startsWith(`${this.at}:`));
    expectEqual(named, refused.map(({ line, wrong }) => `${this.at}:${line}: ${wrong}`), `rows of ${path.basename(this.at)} that are refused`);
    expectEqual(said.code, refused.length > 0 ? 1 : 0, `the exit code of importing ${path.basename(this.at)}`);
    const taken = this.rows.length - refused.length;
    const told = `${this.at}: ${taken} of ${this.rows.length} rows taken${refused.length > 0 ? `, ${refused.length} refused` : ""}`;
    expectEqual(said.out.split("\n")[0], told, "what is told of the whole");
    const aside = existsSync(this.refusedFile) ? readFileSync(this.refusedFile, "utf8") : "";
    const wanted = refused.length > 0 ? `${[this.header, ...refused.map(({ row }) => this.lineOf(row))].join("\n")}\n` : "";
    expectEqual(aside, wanted, `what is put aside of ${path.basename(this.at)}`);
    return said;
  }

  /** The file of what was refused, once somebody has mended it. */
  mended() {
    const next = new FeedFile(this.shop, this.kind, path.basename(this.refusedFile), this.columns, { between: this.between });
    for (const { row, mended } of this.refused) next.add({ ...row, ...mended });
    return next.write();
  }
}
