// One picture in the whole window: fitted or pixel for pixel, dragged about, and the original of a result while a key or the
// button is held.

import type { Signal } from "@preact/signals-core";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button, IconButton } from "../../components/button.tsx";
import { Picture } from "../../components/picture.tsx";
import { TEXTS } from "../../texts.ts";
import type { LayerDocument, StudioLayer } from "./layer-document.ts";
import { STUDIO_TEXTS } from "./studio-texts.ts";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
const SCROLL_PX = 80;

export interface ViewerProps {
  layerDocument: LayerDocument;
  /** Id of the layer in view; null while there is none. */
  viewed: Signal<string | null>;
}

export function Viewer({ layerDocument, viewed }: ViewerProps) {
  const layer = viewed.value === null ? undefined : layerDocument.find(viewed.value);
  return layer === undefined ? null : <View layerDocument={layerDocument} viewed={viewed} layer={layer} />;
}

function View({ layerDocument, viewed, layer }: ViewerProps & { layer: StudioLayer }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const isWhole = useSignal(true);
  const showsOriginal = useSignal(false);
  const original = layer.recipe === null ? undefined : layerDocument.find(layer.recipe.contentId);
  const shown = showsOriginal.value && original !== undefined ? original : layer;

  useLayoutEffect(() => dialog.current?.showModal(), []);

  function step(by: number): void {
    const all = layerDocument.layers.value;
    const next = all[all.findIndex(({ id }) => id === layer.id) + by];
    if (next === undefined) return;
    viewed.value = next.id;
    layerDocument.select([next.id]);
  }

  /** From picture to picture, or about in one that is larger than the window. */
  function arrow([x, y]: readonly [number, number]): void {
    if (isWhole.value) step(x + y);
    else stage.current?.scrollBy(x * SCROLL_PX, y * SCROLL_PX);
  }

  function press(event: KeyboardEvent): void {
    // The panel's own keys mean nothing behind it.
    event.stopPropagation();
    if (event.key === " ") showsOriginal.value = true;
    else if (event.key === "1") isWhole.value = false;
    else if (event.key === "0") isWhole.value = true;
    else if (event.key in ARROWS) arrow(ARROWS[event.key as keyof typeof ARROWS]);
    else return;
    event.preventDefault();
  }

  const size = isWhole.value ? {} : { width: `${layer.width}px`, height: `${layer.height}px` };
  const release = () => {
    showsOriginal.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={layer.name}
      onClose={() => {
        viewed.value = null;
      }}
      onKeyDown={press}
      onPointerMove={(event) => {
        const isHeld = event.buttons === 1 && event.target instanceof Node && stage.current?.contains(event.target);
        if (isHeld) stage.current?.scrollBy(-event.movementX, -event.movementY);
      }}
      onKeyUp={(event) => {
        if (event.key === " ") {
          event.preventDefault();
          release();
        }
      }}
    >
      <header>
        <p class="viewer-name">{shown.name}</p>
        <span class="number">{`${shown.width} × ${shown.height}`}</span>
        {original && (
          <button
            type="button"
            class="button secondary"
            onPointerDown={() => (showsOriginal.value = true)}
            onPointerUp={release}
            onPointerLeave={release}
          >
            {STUDIO_TEXTS.holdForOriginal}
          </button>
        )}
        <Button onClick={() => (isWhole.value = !isWhole.value)}>
          {isWhole.value ? STUDIO_TEXTS.everyPixel : STUDIO_TEXTS.fit}
        </Button>
        <IconButton icon="close" label={TEXTS.close} onClick={() => dialog.current?.close()} />
      </header>
      <div ref={stage} class={isWhole.value ? "viewer-stage" : "viewer-stage pixels"}>
        <div class="viewer-picture" style={size}>
          <Picture bytes={shown.bytes} label={shown.name} />
        </div>
      </div>
    </dialog>
  );
}
