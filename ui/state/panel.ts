// The whole panel without its looks: every signal that the views read and every action that they call.

import { computed, effect, signal, untracked } from "@preact/signals-core";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { SettingName, Settings } from "../../companion/protocol/settings.ts";
import type { EngineCapabilities, StyleEngine } from "../engines/style-engine.ts";
import type { Host, SourcePicture } from "../host.ts";
import { createBatch } from "./batch.ts";
import { createInputs } from "./inputs.ts";
import type { CompanionLink } from "./link.ts";
import { createPreferences } from "./preferences.ts";
import { createRun } from "./run.ts";
import { createSettingsPage } from "./settings-page.ts";
import { createStoredStyles, styleKey } from "./stored-styles.ts";
import { readSide } from "./work-parts.ts";

export const TABS = ["stylize", "batch", "settings"] as const;
export type Tab = (typeof TABS)[number];

/** After the last change of an input or a setting, before the cost is asked for. */
const PLAN_DELAY_MS = 350;
/** The longest wait for the companion before a run goes to the panel's own engine. */
const SETTLE_MS = 5_000;

export interface PanelParts {
  host: Host;
  link: CompanionLink;
  /** The engine inside the panel. */
  panelEngine: StyleEngine;
}

export type Panel = ReturnType<typeof createPanel>;

