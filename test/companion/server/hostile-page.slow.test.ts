// What hostile-page.test.ts leaves out: the other kinds of frame that have no origin.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type HostileSite, openHostileSite } from "./hostile-site.ts";

let site: HostileSite;
beforeAll(async () => {
  site = await openHostileSite();
});
afterAll(() => site.close());

it.each(["data", "blob"] as const)(
  "a hostile page with a %s frame changes nothing, reads nothing but health",
  async (kind) => {
    await site.visit([kind]);
    expect(site.browser.contexts().flatMap((context) => context.pages())).toEqual([]);
  },
);
