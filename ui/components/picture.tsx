// An encoded picture or a bitmap, drawn into a canvas: no URL is needed, which a host's content policy may forbid.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { toBlob } from "../pictures.ts";

export interface PictureProps {
  bytes: Uint8Array;
  /** Read by screen readers; empty for decoration. */
  label: string;
  /** px, where that is less than the picture has. */
  shown?: { width: number; height: number };
}

export function Picture({ bytes, label, shown }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let gone = false;
    const size: ImageBitmapOptions =
      shown === undefined ? {} : { resizeWidth: shown.width, resizeHeight: shown.height, resizeQuality: "medium" };
    createImageBitmap(toBlob(bytes), size).then(
      (bitmap) => {
        if (!gone && canvas.current) draw(canvas.current, bitmap);
        bitmap.close();
      },
      // What can not be decoded stays an empty tile; reading the layer for a run says why.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [bytes]);
  return <canvas ref={canvas} class="picture" {...described(label)} />;
}

export interface BitmapProps {
  bitmap: ImageBitmap;
  label: string;
}

/** Like Picture, for a bitmap that its owner closes. */
export function Bitmap({ bitmap, label }: BitmapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current && bitmap.width > 0) draw(canvas.current, bitmap);
  }, [bitmap]);
  return <canvas ref={canvas} class="picture" {...described(label)} />;
}

export interface RepeatedProps {
  /** Encoded. */
  tile: { bytes: Uint8Array; width: number; height: number };
  surface: { width: number; height: number };
  label: string;
}

/** A surface that a picture fills by repeating, in small. */
export function Repeated({ tile, surface, label }: RepeatedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let gone = false;
    createImageBitmap(toBlob(tile.bytes)).then(
      (bitmap) => {
        if (!gone && canvas.current) repeat(canvas.current, bitmap, tile, surface);
        bitmap.close();
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [tile, surface]);
  return <canvas ref={canvas} class="picture" {...described(label)} />;
}

/** Sharp on a dense screen at the panel's width. */
const REPEATED_PX = 768;

function repeat(
  canvas: HTMLCanvasElement,
  bitmap: ImageBitmap,
  tile: RepeatedProps["tile"],
  surface: RepeatedProps["surface"],
): void {
  const scale = Math.min(1, REPEATED_PX / Math.max(surface.width, surface.height));
  canvas.width = Math.max(1, Math.round(surface.width * scale));
  canvas.height = Math.max(1, Math.round(surface.height * scale));
  const context = canvas.getContext("2d");
  for (let y = 0; y < surface.height; y += tile.height) {
    for (let x = 0; x < surface.width; x += tile.width) {
      context?.drawImage(bitmap, x * scale, y * scale, tile.width * scale, tile.height * scale);
    }
  }
}

function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
}

function described(label: string) {
  return label === "" ? { "aria-hidden": true } : ({ role: "img", "aria-label": label } as const);
}
