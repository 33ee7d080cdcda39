// The whole panel without its looks: every signal that the views read and every action that they call.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { NotedPicture } from "../../companion/protocol/client.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import { type Preset, withPreset } from "../../companion/protocol/presets.ts";
import type { SettingName, Settings } from "../../companion/protocol/settings.ts";
import type { EngineCapabilities, PastBatch, SourceFile, StyleEngine } from "../engines/style-engine.ts";
import type { Host } from "../host.ts";
import { isModelFile } from "../panel-files.ts";
import { createBatch } from "./batch.ts";
import { createCanvasPreview } from "./canvas-preview.ts";
import { createEngineChoice } from "./engine-choice.ts";
import { createEngineSwitch } from "./engine-switch.ts";
import { createExplore } from "./explore.ts";
import { followHost, followLink } from "./follow-panel.ts";
import { createHistory } from "./history.ts";
import { createInputs } from "./inputs.ts";
import { createKeptStyles } from "./kept-styles.ts";
import type { KnownFrame } from "./known-recipes.ts";
import { createLearning } from "./learning.ts";
import type { CompanionLink } from "./link.ts";
import { createLivePreview } from "./live-preview.ts";
import { createModels } from "./models.ts";
import { createPreferences } from "./preferences.ts";
import { createReadOnce } from "./read-once.ts";
import { restyleSelected } from "./restyle.ts";
import { createRun } from "./run.ts";
import { recipeOf } from "./run-result.ts";
import { createSettingsPage } from "./settings-page.ts";
import { createStaleResults } from "./stale-results.ts";
import { createStoredStyles } from "./stored-styles.ts";
import { createTexture } from "./texture.ts";

const TABS = ["stylize", "batch", "settings"] as const;
export type Tab = (typeof TABS)[number];

export interface PanelParts {
  host: Host;
  link: CompanionLink;
  /** The engine inside the panel. */
  panelEngine: StyleEngine;
  /** False while the page is hidden: nobody sees what would be painted for the eye alone. */
  visible: ReadonlySignal<boolean>;
}

export type Panel = ReturnType<typeof createPanel>;

