// An agent whose system calls fail as they are told to (strace's fault injection).

import path from "node:path";

/**
 * Has the shop's agent started under strace, which injects `faults`, such as "fdatasync:error=EIO:when=5". With -D strace is the
 * grandchild: the process that is started and killed is the agent itself.
 */
export function traced(shop, ...faults) {
  const calls = [...new Set(faults.map((each) => each.split(":")[0]))].join(",");
  shop.agent = shop.program("agent", "strace", ["-D", "-f", "-qq", "-o", shop.path("log", "strace.log"), "-e", `trace=${calls}`, ...faults.flatMap((each) => ["-e", `inject=${each}`]), path.join(shop.bin, "vitrine-agent"), "--config", shop.path("agent.toml")]);
  return shop.agent;
}

/** Has it started as ever again. */
export function untraced(shop) {
  shop.agent = shop.program("agent", path.join(shop.bin, "vitrine-agent"), ["--config", shop.path("agent.toml")]);
  return shop.agent;
}
