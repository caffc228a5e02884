// A clock on the wall for one program, which can be set while it runs. See clock_shift.cpp, which is compiled here.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("clock_shift.cpp", import.meta.url));
const BUILD = path.resolve(path.dirname(SOURCE), "../../build");
const LIBRARY = path.join(BUILD, "clock_shift.so");

function library() {
  if (existsSync(LIBRARY) && statSync(LIBRARY).mtimeMs > statSync(SOURCE).mtimeMs) return LIBRARY;
  const folder = mkdtempSync(path.join(BUILD, "clock-"));
  const fresh = path.join(folder, "clock_shift.so");
  execFileSync("g++", ["-std=c++20", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", fresh, SOURCE, "-ldl"]);
  renameSync(fresh, LIBRARY);
  rmSync(folder, { recursive: true });
  return LIBRARY;
}

export class Clock {
  /** Keeps its file in the folder `dir`; shows the true time until it is set. */
  constructor(dir) {
    this.file = path.join(dir, "clock-shift");
    this.fd = openSync(this.file, "w");
    this.environment = { LD_PRELOAD: library(), VITRINE_CLOCK_SHIFT: this.file };
    this.set(0);
  }

  /** So many seconds ahead of the true time from now on. */
  set(seconds) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeSync(this.fd, bytes, 0, 8, 0);
  }
}
