// The labelled walk as a shop: its sensors hang on the walls, and a kiosk stands at each sensor that it passes closely.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const WALK = "straight_01.csv";
const CLOSE_M = 2;

/** Positions by time, the sensors, and where the files are. */
function readWalk(folder) {
  const sensors = readFileSync(path.join(folder, "sensors.csv"), "utf8").trim().split(/\r?\n/).slice(1).map((line) => {
    const [address, id, x, y, z] = line.split(",");
    return { address, id, x: Number(x), y: Number(y), z: Number(z) };
  });
  const steps = readFileSync(path.join(folder, WALK), "utf8").trim().split(/\r?\n/).map((line) => {
    const [time, , , , x, y] = line.split(",").map(Number);
    return { time, x, y };
  });
  return { sensors, steps, files: { walk: path.join(folder, WALK), sensors: path.join(folder, "sensors.csv") } };
}

/** Where there is no labelled data: a person who walks along twelve sensors at 1.2 m/s and stops at the sixth. */
function makeWalk(folder) {
  const sensors = Array.from({ length: 12 }, (_, i) => ({ address: `0000000005${String(i).padStart(2, "0")}`, id: `sensor${i}`, x: 4 * (i % 4), y: 6 * Math.floor(i / 4), z: 2.2 }));
  const goal = { x: sensors[5].x + 0.8, y: sensors[5].y };
  const from = { x: goal.x + 14, y: goal.y };
  const rows = [];
  for (let time = 0; time < 60; time += 0.2) {
    const along = time < 18 ? 0 : Math.min(1, ((time - 18) * 1.2) / 14) - (time > 45 ? Math.min(1, ((time - 45) * 1.2) / 14) : 0);
    const at = { x: from.x + along * (goal.x - from.x), y: from.y };
    for (const [i, sensor] of sensors.entries()) {
      const distance = Math.hypot(sensor.x - at.x, sensor.y - at.y, sensor.z - 1.6);
      const rssi = Math.round(-59.9 - 16.2 * Math.log10(Math.max(distance, 0.3)) + 2 * Math.sin(17 * time + 5 * i));
      rows.push([(1_581_249_600 + time).toFixed(3), sensor.address, "e78f135624ce", rssi, at.x.toFixed(3), at.y.toFixed(3), 1.6].join(","));
    }
  }
  const files = { walk: path.join(folder, "walk.csv"), sensors: path.join(folder, "sensors.csv") };
  writeFileSync(files.walk, `${rows.join("\n")}\n`);
  writeFileSync(files.sensors, `sensor_address,name,x_m,y_m,z_m\n${sensors.map((one) => [one.address, one.id, one.x, one.y, one.z].join(",")).join("\n")}\n`);
  const steps = rows.map((row) => row.split(",").map(Number)).map(([time, , , , x, y]) => ({ time, x, y }));
  return { sensors, steps, files };
}

/** A seeded shop in which Ana is about to walk as labelled. `kiosk` is the one that she passes. */
export function shopOfWalk(stage, options = {}) {
  const folder = path.join(stage.places.data, "walks");
  const labelled = existsSync(path.join(folder, WALK)) && existsSync(path.join(folder, "sensors.csv"));
  const walk = labelled ? readWalk(folder) : makeWalk(stage.dir);
  stage.say(labelled ? `played the labelled walk ${WALK}` : "no labelled data here: played a walk made up by the test");
  const passed = walk.sensors.filter((one) => walk.steps.some((step) => Math.hypot(step.x - one.x, step.y - one.y) < CLOSE_M));
  if (passed.length === 0) throw new Error(`${walk.files.walk} passes no sensor within ${CLOSE_M} m`);
  const layout = {
    kiosks: passed.map((one) => ({ id: `at-${one.id}`, x: one.x, y: one.y, name: one.id })),
    scanners: walk.sensors.map(({ id, x, y, z }) => ({ id, zone: `zone-${id.replace("sensor", "").slice(0, 1)}`, x, y, z })),
  };
  const shop = stage.shop({ layout, ...options });
  const key = shop.data.members[0].identity_key;
  const quoted = JSON.stringify;
  shop.radio = `source = "replay"\nscript = ${quoted(walk.files.walk)}\nsensors = ${quoted(walk.files.sensors)}\nwalk_key = "${key}"\nspeed = 1`;
  return { shop, kiosk: layout.kiosks[0].id };
}