export function createPanel({ host, link, panelEngine }: PanelParts) {
  const tab = signal<Tab>("stylize");
  /** Whether the sheet with the stored styles lies over the two layers. */
  const pickingStyle = signal(false);
  const preferences = createPreferences(host);
  const styles = createStoredStyles(host);
  const inputs = createInputs(host, preferences, styles);

  /** The link tells its state again and again, with the seconds in it; what follows it waits for another kind. */
  const linkKind = computed(() => link.state.value.kind);

  /** Which engine takes the next run. */
  const engineKind = computed<EngineCapabilities["kind"]>(() => {
    const usable = ["ready", "lost", "starting"].includes(linkKind.value);
    return preferences.value.value.engine === "auto" && usable ? "companion" : "panel";
  });
  const present = (): StyleEngine => (engineKind.value === "companion" ? link.engine : panelEngine);
  const engine = async (): Promise<StyleEngine> => {
    await settled();
    return present();
  };

  /** The first look for the companion takes a moment, and a run that starts meanwhile should have it. */
  function settled(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS);
      const stop = effect(() => {
        const looking = ["searching", "starting"].includes(linkKind.value);
        if (looking && preferences.value.value.engine === "auto") return;
        clearTimeout(timer);
        queueMicrotask(() => stop());
        resolve();
      });
    });
  }
  const capabilities = signal<EngineCapabilities | null>(null);
  const plan = signal<Plan | null>(null);

  const run = createRun({ host, inputs, preferences, styles, engine });
  const batch = createBatch({ host, inputs, preferences, styles, engine });
  const settingsPage = createSettingsPage(link);
  const stops: (() => void)[] = [];

  function followCapabilities(): () => void {
    return effect(() => {
      const asked = engineKind.value;
      if (linkKind.value === "starting" && asked === "companion") return;
      // A GPU that gave up in the middle of a picture is another one afterwards.
      if (asked === "panel") void run.phase.value;
      const ask = present().capabilities();
      ask.then(
        (answer) => {
          if (engineKind.peek() === asked) capabilities.value = answer;
        },
        () => {
          if (engineKind.peek() === asked) capabilities.value = null;
        },
      );
    });
  }

  /** Keeps the expected time and memory up to date; only while nothing runs. */
  function followPlan(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked = 0;
    let read: { key: string; pair: [SourcePicture, SourcePicture] } | null = null;
    const stop = effect(() => {
      const { settings } = preferences.value.value;
      const content = inputs.content.value?.id;
      const style = inputs.style.value?.id;
      const from = engineKind.value;
      const state = linkKind.value;
      clearTimeout(timer);
      asked += 1;
      plan.value = null;
      if (content === undefined || style === undefined || run.phase.value !== "idle") return;
      if (from === "companion" && state !== "ready") return;
      const mine = asked;
      timer = setTimeout(() => void ask(mine, settings), PLAN_DELAY_MS);
    });
    async function ask(mine: number, settings: Settings): Promise<void> {
      const content = inputs.content.peek();
      const style = inputs.style.peek();
      if (content === null || style === null) return;
      try {
        const side = readSide(settings);
        // Reading makes the host work: once for a pair, whatever is set meanwhile. A run reads what is there then.
        const key = JSON.stringify([content.id, content.width, content.height, style.id, side]);
        if (read?.key !== key) read = { key, pair: [await content.read(side), await style.read(side)] };
        if (mine !== asked) return;
        const [contentPicture, stylePicture] = read.pair;
        const answer = await present().plan({
          content: contentPicture,
          styles: [{ picture: stylePicture, weight: 1 }],
          settings,
        });
        if (mine === asked) plan.value = answer;
      } catch {
        // No estimate is shown then; a run says what is wrong.
      }
    }
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  function setSetting<N extends SettingName>(name: N, value: Settings[N]): void {
    if (preferences.value.value.settings[name] === value) return;
    preferences.setSettings({ [name]: value });
    run.settingChanged(name);
  }

  /** A selected result shows the settings it was made with, to be changed before it is restyled. */
  function followRecipe(): () => void {
    let shown: string | null = null;
    return effect(() => {
      if (run.phase.value !== "idle") return;
      const recipe = inputs.recipe.value;
      const id = recipe === null ? null : (inputs.selection.value.layers[0]?.id ?? null);
      if (id === shown) return;
      shown = id;
      if (recipe === null) return;
      // What did the work on another machine says nothing of this one.
      const { device, threads, ...settings } = recipe.settings;
      untracked(() => preferences.setSettings(settings));
    });
  }

  function selectTab(next: Tab): void {
    tab.value = next;
    if (next === "batch" && batch.phase.value === "choosing" && batch.scope.value !== "folder") void batch.list();
  }

  async function restyleSelected(): Promise<void> {
    const recipe = inputs.recipe.value;
    const layer = inputs.selection.value.layers[0];
    const style = inputs.style.value;
    if (recipe === null || layer === undefined) {
      host.notify("Restyle takes one result at a time. Select one that Impasto made.", { error: true });
      return;
    }
    const side = readSide(preferences.value.value.settings);
    const read = (id: string) => host.readPicture(id, { maxSide: side }).catch(() => null);
    const stylePicture =
      (await style?.read(side).catch(() => null)) ?? (recipe.styleKey && (await styles.read(recipe.styleKey)));
    const content = await read(recipe.contentId);
    const from = await read(layer.id);
    if (content === null || !stylePicture || from === null) {
      host.notify("The layers this was made from are gone. Select a layer and a style.", { error: true });
      return;
    }
    await run.restyle(from, {
      content: { ...content, name: recipe.contentName },
      style: { ...stylePicture, name: style?.name ?? recipe.styleName },
      contentId: recipe.contentId,
      styleId: style?.layerId ?? null,
      styleKey: styleKey(stylePicture),
    });
  }

  return {
    host,
    link,
    tab,
    pickingStyle,
    preferences,
    styles,
    inputs,
    run,
    batch,
    settingsPage,
    engineKind,
    capabilities,
    plan,
    settings: computed(() => preferences.value.value.settings),
    setSetting,
    restyleSelected,

    /** Nothing stands in the way of Stylize. */
    canStylize: computed(() => inputs.problem.value === null && !run.active.value),

    /** "Continue in this panel": the companion is left alone until useCompanion. */
    continueInPanel(): void {
      const move = run.phase.value === "running" && engineKind.value === "companion";
      preferences.set({ engine: "panel" });
      if (move) void run.restart();
    },
    useCompanion(): void {
      preferences.set({ engine: "auto" });
      link.retry();
    },
    /** After a failure that the panel's engine can step in for. */
    runInPanel(): Promise<void> {
      preferences.set({ engine: "panel" });
      return run.start();
    },

    selectTab,

    /** Loads what was kept, follows the host, looks for the companion, and does what the panel was opened for. */
    async start(): Promise<void> {
      await Promise.all([preferences.load(), styles.load()]);
      const { command, parameters } = await host.start();
      stops.push(inputs.start(), followCapabilities(), followPlan(), followRecipe(), () => link.stop());
      // After the selection, which would otherwise say more than this style.
      if (parameters.style !== undefined) inputs.choose({ from: "stored", key: parameters.style });
      if (parameters.strength !== undefined) preferences.setSettings({ strength: Number(parameters.strength) });
      link.start();
      stops.push(
        effect(() => {
          if (linkKind.value === "ready") untracked(() => void batch.recover());
        }),
        effect(() => {
          inputs.selection.value;
          const listed = tab.peek() === "batch" && batch.scope.peek() === "selection";
          if (listed) untracked(() => void batch.list());
        }),
      );
      if (command === "settings" || command === "batch") selectTab(command);
      if (command === "restyle") await restyleSelected();
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
