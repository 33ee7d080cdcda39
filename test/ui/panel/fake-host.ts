// A host whose document is a list: what it shows, reads and keeps is up to the test, and every call is recorded.

import type { Command, Host, Insertion, Layer, Selection, SourcePicture } from "../../../ui/host.ts";

export interface FakeLayer extends Layer {
  picture: SourcePicture;
}

export interface FakeHost extends Host {
  layers: FakeLayer[];
  storage: Map<string, unknown>;
  calls: { name: string; value: unknown }[];
  inserted: Insertion[];
  /** Results that are older than their layers. */
  stale: Layer[];
  select(ids: readonly string[], readOnly?: string): void;
  openedWith: Command;
}

export function fakeLayer(id: string, picture: SourcePicture, more: Partial<Layer> = {}): FakeLayer {
  const { name, width, height } = picture;
  return {
    id,
    name,
    width,
    height,
    kind: "photo",
    problem: null,
    recipe: null,
    box: null,
    hasText: false,
    picture,
    ...more,
  };
}

export function createFakeHost(layers: FakeLayer[], more: Partial<Host> = {}): FakeHost {
  let selection: Selection = { layers: [], count: 0, readOnly: null };
  const listeners = new Set<(selection: Selection) => void>();
  const find = (id: string) => host.layers.find((layer) => layer.id === id);
  const record = (name: string, value?: unknown) => host.calls.push({ name, value });

  const host: FakeHost = {
    kind: "figma",
    name: "Figma in a test",
    capabilities: {
      results: "layer",
      keepsPictures: false,
      undo: true,
      canvasPreview: "asked",
      sheets: "layers",
      scopes: ["selection", "page", "all-pages"],
      samples: [],
    },
    layers,
    storage: new Map(),
    calls: [],
    inserted: [],
    stale: [],
    openedWith: "open",

    select(ids, readOnly) {
      const chosen = ids.map((id) => find(id)).filter((layer) => layer !== undefined);
      selection = { layers: chosen.slice(0, 200), count: chosen.length, readOnly: readOnly ?? null };
      for (const listener of listeners) listener(selection);
    },

    start: async () => ({ command: host.openedWith, parameters: {} }),
    onSelection(listener) {
      listeners.add(listener);
      listener(selection);
      return () => listeners.delete(listener);
    },
    thumbnail: async (id) => find(id)?.picture.bytes ?? null,
    async readPicture(id) {
      const layer = find(id);
      if (layer === undefined) throw new Error(`no layer ${id}`);
      return layer.picture;
    },
    colors: async () => [
      { name: "Brand / Navy", color: "#0b1d3a" },
      { name: "Brand / Sun", color: "#f2c14e" },
      { name: "Brand / Coral", color: "#d1495b" },
    ],
    listFrames: async (scope) =>
      scope === "selection" ? selection.layers : host.layers.filter((layer) => layer.kind === "frame"),
    async resultsPage(earlier) {
      record("resultsPage", earlier);
      return earlier ?? "page";
    },
    async insert(results, { page, sheetFollows } = {}) {
      const place = page === undefined ? "" : ` on ${page}`;
      const next = sheetFollows === true ? " with a sheet" : "";
      record("insert", place + next === "" ? results.length : `${results.length}${place}${next}`);
      host.inserted.push(...results);
      host.stale = host.stale.filter(({ id }) => !results.some(({ replaces }) => replaces === id));
      return results.map(({ replaces }, index) => ({ id: replaces ?? `inserted:${index}` }));
    },
    async insertSheet(sheet, page) {
      record("insertSheet", page === undefined ? sheet : { ...sheet, page });
      return sheet.cells.map((_, index) => `cell:${index}`);
    },
    staleResults: async () => host.stale,
    async insertSurface(surface) {
      record("insertSurface", surface);
      return { id: "surface" };
    },
    async insertPicture(picture) {
      record("insertPicture", picture.name);
      return { id: "picture" };
    },
    preview: async (picture) => void record("preview", picture?.name ?? null),
    download: (picture) => record("download", picture.name),
    undo: async () => void record("undo"),
    show: async (id) => void record("show", id),
    load: async (key) => host.storage.get(key),
    save: async (key, value) => void host.storage.set(key, value),
    notify: (message) => record("notify", message),
    resize: (height) => record("resize", height),
    close: () => record("close"),
    ...more,
  };
  return host;
}
