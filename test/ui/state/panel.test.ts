// The panel as a whole: what it chooses from, which engine paints, the settings page.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { fakeLayer } from "../panel/fake-host.ts";
import { open, opened, running, source } from "./open-panel.ts";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe("while nothing happens", () => {
  test("layers are read once for the cost, however often the companion is looked for or strength moves", async () => {
    const { panel, host, link, panelEngine } = await opened({ kind: "absent" });
    const read = vi.spyOn(host, "readPicture");
    const capabilities = vi.spyOn(panelEngine, "capabilities");
    await vi.advanceTimersByTimeAsync(800);
    expect(panel.plan.value).not.toBeNull();
    for (const strength of [10, 20, 30]) {
      link.state.value = { kind: "absent" };
      panel.setSetting("strength", strength);
      await vi.advanceTimersByTimeAsync(2500);
    }
    expect(read).toHaveBeenCalledTimes(2);
    expect(capabilities).not.toHaveBeenCalled();
    expect(panel.plan.value).not.toBeNull();
    host.select(["a", "frame:0"]);
    await vi.advanceTimersByTimeAsync(800);
    expect(read).toHaveBeenCalledTimes(4);
  });

  test("a thumbnail is asked for once, also where there is none", async () => {
    const { panel, host } = open();
    const thumbnail = vi.fn(async () => null);
    host.thumbnail = thumbnail;
    await panel.start();
    host.select(["a", "b"]);
    for (const strength of [1, 2, 3]) panel.setSetting("strength", strength);
    await vi.advanceTimersByTimeAsync(50);
    expect(thumbnail).toHaveBeenCalledTimes(2);
    host.select([]);
    host.select(["a"]);
    expect(thumbnail).toHaveBeenCalledTimes(3);
  });
});

describe("inputs", () => {
  test("follow the selection and say what is missing", async () => {
    const { panel, host } = await opened();
    expect(panel.inputs.problem.value).toBeNull();
    host.select(["a"]);
    expect(panel.inputs.problem.value).toEqual({ kind: "style-missing" });
    host.select([]);
    expect(panel.inputs.problem.value).toEqual({ kind: "nothing-selected" });
    const many = Array.from({ length: 7 }, (_, index) => fakeLayer(`more:${index}`, source("More")));
    host.layers.push(...many);
    host.select(["a", "b", ...many.map(({ id }) => id)]);
    expect(panel.inputs.problem.value).toEqual({ kind: "too-many", count: 9 });
    host.select(["a", "b"], "You can only view this file.");
    expect(panel.canStylize.value).toBe(false);
  });

  test("swap", async () => {
    const { panel } = await opened();
    expect(panel.inputs.content.value?.id).toBe("a");
    panel.inputs.swap();
    expect(panel.inputs.content.value?.id).toBe("b");
    panel.inputs.swap();
    expect(panel.inputs.content.value?.id).toBe("a");
  });

  test("ask for the cost once things have settled", async () => {
    const { panel, host } = await opened();
    host.select(["b", "a"]);
    expect(panel.plan.value).toBeNull();
    await vi.advanceTimersByTimeAsync(800);
    expect(panel.plan.value?.seconds).toBe(12);
  });

  test("a cost that could not be said yet is asked for again; a refusal is not", async () => {
    const { panel, engine } = await opened();
    const plan = vi.spyOn(engine, "plan").mockRejectedValueOnce(new ImpastoError("busy", "The engine is busy."));
    panel.setSetting("strength", 61);
    await vi.advanceTimersByTimeAsync(400);
    expect(plan).toHaveBeenCalledTimes(1);
    expect(panel.plan.value).toBeNull();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(plan).toHaveBeenCalledTimes(2);
    expect(panel.plan.value?.seconds).toBe(12);
    plan.mockRejectedValueOnce(new ImpastoError("bad-picture", "The picture is damaged."));
    panel.setSetting("strength", 62);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(plan).toHaveBeenCalledTimes(3);
  });
});

describe("engines", () => {
  test("the panel works when there is no companion", async () => {
    const { panel, panelEngine } = await running({ kind: "absent" });
    expect(panel.engineKind.value).toBe("panel");
    expect(panelEngine.runs).toHaveLength(1);
  });

  test("a run that starts while the companion is looked for waits for it", async () => {
    const { panel, link, engine } = await opened({ kind: "searching" });
    void panel.run.start();
    await vi.advanceTimersByTimeAsync(300);
    expect(panel.run.phase.value).toBe("running");
    expect(engine.runs).toHaveLength(0);
    link.state.value = { kind: "ready" };
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
  });

  test("continue in this panel takes a run along when the companion is lost", async () => {
    const { panel, link, panelEngine, run } = await running();
    run.listeners.onState?.("lost");
    link.state.value = { kind: "lost", seconds: 3 };
    expect(panel.run.state.value).toBe("lost");
    panel.continueInPanel();
    await vi.waitFor(() => expect(panelEngine.runs).toHaveLength(1));
    expect(run.listeners.signal?.aborted).toBe(true);
    panel.useCompanion();
    expect(link.calls).toContain("retry");
  });
});

describe("settings", () => {
  test("a complete code is sent without another click", async () => {
    const { panel, link } = await opened({ kind: "unpaired", pairing: "open" });
    panel.settingsPage.typeCode("k7qm-2xd");
    panel.settingsPage.typeCode("k7qm-2xd9");
    await vi.waitFor(() => expect(link.state.value.kind).toBe("ready"));
    expect(link.calls.filter((call) => call.startsWith("pair"))).toEqual(["pair k7qm-2xd9"]);
  });

  test("a code that is taken leads back to the tab that it was typed for; one that is not stays", async () => {
    for (const from of ["stylize", "batch"] as const) {
      const { panel, link } = await opened({ kind: "unpaired", pairing: "open" });
      panel.selectTab(from);
      panel.selectTab("settings");
      link.pairResult = new ImpastoError("pairing-failed", "This is not the code that is shown.");
      panel.settingsPage.typeCode("k7qm-2xd8");
      await vi.waitFor(() => expect(panel.settingsPage.pairingError.value).not.toBeNull());
      expect(panel.tab.value).toBe("settings");
      link.pairResult = null;
      panel.settingsPage.typeCode("k7qm-2xd9");
      await vi.waitFor(() => expect(panel.tab.value).toBe(from));
    }
  });

  test("a download tells how far it is, and why it stopped", async () => {
    const { panel, link } = await opened();
    const pulled = panel.settingsPage.pull("vgg19");
    link.pulling?.onProgress({ receivedBytes: 5, totalBytes: 10 });
    expect(panel.settingsPage.pulls.value.vgg19).toEqual({ receivedBytes: 5, totalBytes: 10 });
    link.pulling?.fail(new ImpastoError("download-failed", "Stopped."));
    await pulled;
    expect(panel.settingsPage.pulls.value.vgg19).toBeUndefined();
    expect(panel.settingsPage.pullErrors.value.vgg19?.code).toBe("download-failed");
  });
});
