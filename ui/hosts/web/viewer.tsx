// Pictures in the whole window: fitted or pixel for pixel, dragged about together; of one alone the original of a result
// while a key or the button is held.

import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals-core";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button, IconButton } from "../../components/button.tsx";
import { Picture } from "../../components/picture.tsx";
import { TEXTS } from "../../texts.ts";
import type { LayerDocument, StudioLayer } from "./layer-document.ts";
import { STUDIO_TEXTS } from "./studio-texts.ts";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
const SCROLL_PX = 80;
/** More are no comparison. */
const MAX_BESIDE = 6;

export interface ViewerProps {
  layerDocument: LayerDocument;
  /** Id of the layer in view; null while there is none. */
  viewed: Signal<string | null>;
}

export function Viewer({ layerDocument, viewed }: ViewerProps) {
  const layer = viewed.value === null ? undefined : layerDocument.find(viewed.value);
  if (layer === undefined) return null;
  const { selected } = layerDocument;
  const beside = selected.value.includes(layer.id) ? selected.value : [layer.id];
  const layers = beside.map((id) => layerDocument.find(id)).filter((one) => one !== undefined);
  return <View layerDocument={layerDocument} viewed={viewed} layer={layer} layers={layers.slice(0, MAX_BESIDE)} />;
}

interface ViewProps extends ViewerProps {
  layer: StudioLayer;
  /** What stands side by side. */
  layers: readonly StudioLayer[];
}

function View({ layerDocument, viewed, layer, layers }: ViewProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const isWhole = useSignal(true);
  const showsOriginal = useSignal(false);
  const isAlone = layers.length === 1;
  const original = !isAlone || layer.recipe === null ? undefined : layerDocument.find(layer.recipe.contentId);
  const title = isAlone ? layer.name : STUDIO_TEXTS.beside(layers.length);
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
    else scrollBy(x * SCROLL_PX, y * SCROLL_PX);
  }

  /** Of several the first; the others follow it. */
  function scrollBy(x: number, y: number): void {
    const scrolled = isAlone ? stage.current : stage.current?.querySelector(".viewer-stage");
    scrolled?.scrollBy(x, y);
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

  const release = () => {
    showsOriginal.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={title}
      onClose={() => {
        viewed.value = null;
      }}
      onKeyDown={press}
      onPointerMove={(event) => {
        const isHeld = event.buttons === 1 && event.target instanceof Node && stage.current?.contains(event.target);
        if (isHeld) scrollBy(-event.movementX, -event.movementY);
      }}
      onKeyUp={(event) => {
        if (event.key === " ") {
          event.preventDefault();
          release();
        }
      }}
    >
      <header>
        <p class="viewer-name">{isAlone ? shown.name : title}</p>
        {isAlone && <span class="number">{`${shown.width} × ${shown.height}`}</span>}
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
      {isAlone ? (
        <div ref={stage} class={isWhole.value ? "viewer-stage" : "viewer-stage pixels"}>
          <PictureIn layer={shown} isWhole={isWhole.value} />
        </div>
      ) : (
        <div ref={stage} class="viewer-beside" onScrollCapture={scrollTogether}>
          {layers.map((one) => (
            <figure key={one.id}>
              <div class={isWhole.value ? "viewer-stage" : "viewer-stage pixels"}>
                <PictureIn layer={one} isWhole={isWhole.value} />
              </div>
              <figcaption class="viewer-name" title={one.name}>
                {one.name}
              </figcaption>
            </figure>
          ))}
        </div>
      )}
    </dialog>
  );
}

function PictureIn({ layer: { bytes, name, width, height }, isWhole }: { layer: StudioLayer; isWhole: boolean }) {
  const size = isWhole ? {} : { width: `${width}px`, height: `${height}px` };
  return (
    <div class="viewer-picture" style={size}>
      <Picture bytes={bytes} label={name} />
    </div>
  );
}

/** At the same share of their ways, as they may be of different sizes. */
function scrollTogether({ target, currentTarget }: Event): void {
  if (!(target instanceof HTMLElement) || !(currentTarget instanceof HTMLElement)) return;
  const across = target.scrollLeft / Math.max(1, target.scrollWidth - target.clientWidth);
  const down = target.scrollTop / Math.max(1, target.scrollHeight - target.clientHeight);
  for (const other of currentTarget.querySelectorAll(".viewer-stage")) {
    if (other === target) continue;
    const left = Math.round(across * (other.scrollWidth - other.clientWidth));
    const top = Math.round(down * (other.scrollHeight - other.clientHeight));
    // What is there already sends no event back.
    if (Math.abs(other.scrollLeft - left) > 1 || Math.abs(other.scrollTop - top) > 1) other.scrollTo(left, top);
  }
}
