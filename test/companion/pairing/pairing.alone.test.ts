// The handshake from end to end: the panel's side (ui/pairing.ts) against the companion over HTTP. The panel's scrypt is
// plain JavaScript; after the first handshake Node's own stands in for it, which takes a fifth of the time.

import { scrypt } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findCompanion } from "../../../companion/client.ts";
import { newCode, randomHex } from "../../../companion/pairing/keys.ts";
import { rateLimit } from "../../../companion/pairing/rate-limit.ts";
import { createSessions } from "../../../companion/pairing/sessions.ts";
import { openTokenStore } from "../../../companion/pairing/token-store.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { CODE_ALPHABET, formatCode, normalizeCode } from "../../../companion/protocol/pairing.ts";
import { newNonce, type PairingTransport, pair, provesToken, tokenId } from "../../../ui/pairing.ts";
import { NO_LIMITS, pairWith, startTestServer, type TestServer } from "../server/harness.ts";

const derivation = vi.hoisted(() => ({ isThePanels: true }));
vi.mock("@noble/hashes/scrypt.js", async (original) => {
  const panels = await original<typeof import("@noble/hashes/scrypt.js")>();
  const scryptAsync: typeof panels.scryptAsync = (code, salt, options) => {
    if (derivation.isThePanels) return panels.scryptAsync(code, salt, options);
    const { N, r, p, dkLen = 32 } = options;
    return new Promise((resolve, reject) => {
      scrypt(code, salt, dkLen, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
        error === null ? resolve(Uint8Array.from(key)) : reject(error),
      );
    });
  };
  return { ...panels, scryptAsync };
});

let test: TestServer;
let clockMs = 0;
beforeEach(async () => {
  clockMs = 1000;
  test = await startTestServer({ now: () => clockMs });
});
afterEach(() => test.stop());

const ABOUT = { host: "figma", name: "Figma in a test" } as const;

/** The handshake's messages over HTTP, and what went over the wire. */
function overHttp({ call }: Pick<TestServer, "call"> = test): PairingTransport & { log: string[] } {
  const log: string[] = [];
  async function send(name: "pairStart" | "pairFinish", message: unknown) {
    const response = await call(name, { json: message, bearer: null });
    const text = await response.text();
    log.push(JSON.stringify(message), text);
    const body = JSON.parse(text);
    if (!response.ok) throw new ImpastoError(body.code, body.message, { hint: body.hint });
    return body;
  }
  return { log, start: (message) => send("pairStart", message), finish: (message) => send("pairFinish", message) };
}

async function openWindow(): Promise<string> {
  const response = await test.call("pairOpen", { bearer: test.admin.session });
  const { code } = (await response.json()) as { code: string };
  return code;
}

function wrong(code: string): string {
  const last = CODE_ALPHABET[(CODE_ALPHABET.indexOf(code.at(-1) as string) + 1) % CODE_ALPHABET.length];
  return code.slice(0, -1) + last;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason) => reason,
  );
  return error instanceof ImpastoError ? error.code : String(error);
}

const isOpen = async () =>
  ((await (await test.call("health", { bearer: null })).json()) as { pairing: string }).pairing;

