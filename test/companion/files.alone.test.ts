// Files of the user: replaced whole or not at all, read within limits, and every refusal in words.

import { execFileSync } from "node:child_process";
import * as fsPromises from "node:fs/promises";
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkWritable, isSameFile, readFileWhole, writeFileWhole } from "../../companion/files.ts";
import { ImpastoError } from "../../companion/protocol/errors.ts";

const failure = vi.hoisted(() => ({ call: "", code: "" }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fsPromises>();
  const failing = (call: string) => {
    if (failure.call === call) throw Object.assign(new Error(failure.code), { code: failure.code });
  };
  return {
    ...real,
    rename: async (from: string, to: string) => {
      failing("rename");
      await real.rename(from, to);
    },
    open: async (path: string, flags: string) => {
      failing("open");
      const file = await real.open(path, flags);
      const write = file.writeFile.bind(file);
      const sync = file.sync.bind(file);
      file.writeFile = async (data) => {
        if (failure.call === "write") await write(String(data).slice(0, 3));
        failing("write");
        await write(data);
      };
      file.sync = async () => {
        failing("sync");
        await sync();
      };
      return file;
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "impasto-files-"));
});
afterEach(async () => {
  failure.call = "";
  await rm(folder, { recursive: true, force: true });
});

const text = (value: string) => new TextEncoder().encode(value);

describe("writing", () => {
  test("makes the folder and leaves nothing but the file", async () => {
    const path = join(folder, "a", "b", "out.png");
    await writeFileWhole(path, text("new"));
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(join(folder, "a", "b"))).toEqual(["out.png"]);
  });

  for (const [call, code, expected] of [
    ["open", "EACCES", "file-not-writable"],
    ["open", "EROFS", "file-not-writable"],
    ["write", "ENOSPC", "disk-full"],
    ["write", "EDQUOT", "disk-full"],
    ["write", "EIO", "file-not-writable"],
    ["sync", "ENOSPC", "disk-full"],
    ["rename", "EACCES", "file-not-writable"],
  ] as const) {
    test(`EXPECTED FAILURE - ${code} on ${call}: the old file stands, no temporary one stays`, async () => {
      const path = join(folder, "out.png");
      await writeFile(path, "old");
      Object.assign(failure, { call, code });
      await expect(writeFileWhole(path, text("new picture"))).rejects.toMatchObject({ code: expected });
      failure.call = "";
      expect(await readFile(path, "utf8")).toBe("old");
      expect(await readdir(folder)).toEqual(["out.png"]);
    });
  }

  test.skipIf(process.platform === "win32")("a file that was there leaves its rights to the new one", async () => {
    const path = join(folder, "out.png");
    for (const mode of [0o600, 0o640, 0o666, 0o755]) {
      await writeFile(path, "old");
      await chmod(path, mode);
      await writeFileWhole(path, text("new"));
      expect((await fsPromises.stat(path)).mode & 0o777).toBe(mode);
    }
  });

  test("EXPECTED FAILURE - a protected file is left alone without force", async () => {
    const path = join(folder, "out.png");
    await writeFile(path, "old");
    await chmod(path, 0o444);
    const refusal = { code: "file-not-writable", hint: expect.stringContaining("--force") };
    await expect(checkWritable(path)).rejects.toMatchObject(refusal);
    await expect(writeFileWhole(path, text("new"))).rejects.toMatchObject(refusal);
    expect(await readFile(path, "utf8")).toBe("old");
    await writeFileWhole(path, text("new"), { force: true });
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await fsPromises.stat(path)).mode & 0o222).toBe(0);
  });

  test("goes through a symbolic link and keeps it", async () => {
    await writeFile(join(folder, "real.png"), "old");
    await symlink("real.png", join(folder, "link.png"));
    await writeFileWhole(join(folder, "link.png"), text("new"));
    expect(await readFile(join(folder, "real.png"), "utf8")).toBe("new");
    expect((await fsPromises.lstat(join(folder, "link.png"))).isSymbolicLink()).toBe(true);
  });

  test("goes through links to a file that is not there yet", async () => {
    await mkdir(join(folder, "below"));
    await symlink("below/near.png", join(folder, "far.png"));
    await symlink("new.png", join(folder, "below", "near.png"));
    await writeFileWhole(join(folder, "far.png"), text("new"));
    expect(await readFile(join(folder, "below", "new.png"), "utf8")).toBe("new");
    expect((await fsPromises.lstat(join(folder, "far.png"))).isSymbolicLink()).toBe(true);
  });

  test("EXPECTED FAILURE - a file where the folder should be", async () => {
    await writeFile(join(folder, "a"), "");
    await expect(writeFileWhole(join(folder, "a", "out.png"), text("x"))).rejects.toMatchObject({
      code: "file-not-writable",
    });
  });
});

