import { describe, expect, test } from "vitest";
import { renamePatiently, renamePatientlySync } from "../../../companion/storage/patient-rename.ts";

/** A rename that fails so often with this code, and then succeeds. */
function failing(times: number, code: string) {
  let calls = 0;
  const rename = () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error(code), { code });
  };
  return { rename, asynchronous: async () => rename(), calls: () => calls };
}

const WAYS = {
  renamePatiently: (file: ReturnType<typeof failing>, delaysMs: number[]) =>
    renamePatiently(file.asynchronous, delaysMs),
  renamePatientlySync: async (file: ReturnType<typeof failing>, delaysMs: number[]) =>
    renamePatientlySync(file.rename, delaysMs),
};

describe.each(Object.entries(WAYS))("%s", (_name, rename) => {
  test.each(["EPERM", "EACCES", "EBUSY"])("waits for a file that is held (%s)", async (code) => {
    const file = failing(2, code);
    const begun = performance.now();
    await rename(file, [10, 20, 1000]);
    expect(file.calls()).toBe(3);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
  });

  test("gives up after the last delay, with the file system's error", async () => {
    const file = failing(9, "EBUSY");
    await expect(rename(file, [1, 1])).rejects.toThrow("EBUSY");
    expect(file.calls()).toBe(3);
  });

  test("does not wait for what no waiting mends, nor where no file is held", async () => {
    const missing = failing(1, "ENOENT");
    await expect(rename(missing, [1000])).rejects.toThrow("ENOENT");
    const held = failing(1, "EBUSY");
    await expect(rename(held, [])).rejects.toThrow("EBUSY");
    expect([missing.calls(), held.calls()]).toEqual([1, 1]);
  });
});
