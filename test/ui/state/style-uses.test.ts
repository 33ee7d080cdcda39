// Styles that count in part.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseRecipe } from "../../../companion/protocol/host/layer-types.ts";
import { fakeLayer } from "../panel/fake-host.ts";
import { opened, RESULT, source } from "./open-panel.ts";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe("styles that count in part", () => {
  async function twoStyles() {
    const bench = await opened();
    bench.host.layers.push(fakeLayer("c", source("Scream")));
    bench.host.select(["a", "b", "c"]);
    bench.panel.setSetting("quality", "draft");
    return bench;
  }

  test("stand for their layers in the request and in the result, which is restyled with them", async () => {
    const { panel, host, engine } = await twoStyles();
    panel.inputs.setUse("c", "colors");
    const over = panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    const layersOf = (run: number) => engine.runs[run]?.request.styles.map(({ layers }) => layers);
    expect(layersOf(0)).toEqual([undefined, ["relu1_1", "relu2_1"]]);
    engine.runs[0]?.finish(RESULT);
    await over;
    await panel.run.insert();
    const recipe = parseRecipe(JSON.parse(JSON.stringify(host.inserted[0]?.recipe)));
    expect(recipe?.moreStyles).toEqual([{ layerId: "c", name: "Scream", use: "colors" }]);
    panel.run.back();
    host.layers.push(fakeLayer("made", source("Photo / Painting"), { recipe }));
    host.select(["made"]);
    void panel.restyleSelected();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(2));
    expect(layersOf(1)).toEqual(layersOf(0));
  });

  test("have to leave nothing without a style, and nothing quick knows them", async () => {
    const { panel } = await twoStyles();
    panel.inputs.setUse("b", "strokes");
    panel.inputs.setUse("c", "colors");
    expect(panel.inputs.problem.value).toEqual({ kind: "use-missing", use: "forms" });
    panel.inputs.setUse("b", null);
    expect(panel.inputs.problem.value).toBeNull();
    panel.setSetting("styleLayers", ["relu3_1", "relu4_1"]);
    expect(panel.inputs.problem.value).toEqual({ kind: "use-empty", use: "colors" });
  });

  test("count as a whole where another style is no longer there", async () => {
    const { panel, host } = await twoStyles();
    panel.inputs.setUse("b", "strokes");
    host.select(["a", "b"]);
    expect([panel.inputs.problem.value, panel.inputs.painting.value?.uses]).toEqual([null, [null]]);
  });
});
