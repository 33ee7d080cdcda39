// Pictures on their way to the companion: what it refuses is called by its name.

import { expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { CompanionHttp } from "../../../ui/engines/companion/http.ts";
import { createUploads } from "../../../ui/engines/companion/upload.ts";

const PICTURE = { bytes: new Uint8Array([1]), name: "Hero image", width: 40, height: 40 };

function refusing(error: ImpastoError): CompanionHttp {
  const unused = () => Promise.reject(new Error("not asked for"));
  return {
    base: "http://127.0.0.1:1",
    send: () => Promise.reject(error),
    json: unused,
    picture: unused,
    notedPicture: unused,
    lines: () => {
      throw new Error("not asked for");
    },
  };
}

test("EXPECTED FAILURE - a refused picture is called by its name, with the remedy", async () => {
  const refusal = new ImpastoError("unsupported-picture", "The file is a GIF.", { hint: "Export it as PNG." });
  await expect(createUploads().picture(refusing(refusal), PICTURE)).rejects.toMatchObject({
    code: "unsupported-picture",
    message: "“Hero image” is a GIF.",
    hint: "Export it as PNG.",
  });
});

test("EXPECTED FAILURE - what is not about the picture stays as it is", async () => {
  const refusal = new ImpastoError("busy", "Four uploads are under way already.");
  await expect(createUploads().picture(refusing(refusal), PICTURE)).rejects.toBe(refusal);
});
