// How --help groups the settings.

import { expect, test } from "vitest";
import { SETTING_GROUPS } from "../../../companion/cli/setting-groups.ts";
import { SETTING_NAMES, SETTINGS } from "../../../companion/protocol/settings.ts";

test("every setting stands in one group, the basic ones in the first", () => {
  const groups = Object.values(SETTING_GROUPS).map((names) => names.toSorted());
  expect(groups.flat().toSorted()).toEqual(SETTING_NAMES.toSorted());
  expect(groups[0]).toEqual(SETTING_NAMES.filter((name) => SETTINGS[name].level === "basic").toSorted());
});
