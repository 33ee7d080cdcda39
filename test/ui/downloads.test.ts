// What the panel offers where no companion answers: the download for this computer, or nothing.

import { describe, expect, test } from "vitest";
import { downloadHere, platformOf } from "../../ui/downloads.ts";

const AGENTS = {
  windows:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Figma/126.1.2 Chrome/140.0",
  mac: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
  linux: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  linuxArm: "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
  android: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile",
  chromebook: "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
  ipad: "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148",
};

test.each([
  ["windows", "win32-x64"],
  ["mac", "darwin-arm64"],
  ["linux", "linux-x64"],
  ["linuxArm", "linux-arm64"],
  ["android", null],
  ["chromebook", null],
  ["ipad", null],
] as const)("%s gets %s", (agent, platform) => {
  expect(platformOf(AGENTS[agent])).toBe(platform);
});

describe("the offer", () => {
  const page = (content: string | null) =>
    ({ querySelector: () => (content === null ? null : { getAttribute: () => content }) }) as unknown as Document;

  test("names system and size, and leads to that zip", () => {
    const offer = downloadHere(page("https://example.org/v0.2.0/Impasto-0.2.0"), AGENTS.windows);
    expect(offer?.url).toBe("https://example.org/v0.2.0/Impasto-0.2.0-win32-x64.zip");
    expect(offer?.label).toMatch(/^Impasto for Windows, \d+ MB$/);
  });

  test.each([null, "", "javascript:alert(1)//", "http://example.org/"])(
    "is none where the build knows %s",
    (content) => {
      expect(downloadHere(page(content), AGENTS.windows)).toBeNull();
    },
  );

  test("is none where nothing is made for the computer", () => {
    expect(downloadHere(page("https://example.org/Impasto-0.2.0"), AGENTS.android)).toBeNull();
  });
});
