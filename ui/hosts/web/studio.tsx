// The studio: a canvas with the pictures on it, and the panel's column beside it.

import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Picture } from "../../components/picture.tsx";
import type { CanvasPreview } from "../../host.ts";
import { pressOnCanvas } from "./canvas-keys.ts";
import { CardPicture } from "./card-picture.tsx";
import { droppedFiles, pickPictures, savePictures } from "./files.ts";
import type { LayerDocument, StudioLayer } from "./layer-document.ts";
import { LayerMenu, type MenuItem } from "./layer-menu.tsx";
import { STUDIO_TEXTS } from "./studio-texts.ts";
import { Viewer } from "./viewer.tsx";
import type { WebHost } from "./web-host.ts";

export interface StudioProps {
  /** The picture becomes the panel's content or style; what is chosen for the other stays. */
  useAs(id: string, role: "content" | "style"): void;
  layerDocument: LayerDocument;
  host: WebHost;
}

export function Studio({ layerDocument, host, useAs }: StudioProps) {
  const { layers, selected } = layerDocument;
  const inWork = layerDocument.inWork.value;
  const dragging = useSignal(false);
  const viewed = useSignal<string | null>(null);
  const menu = useSignal<{ id: string; x: number; y: number } | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const chosen = selected.value.map((id) => layerDocument.find(id)).filter((layer) => layer !== undefined);

  async function add(files: readonly File[]): Promise<void> {
    const added = await host.addFiles(files);
    const [first] = added;
    if (first !== undefined) layerDocument.select([...selected.value.slice(-1), first.id]);
  }

  useLayoutEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) void add(files);
    };
    const keys = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest(".studio-panel, dialog, input, textarea")) return;
      if (pressOnCanvas(event, { layerDocument, view: (id) => (viewed.value = id) })) event.preventDefault();
    };
    document.addEventListener("paste", paste);
    document.addEventListener("keydown", keys);
    return () => {
      document.removeEventListener("paste", paste);
      document.removeEventListener("keydown", keys);
    };
  }, [layerDocument]);

  function itemsFor(id: string): MenuItem[] {
    const layer = layerDocument.find(id);
    if (layer === undefined) return [];
    const among = selected.value.includes(id) ? selected.value : [id];
    return [
      { label: STUDIO_TEXTS.view, run: () => (viewed.value = id) },
      { label: STUDIO_TEXTS.asContent, run: () => useAs(id, "content") },
      { label: STUDIO_TEXTS.asStyle, run: () => useAs(id, "style") },
      { label: STUDIO_TEXTS.download(1), run: () => savePictures([layer]) },
      { label: STUDIO_TEXTS.remove, run: () => layerDocument.remove(among) },
    ];
  }

  return (
    <section
      class="canvas"
      aria-label={STUDIO_TEXTS.canvas}
      data-dragging={dragging.value ? "" : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        dragging.value = true;
      }}
      onDragLeave={() => (dragging.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        dragging.value = false;
        if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(add);
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget || event.target === list.current) layerDocument.select([]);
      }}
    >
      <header class="canvas-bar">
        <p class="brand">Impasto</p>
        <Button onClick={() => void pickPictures().then(add)}>{STUDIO_TEXTS.add}</Button>
        <span class="canvas-space" />
        {chosen.length > 0 && (
          <>
            <Button onClick={() => layerDocument.remove(selected.value)}>{STUDIO_TEXTS.remove}</Button>
            <Button onClick={() => savePictures(chosen)}>{STUDIO_TEXTS.download(chosen.length)}</Button>
          </>
        )}
      </header>
      {layers.value.length === 0 && <p class="canvas-empty">{STUDIO_TEXTS.empty}</p>}
      <ul class="canvas-layers" ref={list} aria-label={STUDIO_TEXTS.layers}>
        {layers.value.map((layer) => (
          <Fragment key={layer.id}>
            <LayerCard
              layer={layer}
              layerDocument={layerDocument}
              onView={() => (viewed.value = layer.id)}
              onMenu={(x, y) => (menu.value = { id: layer.id, x, y })}
            />
            {inWork?.contentId === layer.id && <CardInWork picture={inWork} />}
          </Fragment>
        ))}
      </ul>
      <p class="canvas-hint">{STUDIO_TEXTS.hint}</p>
      <Toast host={host} />
      <Viewer layerDocument={layerDocument} viewed={viewed} />
      {menu.value && (
        <LayerMenu
          {...menu.value}
          label={STUDIO_TEXTS.picture}
          items={itemsFor(menu.value.id)}
          onClose={() => (menu.value = null)}
        />
      )}
    </section>
  );
}

interface LayerCardProps {
  layer: StudioLayer;
  layerDocument: LayerDocument;
  onView(): void;
  /** A place in the window, px. */
  onMenu(x: number, y: number): void;
}

function LayerCard({ layer, layerDocument, onView, onMenu }: LayerCardProps) {
  const chosen = layerDocument.selected.value.includes(layer.id);
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (layer.recipe !== null) item.current?.scrollIntoView({ block: "nearest" });
  }, [layer]);
  return (
    <li ref={item} id={layer.id} class="layer-card" style={{ "--ratio": layer.width / layer.height }}>
      <button
        type="button"
        aria-pressed={chosen}
        onDblClick={onView}
        onContextMenu={(event) => {
          event.preventDefault();
          const box = event.currentTarget.getBoundingClientRect();
          // The menu key points nowhere.
          const isKey = event.clientX === 0 && event.clientY === 0;
          onMenu(isKey ? box.x + 16 : event.clientX, isKey ? box.y + 32 : event.clientY);
        }}
        onClick={(event) => {
          if (event.shiftKey || event.metaKey || event.ctrlKey) layerDocument.toggle(layer.id);
          else layerDocument.select([layer.id]);
        }}
      >
        <span class="layer-name">{layer.name}</span>
        <CardPicture layer={layer} />
        {chosen && <span class="layer-size">{`${layer.width} × ${layer.height}`}</span>}
      </button>
    </li>
  );
}

/** Not a layer yet: nothing can be done with it. */
function CardInWork({ picture: { name, bytes, width, height } }: { picture: CanvasPreview }) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => item.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <li ref={item} class="layer-card in-work" style={{ "--ratio": width / height }}>
      <span class="layer-name">{name}</span>
      <span class="layer-picture">
        <Picture bytes={bytes} label={`${STUDIO_TEXTS.inWork}: ${name}`} />
      </span>
      <span class="layer-size">{STUDIO_TEXTS.inWork}</span>
    </li>
  );
}

function Toast({ host }: { host: WebHost }) {
  const toast = host.toast.value;
  return (
    <div class="toast-place" role="status">
      {toast && (
        <p class={toast.error ? "toast error" : "toast"}>
          {toast.message}
          {toast.action && (
            <button type="button" onClick={toast.action.run}>
              {toast.action.label}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
