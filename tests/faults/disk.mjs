// A disk of its own for an agent's data, from which the power can be cut: an ext4 image in a file that lies on another ext4 image.
//
// A cut freezes the outer file system. From that moment no write reaches the inner disk any more; what had reached it is in the file,
// what waited in the kernel's memory for it is not. The copy of that file is the disk as it is found after the cut: ext4 replays its
// journal when it is mounted. Whatever the program did after the cut is lost with it, because it is killed before the freeze ends.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

const ELEVATION = process.getuid() === 0 ? [] : ["sudo", "-n"];

/** Runs a command as root; an error has what it said. */
export function asRoot(...words) {
  const [command, ...args] = [...ELEVATION, ...words];
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch (error) {
    throw new Error(`${words.join(" ")}: ${(error.stderr || error.message).trim()}`);
  }
}

function mount(what, where, ...options) {
  mkdirSync(where, { recursive: true });
  asRoot("mount", ...options, what, where);
  if (ELEVATION.length > 0) asRoot("chown", `${process.getuid()}:${process.getgid()}`, where);
}

/** Unmounts, even what is frozen or in use. */
function unmount(where) {
  try {
    asRoot("umount", where);
  } catch {
    asRoot("umount", "-l", where);
  }
}

/** A file system in memory of so many MB at `where`, until the test ends. */
export function memoryDisk(stage, shop, where, megabytes) {
  mount("none", where, "-t", "tmpfs", "-o", `size=${megabytes}m,mode=755`);
  stage.atEnd(async () => {
    await shop.agent?.stop("SIGKILL");
    unmount(where);
  });
}

const INNER_MB = 160; // Ballast and reserve are 16 MB each.

export class Disk {
  /** Mounted at `where`, until the test ends. */
  constructor(stage, shop, where) {
    Object.assign(this, { shop, where, outer: shop.path("outer"), count: 0 });
    const image = shop.path("outer.img");
    asRoot("truncate", "-s", `${4 * INNER_MB}M`, image);
    asRoot("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", image);
    mount(image, this.outer, "-o", "loop");
    this.inner = this.next();
    asRoot("truncate", "-s", `${INNER_MB}M`, this.inner);
    asRoot("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", this.inner);
    mount(this.inner, where, "-o", "loop");
    this.mounted = true;
    stage.atEnd(() => this.remove());
  }

  next() {
    this.count += 1;
    return path.join(this.outer, `disk-${this.count}.img`);
  }

  /** Cuts the power of `program`, and mounts what the disk holds then. The program is gone. */
  async cut(program) {
    const found = this.shop.path("found.img");
    asRoot("fsfreeze", "-f", this.outer);
    try {
      program.expected = true;
      program.child.kill("SIGKILL");
      asRoot("cp", "--sparse=always", this.inner, found);
    } finally {
      asRoot("fsfreeze", "-u", this.outer);
    }
    await program.gone;
    unmount(this.where);
    this.mounted = false;
    const old = this.inner;
    this.inner = this.next();
    asRoot("cp", "--sparse=always", found, this.inner);
    asRoot("rm", old, found);
    asRoot("mount", "-o", "loop", this.inner, this.where);
    this.mounted = true;
  }

  async remove() {
    await this.shop.agent?.stop("SIGKILL");
    if (this.mounted) unmount(this.where);
    unmount(this.outer);
  }
}