export function createPanel({ host, link, panelEngine, visible }: PanelParts) {
  const tab = signal<Tab>("stylize");
  /** Whether the sheet with the stored styles lies over the two layers. */
  const pickingStyle = signal(false);
  /** Whether the list of the kept styles is in view. */
  const managingStyles = signal(false);
  /** Whether the sheet with the layers and their roles lies over the live preview. */
  const listingLayers = signal(false);
  /** Whether the overview of keys is in view. */
  const showingKeys = signal(false);
  const preferences = createPreferences(host);
  const styles = createStoredStyles(host);
  const models = createModels({
    preferences,
    shelf: () => (linkKind.value === "ready" ? link.engine.models : null),
  });
  const inputs = createInputs({
    ...{ host, preferences, storedStyles: styles },
    model: models.chosen,
    isForOnePicture: computed(() => tab.value === "stylize"),
  });

  const engines = createEngineChoice(link, panelEngine, preferences);
  const { linkKind, engineKind, engine } = engines;
  const capabilities = signal<EngineCapabilities | null>(null);
  const plan = signal<Plan | null>(null);

  const read = createReadOnce(host);
  const history = createHistory({
    ...{ host, preferences, inputs, styles },
    archive: () => (linkKind.value === "ready" ? link.engine.archive : null),
  });
  const run = createRun({
    ...{ host, inputs, preferences, styles, engine },
    seen: () => live.seenFor(),
    onMade: (made) =>
      history.remember({
        ...made.picture,
        recipe: recipeOf(made),
        isLoose: made.sources.surface !== undefined,
      }),
  });
  const canvasPreview = createCanvasPreview({ host, preferences, run });
  const isInView = computed(() => visible.value && tab.value === "stylize");
  const explore = createExplore({
    ...{ host, engines, capabilities, inputs, preferences, styles, run, read },
    seen: isInView,
    onInserted: history.remember,
  });
  const texture = createTexture({ host, inputs, preferences, run });
  const kept = createKeptStyles({ host, inputs, preferences, styles });
  const stale = createStaleResults({ host, styles, engine });
  const seen = computed(
    () =>
      isInView.value &&
      !explore.isOpen.value &&
      !texture.isOpen.value &&
      !managingStyles.value &&
      !models.isOpen.value &&
      !history.isOpen.value,
  );
  const live = createLivePreview({ engines, capabilities, inputs, preferences, run, read, seen });
  const batch = createBatch({
    ...{ host, inputs, preferences, styles, engine, engineKind, capabilities },
    onPainted: history.remember,
  });
  const learning = createLearning({ host, inputs, preferences, engine, batch });
  const settingsPage = createSettingsPage(link, () => {
    // Who came here for the code goes on with what they came from.
    if (tab.value === "settings") selectTab(workTab);
  });
  let workTab: Tab = "stylize";
  const stops: (() => void)[] = [];

  const restyle = (): Promise<void> => restyleSelected({ host, inputs, preferences, styles, run });

  function setSetting<N extends SettingName>(name: N, value: Settings[N]): void {
    if (preferences.value.value.settings[name] === value) return;
    preferences.setSettings({ [name]: value });
    run.settingChanged(name);
  }

  /** `frames`: what a batch would paint; without any what its scope says. */
  function selectTab(next: Tab, frames: readonly KnownFrame[] = []): void {
    tab.value = next;
    showingKeys.value = false;
    if (next !== "settings") workTab = next;
    if (next !== "batch" || batch.phase.value !== "choosing") return;
    if (frames.length > 0) batch.listKnown(frames);
    else if (batch.scope.value !== "folder") void batch.list();
  }

  return {
    host,
    link,
    tab,
    pickingStyle,
    listingLayers,
    showingKeys,
    preferences,
    styles,
    inputs,
    run,
    live,
    explore,
    history,
    texture,
    stale,
    kept,
    managingStyles,
    models,
    batch,
    learning,
    settingsPage,
    engineKind,
    capabilities,
    plan,
    settings: computed(() => preferences.value.value.settings),
    setSetting,
    /** Null: the defaults. */
    choosePreset(preset: Preset | null): void {
      preferences.setSettings(withPreset(preferences.value.value.settings, preset));
    },
    restyleSelected: restyle,

    /** A batch of before once more, or another one like it: its settings, its style, and its frames where they are known. */
    async repeatBatch(past: PastBatch): Promise<void> {
      const frames = await history.layersOf(past);
      history.takeSettings();
      selectTab("batch", frames);
    },

    /** Nothing stands in the way of Stylize. */
    canStylize: computed(() => inputs.problem.value === null && !run.active.value),

    ...createEngineSwitch({ link, preferences, run, engineKind }),

    selectTab,

    /** Files that were dropped: models, and styles. */
    bringIn(files: readonly File[]): void {
      const [model] = files.filter(isModelFile);
      const styleFiles = files.filter((file) => !isModelFile(file));
      if (styleFiles.length > 0) void kept.bringIn(styleFiles);
      if (model === undefined) return;
      if (run.active.value) {
        host.notify("A picture is in work. Add the model when it is done.", { error: true });
        return;
      }
      if (run.phase.value !== "idle") run.back();
      selectTab("stylize");
      models.open();
      void models.add(model);
    },

    /** A picture that the browser does not read, as one that it does; null where the engine does not read it either. */
    async convert(file: SourceFile): Promise<NotedPicture | null> {
      return (await engine()).convert?.(file) ?? null;
    },

    /** Loads what was kept, follows the host, looks for the companion, and does what the panel was opened for. */
    async start(): Promise<void> {
      await Promise.all([preferences.load(), styles.load(), history.load()]);
      const { command, parameters } = await host.start();
      const followed = { host, engines, capabilities, plan, read, inputs, preferences, styles, run };
      stops.push(
        ...followHost({ ...followed, live, explore, stale, canvasPreview }),
        () => learning.stop(),
        () => link.stop(),
      );
      // After the selection, which would otherwise say more than this style.
      if (parameters.style !== undefined) kept.use({ from: "stored", key: parameters.style });
      if (parameters.strength !== undefined) preferences.setSettings({ strength: Number(parameters.strength) });
      link.start();
      const listsFrames = computed(() => tab.value === "batch" && batch.scope.value === "selection");
      stops.push(...followLink({ engines, inputs, batch, learning, models, listsFrames }));
      if (command === "settings" || command === "batch") selectTab(command);
      if (command === "restyle") await restyle();
      if (command === "repeat" && inputs.problem.value === null) {
        await run.start();
        await run.insert();
      }
    },

    stop(): void {
      for (const stop of stops.splice(0)) stop();
      void preferences.flush();
      run.back();
    },
  };
}