describe("looking ahead", () => {
  test("refuses a folder and a device", async () => {
    await expect(checkWritable(folder)).rejects.toMatchObject({ code: "file-not-writable" });
    await expect(checkWritable("/dev/null")).rejects.toMatchObject({ code: "file-not-writable" });
    await expect(checkWritable(join(folder, "a.png"))).resolves.toBeUndefined();
  });

  test("refuses a name that is too long, and a link that leads to itself", async () => {
    await expect(checkWritable(join(folder, `${"n".repeat(252)}.png`))).rejects.toThrow("the name is too long");
    await symlink("loop.png", join(folder, "loop.png"));
    await expect(checkWritable(join(folder, "loop.png"))).rejects.toThrow("a link that leads to itself");
  });

  test("one file is recognized behind links of both kinds", async () => {
    const path = join(folder, "one.png");
    await writeFile(path, "1");
    await symlink(path, join(folder, "soft.png"));
    await link(path, join(folder, "hard.png"));
    await writeFile(join(folder, "two.png"), "1");
    expect(await isSameFile(path, join(folder, "soft.png"))).toBe(true);
    expect(await isSameFile(path, join(folder, "hard.png"))).toBe(true);
    expect(await isSameFile(path, join(folder, "..", folder.split("/").at(-1) ?? "", "one.png"))).toBe(true);
    expect(await isSameFile(path, join(folder, "two.png"))).toBe(false);
    expect(await isSameFile(join(folder, "none"), join(folder, "nothing"))).toBe(false);
  });
});

describe("reading", () => {
  test("EXPECTED FAILURE - missing files, folders, pipes and devices", async () => {
    await mkdir(join(folder, "folder.png"));
    const refusals: [string, string][] = [
      [join(folder, "none.png"), "file-not-found"],
      [join(folder, "a\0b.png"), "file-not-found"],
      [join(folder, "folder.png"), "file-not-readable"],
      ["/dev/zero", "file-not-readable"],
    ];
    if (process.platform !== "win32") {
      execFileSync("mkfifo", [join(folder, "pipe.png")]);
      refusals.push([join(folder, "pipe.png"), "file-not-readable"]);
    }
    for (const [path, code] of refusals) await expect(readFileWhole(path), path).rejects.toMatchObject({ code });
  });

  test("EXPECTED FAILURE - no right to read", async () => {
    await writeFile(join(folder, "a.png"), "1");
    Object.assign(failure, { call: "open", code: "EACCES" });
    await expect(readFileWhole(join(folder, "a.png"))).rejects.toMatchObject({ code: "file-not-readable" });
  });

  test("the size is seen before anything is read", async () => {
    await writeFile(join(folder, "a.png"), "12345");
    const refuse = (bytes: number) => {
      throw new ImpastoError("picture-too-large", `${bytes} bytes`);
    };
    await expect(readFileWhole(join(folder, "a.png"), refuse)).rejects.toMatchObject({ message: "5 bytes" });
  });
});