describe("pairing", () => {
  it("gives a panel that knows the code a token that works, and lists it", async () => {
    const code = await openWindow();
    expect(await isOpen()).toBe("open");
    const transport = overHttp();
    const paired = await pair(transport, formatCode(code).toLowerCase(), ABOUT);
    derivation.isThePanels = false;
    expect(paired.instance).toBe(test.server.tokens.instance);
    const session = await test.sessionOf(paired.token);
    expect((await test.call("jobs", { bearer: session })).status).toBe(200);
    expect((await test.call("pairings", { bearer: session })).status).toBe(403);
    const list = (await (await test.call("pairings", { bearer: test.admin.session })).json()) as {
      pairings: unknown[];
    };
    expect(list.pairings).toContainEqual(
      expect.objectContaining({ id: tokenId(paired.token), host: "figma", name: "Figma in a test", scope: "jobs" }),
    );
    expect(await isOpen()).toBe("closed");
    const secret = paired.token.split("_")[2] as string;
    const wire = transport.log.join("\n");
    expect(wire).not.toContain(secret);
    expect(wire).not.toContain(code);
  });

  it("closes after five wrong codes, and the right one comes too late", async () => {
    const code = await openWindow();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await isOpen()).toBe("open");
      expect(await codeOf(pair(overHttp(), wrong(code), ABOUT))).toBe("pairing-failed");
    }
    expect(await isOpen()).toBe("closed");
    expect(await codeOf(pair(overHttp(), code, ABOUT))).toBe("pairing-closed");
  });

  it("closes after two minutes, also for a handshake that began before", async () => {
    const code = await openWindow();
    const transport = overHttp();
    const late: PairingTransport = {
      start: transport.start,
      finish: (message) => {
        clockMs += 120_000;
        return transport.finish(message);
      },
    };
    expect(await codeOf(pair(late, code, ABOUT))).toBe("pairing-failed");
    expect(await isOpen()).toBe("closed");
  });

  it("is not prolonged or shortened by a change of the machine's clock", async () => {
    const code = await openWindow();
    const realNow = Date.now;
    try {
      Date.now = () => realNow() + 3_600_000;
      expect(await isOpen()).toBe("open");
      Date.now = () => realNow() - 3_600_000;
      expect((await pair(overHttp(), code, ABOUT)).token).toMatch(/^imp_/);
    } finally {
      Date.now = realNow;
    }
  });

  it("refuses a transcript that is played again", async () => {
    const transport = overHttp();
    await pair(transport, await openWindow(), ABOUT);
    const finish = JSON.parse(transport.log[2] as string);
    await openWindow();
    expect(await codeOf(transport.finish(finish))).toBe("pairing-failed");
    expect(await isOpen()).toBe("open");
  });

  it("takes one answer for each handshake, right or wrong", async () => {
    const code = await openWindow();
    const transport = overHttp();
    const twice: PairingTransport = {
      start: transport.start,
      finish: async (message) => {
        expect(await codeOf(transport.finish({ ...message, proof: randomHex(32) }))).toBe("pairing-failed");
        return transport.finish(message);
      },
    };
    expect(await codeOf(pair(twice, code, ABOUT))).toBe("pairing-failed");
    expect((await pair(overHttp(), code, ABOUT)).token).toMatch(/^imp_/);
  });

  it("lets exactly one of two panels that race for a code win", async () => {
    const code = await openWindow();
    const outcomes = await Promise.allSettled([pair(overHttp(), code, ABOUT), pair(overHttp(), code, ABOUT)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("answers wrong, unknown and late alike", async () => {
    const code = await openWindow();
    const bodies = new Set<string>();
    const attempt = async (message: unknown) => {
      const response = await test.call("pairFinish", { json: message, bearer: null });
      bodies.add(`${response.status} ${await response.text()}`);
    };
    const message = { handshake: randomHex(16), proof: randomHex(32), host: "figma", name: "" };
    await attempt(message);
    const { handshake } = await overHttp().start({ clientNonce: newNonce() });
    await attempt({ ...message, handshake });
    clockMs += 120_001;
    await attempt({ ...message, handshake });
    expect(bodies.size).toBe(1);
    expect(normalizeCode(code)).toBe(code);
  });

  it("opens for those who may manage pairings only, three times in ten minutes", async () => {
    expect((await test.call("pairOpen", { bearer: test.panel.session })).status).toBe(403);
    expect((await test.call("pairOpen", { bearer: null })).status).toBe(401);
    const first = await openWindow();
    expect(await openWindow()).toBe(first);
    for (let count = 0; count < 2; count++) {
      await test.call("pairClose", { bearer: test.admin.session });
      await openWindow();
    }
    await test.call("pairClose", { bearer: test.admin.session });
    expect((await test.call("pairOpen", { bearer: test.admin.session })).status).toBe(429);
    clockMs += 200_001;
    expect((await test.call("pairOpen", { bearer: test.admin.session })).status).toBe(200);
  });

  it("makes codes of eight characters that nobody confuses, and reads what people type for them", () => {
    expect(newCode()).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(normalizeCode(" ol1i-ABCD ")).toBe("0111ABCD");
    expect(normalizeCode("K7QM2XD")).toBeNull();
    expect(normalizeCode("K7QM-2XDU")).toBeNull();
  });
});

describe("a panel", () => {
  it("notices a server that does not know the code", async () => {
    await openWindow();
    const transport = overHttp();
    const rogue: PairingTransport = {
      start: transport.start,
      finish: async () => ({ id: randomHex(8), sealed: randomHex(32), proof: randomHex(32) }),
    };
    const error = await pair(rogue, "K7QM-2XD9", ABOUT).catch((reason) => reason);
    expect(error).toMatchObject({ code: "pairing-failed", message: expect.stringContaining("Another program") });
  });

  it("notices before it sends its token that another program has the port", async () => {
    const paired = await pair(overHttp(), await openWindow(), ABOUT);
    const ask = async (port: number) => {
      const nonce = newNonce();
      const response = await test.call("pairProof", { json: { id: tokenId(paired.token), nonce }, bearer: null });
      const { proof } = (await response.json()) as { proof: string };
      return provesToken(paired, nonce, port, proof);
    };
    expect(await ask(test.server.port)).toBe(true);
    // A squatter that passes the question on to the real companion on another port.
    expect(await ask(test.server.port + 1)).toBe(false);
    await test.call("pairingDelete", { params: { id: tokenId(paired.token) as string }, bearer: test.admin.session });
    expect(await ask(test.server.port)).toBe(false);
  });

  it("gets no answer that proves anything for a token that was never issued", async () => {
    const token = `imp_${randomHex(8)}_${randomHex(32)}`;
    const nonce = newNonce();
    const response = await test.call("pairProof", { json: { id: tokenId(token), nonce }, bearer: null });
    const { proof } = (await response.json()) as { proof: string };
    const paired = { token, instance: test.server.tokens.instance };
    expect(provesToken(paired, nonce, test.server.port, proof)).toBe(false);
  });
});

describe("the command line", () => {
  it("finds the companion by its runtime file and may manage pairings", async () => {
    const client = await findCompanion(join(test.dataFolder, "runtime.json"));
    expect(await client?.json("pairings")).toMatchObject({ pairings: expect.any(Array) });
    await expect(client?.json("job", { params: { id: "0".repeat(32) } })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("sends its token to nobody who cannot prove himself", async () => {
    const heard: string[] = [];
    const rogue = createServer((request, response) => {
      heard.push(request.headers.authorization ?? "", request.url ?? "");
      request.on("data", (chunk) => heard.push(String(chunk)));
      request.on("end", () => response.end(JSON.stringify({ product: "impasto", proof: randomHex(32) })));
    });
    await new Promise<void>((resolve) => rogue.listen(0, "127.0.0.1", resolve));
    const file = join(test.dataFolder, "runtime.json");
    const runtime = JSON.parse(readFileSync(file, "utf8"));
    const moved = join(test.dataFolder, "moved.json");
    writeFileSync(moved, JSON.stringify({ ...runtime, port: (rogue.address() as AddressInfo).port }));
    expect(await findCompanion(moved)).toBeNull();
    const secret = runtime.token.split("_")[2];
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.join("\n")).not.toContain(secret);
    await new Promise((resolve) => rogue.close(resolve));
  });
});

describe("tokens", () => {
  it("stop working when they are revoked, and their streams close within a second", async () => {
    const paired = await pair(overHttp(), await openWindow(), ABOUT);
    const { id } = test.fake.addJob();
    const session = await test.sessionOf(paired.token);
    const stream = await test.call("jobEvents", { params: { id }, bearer: session });
    const ended = stream.text().then(
      () => "ended",
      () => "cut",
    );
    await test.call("pairingDelete", { params: { id: tokenId(paired.token) as string }, bearer: test.admin.session });
    expect(await ended).toBe("cut");
    expect((await test.call("jobs", { bearer: session })).status).toBe(401);
    expect((await test.call("pairSession", { bearer: paired.token })).status).toBe(401);
    expect(test.fake.listeners(id)).toBe(0);
  });

  it("may be given back by their holder, and by no other panel", async () => {
    const other = pairWith(test.server, { host: "photopea", name: "Other", scope: "jobs" });
    expect((await test.call("pairingDelete", { params: { id: other.id } })).status).toBe(403);
    expect((await test.call("pairingDelete", { params: { id: other.id }, bearer: other.session })).status).toBe(204);
    expect((await test.call("jobs", { bearer: other.session })).status).toBe(401);
  });

  it("are all revoked but the one that asks", async () => {
    expect((await test.call("pairingsDelete", { bearer: test.admin.session })).status).toBe(204);
    expect((await test.call("jobs", {})).status).toBe(401);
    expect((await test.call("jobs", { bearer: test.admin.session })).status).toBe(200);
  });

  it("survive a restart, as hashes in a file of their owner's alone", async () => {
    const { dataFolder, panel, admin } = test;
    const path = join(dataFolder, "pairings.json");
    await test.server.close();
    const text = readFileSync(path, "utf8");
    for (const { token, secret } of [panel, admin]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(token);
    }
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await startTestServer({ dataFolder });
    expect((await again.call("jobs", { bearer: await again.sessionOf(panel.token) })).status).toBe(200);
    expect(again.server.tokens.instance).toBe(test.server.tokens.instance);
    await again.server.close();
  });

  it("that were read in the middle of pairing are worth nothing after a restart", async () => {
    const code = await openWindow();
    const transport = overHttp();
    const { dataFolder } = test;
    let again: TestServer | undefined;
    const interrupted: PairingTransport = {
      start: transport.start,
      finish: async (message) => {
        await test.server.close();
        again = await startTestServer({ dataFolder });
        return overHttp(again).finish(message);
      },
    };
    expect(await codeOf(pair(interrupted, code, ABOUT))).toBe("pairing-failed");
    await again?.server.close();
  });

  it("are forgotten after ninety days without use", () => {
    let now = Date.now();
    const store = openTokenStore(join(test.dataFolder, "old.json"), () => now);
    const { token } = store.issue({ host: "figma", name: "Old", scope: "jobs" });
    now += 89 * 86_400_000;
    expect(store.verify(token)).not.toBeNull();
    now += 91 * 86_400_000;
    expect(store.verify(token)).toBeNull();
    expect(store.list("")).toEqual([]);
  });

  it("of a damaged list are refused with what to do, and the file is left as it was", () => {
    const path = join(test.dataFolder, "damaged.json");
    writeFileSync(path, "{");
    expect(() => openTokenStore(path)).toThrow("damaged");
    expect(readFileSync(path, "utf8")).toBe("{");
  });
});

describe("a session", () => {
  const jobs = async (bearer: string, { call } = test) => (await call("jobs", { bearer })).status;

  it("is what every request shows: a token opens one and nothing else, and a session opens none", async () => {
    const { token, session } = test.panel;
    expect(await jobs(token)).toBe(401);
    expect(await jobs(session)).toBe(200);
    expect(await jobs(`ims_${randomHex(32)}`)).toBe(401);
    expect((await test.call("pairSession", { bearer: session })).status).toBe(401);
    expect(await jobs(await test.sessionOf(token))).toBe(200);
  });

  it("ends after twelve hours, whatever the machine's clock says", async () => {
    const realNow = Date.now;
    try {
      clockMs += 12 * 3_600_000 - 1;
      Date.now = () => realNow() + 24 * 3_600_000;
      expect(await jobs(test.panel.session)).toBe(200);
      clockMs += 1;
      Date.now = () => realNow() - 24 * 3_600_000;
      expect(await jobs(test.panel.session)).toBe(401);
      expect(await jobs(await test.sessionOf(test.panel.token))).toBe(200);
    } finally {
      Date.now = realNow;
    }
  });

  it("ends with the companion, and stands on no disk", async () => {
    const { dataFolder, panel, server } = test;
    await server.close();
    for (const name of ["pairings.json", "companion.log"]) {
      expect(readFileSync(join(dataFolder, name), "utf8")).not.toContain(panel.session.slice(4));
    }
    const again = await startTestServer({ dataFolder });
    expect(await jobs(panel.session, again)).toBe(401);
    expect(await jobs(await again.sessionOf(panel.token), again)).toBe(200);
    await again.server.close();
  });

  it("makes room, as the oldest of its pairing, when thirty-two are open; other pairings keep theirs", async () => {
    const oldest = test.admin.session;
    for (let count = 0; count < 31; count++) await test.sessionOf(test.admin.token);
    expect(await jobs(oldest)).toBe(200);
    const newest = await test.sessionOf(test.admin.token);
    expect(await jobs(oldest)).toBe(401);
    expect(await jobs(newest)).toBe(200);
    expect(await jobs(test.panel.session)).toBe(200);
  });

  it("keeps its pairing from being forgotten", () => {
    let now = Date.now();
    const store = openTokenStore(join(test.dataFolder, "used.json"), () => now);
    const { id, token } = store.issue({ host: "figma", name: "Used", scope: "jobs" });
    const sessions = createSessions(store);
    const session = sessions.open({ id, scope: "jobs" });
    now += 89 * 86_400_000;
    expect(sessions.verify(session)).toEqual({ id, scope: "jobs" });
    now += 89 * 86_400_000;
    expect(store.verify(token)).not.toBeNull();
  });
});

describe("the page's ticket", () => {
  it("is traded once for a token that may manage pairings", async () => {
    const address = test.server.pageAddress();
    const ticket = address.split("#ticket=")[1];
    const response = await test.call("pairTicket", { json: { ticket }, bearer: null });
    const { token } = (await response.json()) as { token: string };
    expect((await test.call("pairings", { bearer: await test.sessionOf(token) })).status).toBe(200);
    expect((await test.call("pairTicket", { json: { ticket }, bearer: null })).status).toBe(401);
  });

  it("is too old after ten minutes", async () => {
    const ticket = test.server.pageAddress().split("#ticket=")[1];
    clockMs += 600_001;
    expect((await test.call("pairTicket", { json: { ticket }, bearer: null })).status).toBe(401);
  });
});

describe("rate limits", () => {
  it("slow down pairing and wrong tokens, and nobody with a right one", async () => {
    const limited = await startTestServer({
      limits: { pairing: rateLimit(6, 1, () => clockMs), unauthenticated: rateLimit(20, 10, () => clockMs) },
    });
    const statuses = async (count: number, send: () => Promise<Response>) => {
      const all: number[] = [];
      for (let index = 0; index < count; index++) all.push((await send()).status);
      return all;
    };
    const wrongToken = () => limited.call("jobs", { bearer: `imp_${"0".repeat(16)}_${"0".repeat(64)}` });
    expect(await statuses(22, wrongToken)).toEqual([...Array(20).fill(401), 429, 429]);
    expect(await statuses(3, () => limited.call("jobs"))).toEqual([200, 200, 200]);
    expect(await statuses(3, () => limited.call("health", { bearer: null }))).toEqual([200, 200, 200]);
    const start = () => limited.call("pairStart", { json: { clientNonce: newNonce() }, bearer: null });
    expect(await statuses(8, start)).toEqual([...Array(6).fill(403), 429, 429]);
    clockMs += 1000;
    expect(await statuses(2, start)).toEqual([403, 429]);
    expect(NO_LIMITS.pairing.take()).toBe(true);
    await limited.stop();
  });
});
