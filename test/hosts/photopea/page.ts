// The stand-in as a page: a document with a photograph and a painting, both selected, and the panel in its frame.

import { StandInPhotopea, WORST } from "./stand-in.ts";

export interface PageOptions {
  panelUrl: string;
  content: string;
  style: string;
}

/** A canvas with the picture in it, `width` px wide. */
async function draw(url: string, width: number): Promise<OffscreenCanvas> {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const height = Math.round((bitmap.height * width) / bitmap.width);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

async function start({ panelUrl, content, style }: PageOptions): Promise<void> {
  const photopea = new StandInPhotopea(WORST);
  const document_ = photopea.addDocument("Poster", 200, 160);
  const painting = photopea.addLayer(document_, "Starry Night", await draw(style, 80), 100, 20);
  const photo = photopea.addLayer(document_, "Town", await draw(content, 96), 12, 34);
  painting.selected = true;
  photo.selected = true;
  const frame = document.createElement("iframe");
  Object.assign(frame.style, { width: "340px", height: "640px", border: "0" });
  document.body.append(frame);
  photopea.serve(frame);
  frame.src = panelUrl;
  const describe = () =>
    photopea.documents.map(({ name, layers }) => ({
      name,
      layers: layers.map(({ name: layer, left, top, canvas }) => ({
        name: layer,
        left,
        top,
        width: canvas.width,
        height: canvas.height,
      })),
    }));
  Object.assign(globalThis, { describe });
}

Object.assign(globalThis, { start });
