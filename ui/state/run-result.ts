// What is done with a finished picture: insert it, take it back, show its layer, download it.

import { signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { EngineResult } from "../engines/style-engine.ts";
import type { Host, LayerRecipe } from "../host.ts";
import type { RunSources } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";

/** A picture, what it was made from, and the settings that it was made with. */
export interface Made {
  picture: EngineResult;
  sources: RunSources;
  settings: Settings;
}

/** What its layer remembers. */
export function recipeOf({ sources: { content, styleName, styleKey, made }, settings }: Made): LayerRecipe {
  return { version: 1, ...made, contentName: content.name, styleName, styleKey, settings };
}

export function createRunResult(host: Host, made: () => Made | null) {
  const insertedId = signal<string | null>(null);
  const inserting = signal(false);

  function say({ message, hint }: ErrorBody): void {
    host.notify(hint === undefined ? message : `${message} ${hint}`, { error: true });
  }

  return {
    insertedId,
    inserting,

    async insert(): Promise<void> {
      const present = made();
      if (present === null || inserting.value) return;
      const { picture, sources } = present;
      inserting.value = true;
      try {
        const { content, styleName, surface } = sources;
        const { bytes, width, height } = picture;
        const name = `${content.name} / ${styleName}`;
        if (surface !== undefined) {
          const tile = { bytes, width, height };
          const { id } = await host.insertSurface({ ...surface, name, tile });
          if (made()?.picture === picture) insertedId.value = id;
          return;
        }
        const recipe = recipeOf(present);
        const [layer] = await host.insert([{ contentId: recipe.contentId, name, bytes, width, height, recipe }]);
        if (layer !== undefined && "error" in layer) say(layer.error);
        // Meanwhile another picture may have taken its place.
        else if (made()?.picture === picture) insertedId.value = layer?.id ?? null;
      } catch (cause) {
        say(toErrorBody(cause));
      } finally {
        inserting.value = false;
      }
    },

    download(): void {
      const present = made();
      if (present === null) return;
      const { picture, sources } = present;
      host.download({ ...picture, name: `${sources.content.name} – ${sources.styleName}.png` });
    },

    async undo(): Promise<void> {
      try {
        await host.undo();
        insertedId.value = null;
      } catch (cause) {
        say(toErrorBody(cause));
      }
    },

    /** The layer that was inserted. */
    async show(): Promise<void> {
      const id = insertedId.value;
      if (id !== null) await host.show(id).catch((cause) => say(toErrorBody(cause)));
    },
  };
}
