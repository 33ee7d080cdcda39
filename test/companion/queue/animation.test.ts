// An animation over a queue: one frame at a time whoever is free, each with what the one before it left.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { newKey, PATIENT } from "../support/job-service.ts";
import type { ScriptedEngine } from "../support/scripted-engine.ts";
import type { Studio } from "../support/studio.ts";
import { aroundEachWithStudio } from "../support/studio-hooks.ts";

let studio: Studio;
aroundEachWithStudio((opened) => {
  studio = opened;
});

async function begin(frames: number, animation = true): Promise<string> {
  const [sha256, style] = studio.pictures;
  const contents = Array.from({ length: frames }, (_, frame) => ({ sha256, name: `frame ${frame}` }));
  const styles = [{ picture: { sha256: style }, weight: 1 }];
  const settings = { quality: "quick" } as const;
  const { batch } = await studio.service.submitBatch({ styles, settings, contents, animation }, newKey());
  return batch.id;
}

/** The engine that has the frame; nobody else may have one of the animation's. */
async function at(frame: number, engines: ScriptedEngine[]): Promise<ScriptedEngine> {
  const names = () => engines.map(({ active }) => active?.order.request.content.ref.name);
  await expect.poll(() => names().filter((name) => name !== undefined), PATIENT).toEqual([`frame ${frame}`]);
  return engines[names().indexOf(`frame ${frame}`)] as ScriptedEngine;
}

function leave(engine: ScriptedEngine, what: string): void {
  writeFileSync(engine.active?.order.shot?.path ?? "", what);
  engine.finish();
}

function left(engine: ScriptedEngine): string | null {
  const path = engine.active?.order.shot?.path ?? "";
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

it("is painted in order, by one worker at a time, each frame from what the one before left", async () => {
  const engines = [(await studio.join("one")).engine, (await studio.join("two")).engine];
  const id = await begin(4);
  for (let frame = 0; frame < 4; frame++) {
    const engine = await at(frame, engines);
    expect(left(engine)).toBe(frame === 0 ? null : `left by ${frame - 1}`);
    expect(engine.active?.order.shot?.batch).toBe(id);
    leave(engine, `left by ${frame}`);
  }
  await expect.poll(() => studio.service.getBatch(id).state, PATIENT).toBe("done");
});

it("leaves workers to other batches meanwhile", async () => {
  const engines = [(await studio.join("one")).engine, (await studio.join("two")).engine];
  const animation = await begin(2);
  await at(0, engines);
  await begin(2, false);
  const shots = () => engines.map(({ active }) => active?.order.shot?.batch ?? null);
  await expect.poll(() => engines.every(({ busy }) => busy), PATIENT).toBe(true);
  expect(shots().filter((batch) => batch === animation)).toHaveLength(1);
});

it("goes on with another worker, after one that ends and after one that comes too late", async () => {
  const first = await studio.join("first");
  const id = await begin(3);
  leave(await at(0, [first.engine]), "left by 0");
  await at(1, [first.engine]);
  const second = await studio.join("second");
  await first.agent.close();
  const engine = await at(1, [second.engine]);
  expect(left(engine)).toBe("left by 0");
  leave(engine, "left by 1");
  expect(left(await at(2, [second.engine]))).toBe("left by 1");
  leave(second.engine, "left by 2");
  await expect.poll(() => studio.service.getBatch(id).state, PATIENT).toBe("done");
  const { frames } = studio.service.getBatch(id);
  expect(frames.map(({ job }) => studio.service.get(job).attempts)).toEqual([1, 2, 1]);
});
