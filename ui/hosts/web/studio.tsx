// The studio: a canvas with the pictures on it, and the panel's column beside it.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Picture } from "../../components/picture.tsx";
import { droppedFiles, pickFiles, savePictures } from "./files.ts";
import type { LayerDocument, StudioLayer } from "./layer-document.ts";
import { STUDIO_TEXTS } from "./studio-texts.ts";
import type { WebHost } from "./web-host.ts";

export interface StudioProps {
  layerDocument: LayerDocument;
  host: WebHost;
}

export function Studio({ layerDocument, host }: StudioProps) {
  const { layers, selected } = layerDocument;
  const dragging = useSignal(false);
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
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if (typing || (event.key !== "Delete" && event.key !== "Backspace")) return;
      if (event.target instanceof HTMLElement && event.target.closest(".studio-panel")) return;
      layerDocument.remove(selected.value);
    };
    document.addEventListener("paste", paste);
    document.addEventListener("keydown", keys);
    return () => {
      document.removeEventListener("paste", paste);
      document.removeEventListener("keydown", keys);
    };
  }, [layerDocument]);

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
        <Button onClick={() => void pickFiles().then(add)}>{STUDIO_TEXTS.add}</Button>
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
          <LayerCard key={layer.id} layer={layer} layerDocument={layerDocument} />
        ))}
      </ul>
      <p class="canvas-hint">{STUDIO_TEXTS.hint}</p>
      <Toast host={host} />
    </section>
  );
}

function LayerCard({ layer, layerDocument }: { layer: StudioLayer; layerDocument: LayerDocument }) {
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
        onClick={(event) => {
          if (event.shiftKey || event.metaKey || event.ctrlKey) layerDocument.toggle(layer.id);
          else layerDocument.select([layer.id]);
        }}
      >
        <span class="layer-name">{layer.name}</span>
        <span class="layer-picture">
          <Picture bytes={layer.bytes} label="" />
        </span>
        {chosen && <span class="layer-size">{`${layer.width} × ${layer.height}`}</span>}
      </button>
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
