// The line that every benchmark prints (bench/figure.hpp): one run here.

import { cpus } from "node:os";

export function figure(bench, name, value, unit) {
  const rounded = Number(value.toPrecision(5));
  return JSON.stringify({ bench, figure: name, value: rounded, unit, runs: 1, min: rounded, max: rounded, machine: `${cpus()[0].model}, ${cpus().length} cores` });
}
