// One walk over the pictures of a request, whatever stands for a picture.

import { describe, expect, test } from "vitest";
import {
  mapPictures,
  mapPicturesInTurn,
  mapSharedInTurn,
  picturesOf,
  type RequestOf,
} from "../../../companion/protocol/request.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";

const whole: RequestOf<string> = {
  content: "content",
  styles: [
    { picture: "monet", weight: 2, region: "sky", source: "water" },
    { picture: "munch", weight: 1, layers: ["relu1_1"] },
  ],
  protect: "face",
  initial: "start",
  settings: DEFAULT_SETTINGS,
};
const plain: RequestOf<string> = {
  content: "content",
  styles: [{ picture: "monet", weight: 1 }],
  settings: DEFAULT_SETTINGS,
};
const inOrder = ["content", "monet", "sky", "water", "munch", "face", "start"];

describe("pictures of a request", () => {
  test("are each visited once in their role, and the rest of the request stays", () => {
    const mapped = mapPictures({ ...whole, detached: true }, (name: string, role) => ({ name, role }));
    expect(mapped).toEqual({
      content: { name: "content", role: "content" },
      styles: [
        {
          picture: { name: "monet", role: "style" },
          weight: 2,
          region: { name: "sky", role: "region" },
          source: { name: "water", role: "source" },
        },
        { picture: { name: "munch", role: "style" }, weight: 1, layers: ["relu1_1"] },
      ],
      protect: { name: "face", role: "protect" },
      initial: { name: "start", role: "initial" },
      settings: DEFAULT_SETTINGS,
      detached: true,
    });
    expect(picturesOf(whole).map(({ picture }) => picture)).toEqual(inOrder);
  });

  test("that are missing stay missing", () => {
    expect(mapPictures(plain, (name: string) => name)).toEqual(plain);
  });

  test("are read one after another, the content first", async () => {
    const log: string[] = [];
    const read = async (name: string) => {
      log.push(`begin ${name}`);
      await Promise.resolve();
      log.push(`end ${name}`);
      return name.length;
    };
    expect((await mapPicturesInTurn(whole, read)).styles[0]).toEqual({ picture: 5, weight: 2, region: 3, source: 5 });
    expect(log).toEqual(inOrder.flatMap((name) => [`begin ${name}`, `end ${name}`]));
  });

  test("of a batch are walked without a content", async () => {
    const { content: _, initial: __, ...shared } = whole;
    const upper = await mapSharedInTurn({ ...shared, name: "b" }, async (name: string) => name.toUpperCase());
    expect(upper).toMatchObject({ protect: "FACE", name: "b" });
    expect(upper.styles[1]).toEqual({ picture: "MUNCH", weight: 1, layers: ["relu1_1"] });
  });
});
