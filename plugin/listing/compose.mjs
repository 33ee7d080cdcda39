// Makes the pictures that plugin galleries show: Figma's icon and cover from a result of ours, Photopea's icon.
// Usage: impasto stylize ui/hosts/web/samples/tubingen.jpg ui/hosts/web/samples/starry-night.jpg -o result.png --size 1024
//        node plugin/listing/compose.mjs result.png

import { join } from "node:path";
import sharp from "sharp";

const ROOT = join(import.meta.dirname, "..", "..");
const PHOTO = join(ROOT, "ui/hosts/web/samples/tubingen.jpg");
const COVER = { width: 1920, height: 1080 };
/** Where the photograph ends and the painting begins, px. */
const SEAM = 860;
/** The brush stroke of the pages' icon, on a 16 px grid. */
const STROKE = "M3 10.5c2-4 3.5-5 4.5-3s-1 4 1 3.5 2.5-3.5 4.5-4.5";

const svg = (width, height, content) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`);
const stroke = (color, width, shadow = "") =>
  `<path d="${STROKE}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" ${shadow}/>`;

async function makeIcon(result) {
  const mark = svg(
    128,
    128,
    `<g transform="scale(8)">${stroke("#0b1e4d", 3.4, 'opacity=".55"')}${stroke("#fff", 2.2)}</g>`,
  );
  const { width = 0, height = 0 } = await sharp(result).metadata();
  const side = Math.round(height * 0.42);
  await sharp(result)
    .extract({ left: Math.round(width * 0.52), top: Math.round(height * 0.02), width: side, height: side })
    .resize(128, 128)
    .modulate({ saturation: 1.15 })
    .composite([{ input: mark }])
    .png({ compressionLevel: 9 })
    .toFile(join(import.meta.dirname, "icon.png"));
}

/** The same view twice, photograph and painting, with the name on a band below. */
async function makeCover(result) {
  const { width, height } = COVER;
  const fill = (file) => sharp(file).resize(width, height, { fit: "cover", position: "top" });
  const photo = await fill(PHOTO).extract({ left: 0, top: 0, width: SEAM, height }).toBuffer();
  const label = (x, y, size, weight, text) =>
    `<text x="${x}" y="${y}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="${size}" font-weight="${weight}" fill="#fff">${text}</text>`;
  const words = svg(
    width,
    height,
    `<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#050b1e" stop-opacity="0"/>
    <stop offset=".55" stop-color="#050b1e" stop-opacity=".82"/><stop offset="1" stop-color="#050b1e" stop-opacity=".9"/></linearGradient></defs>
    <rect y="${height - 460}" width="${width}" height="460" fill="url(#g)"/>
    <rect x="${SEAM - 3}" width="6" height="${height - 290}" fill="#fff"/>
    <circle cx="${SEAM}" cy="400" r="34" fill="#fff"/>
    <path d="M${SEAM - 8} 388l-12 12 12 12M${SEAM + 8} 388l12 12-12 12" fill="none" stroke="#1b2b55" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>
    ${label(110, height - 150, 132, 700, "Impasto")}
    ${label(114, height - 80, 44, 400, "Paint one layer in the manner of another, on your own computer")}`,
  );
  await fill(result)
    .composite([{ input: photo, left: 0, top: 0 }, { input: words }])
    .png({ palette: true, quality: 92, effort: 10 })
    .toFile(join(import.meta.dirname, "cover.png"));
}

/** Black on transparent: Photopea gives it the color of its theme. */
async function makePhotopeaIcon() {
  const mark = svg(40, 40, `<g transform="scale(2.5)">${stroke("#000", 2.2)}</g>`);
  await sharp(mark).png({ compressionLevel: 9 }).toFile(join(ROOT, "ui/hosts/photopea/icon.png"));
}

const result = process.argv[2];
if (result === undefined) throw new Error("Name the picture that `impasto stylize` wrote.");
await makePhotopeaIcon();
await makeIcon(result);
await makeCover(result);
