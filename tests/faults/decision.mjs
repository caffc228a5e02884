// A member who checks in at a kiosk and decides about themselves: what a shop must never lose.

import { checkIn } from "../../demo/phone.mjs";
import { until } from "../../demo/processes.mjs";
import { expectEqual } from "../e2e/expect.mjs";

/** Members of the shop who let themselves be recognised, with their keys. */
export const recognisable = (shop) => shop.data.members.filter((each) => each.recognise);

/**
 * Checks `member` in at `kiosk`, which `load` follows, and has them pause. Returns { member, status }: 204 where it was promised.
 */
export async function pause(shop, load, kiosk, member) {
  const screen = () => load.screens.get(kiosk);
  const touch = (kind) => load.post(`/api/v1/kiosks/${kiosk}/touches`, JSON.stringify({ decision: screen().decision, kind }));
  await until("a free kiosk", () => screen() && !screen().verified && !screen().check_in);
  let asked = 0;
  await until("the code on the kiosk", async () => {
    if (screen()?.check_in) return true;
    // A kiosk whose disk fails shows what is new a little later.
    if (screen() && Date.now() > asked + 5000) asked = ((await touch("identify")), Date.now());
    return false;
  }, { every: 50 });
  expectEqual(await checkIn(screen().check_in.url, member.identity_key), "welcome", "the outcome of the check-in");
  await until("the member's own screen", () => screen()?.verified, { every: 50 });
  const { status } = await touch("pause");
  await touch("leave");
  return { member: member.member, status };
}

/** The members whose pauses are at the centre, once each. */
export const pausesAt = (shop) =>
  shop.query("SELECT json_extract(event, '$.data.data_subject') AS member FROM events WHERE type = 'vitrine.consent.changed.v1' AND json_extract(event, '$.data.decision') = 'paused'").map(({ member }) => member).sort();
