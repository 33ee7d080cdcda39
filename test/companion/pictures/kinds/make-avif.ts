// AVIF files with properties that the encoder at hand does not write: nclx, irot, imir, clap.

/** A box of `ipco`. */
export function box(type: string, ...data: Uint8Array[]): Buffer {
  const body = Buffer.concat(data);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

export function nclxBox(primaries: number, transfer: number, matrix: number): Buffer {
  const codes = Buffer.alloc(7);
  codes.writeUInt16BE(primaries, 0);
  codes.writeUInt16BE(transfer, 2);
  codes.writeUInt16BE(matrix, 4);
  codes[6] = 0x80;
  return box("colr", Buffer.from("nclx"), codes);
}

/** Quarters of a turn against the clock. */
export const irotBox = (quarters: number) => box("irot", Buffer.from([quarters]));
/** 0: top and bottom exchanged; 1: left and right. */
export const imirBox = (axis: 0 | 1) => box("imir", Buffer.from([axis]));

/** Cuts width × height out, its middle off the picture's by (x, y) px. */
export function clapBox(width: number, height: number, x: number, y: number): Buffer {
  const fields = Buffer.alloc(32);
  for (const [i, value] of [width, 1, height, 1, x, 1, y, 1].entries()) fields.writeInt32BE(value, 4 * i);
  return box("clap", fields);
}

/** Gives the first item that has properties further ones, in this order. Knows what libheif and libavif write, no more. */
export function withProperties(avif: Buffer, added: readonly Buffer[]): Buffer {
  const at = (type: string) => avif.indexOf(type, 0, "latin1") - 4;
  const [meta, iprp, ipco, ipma, iloc] = [at("meta"), at("iprp"), at("ipco"), at("ipma"), at("iloc")];
  const ipcoEnd = ipco + avif.readUInt32BE(ipco);
  let known = 0;
  for (let i = ipco + 8; i < ipcoEnd; i += avif.readUInt32BE(i)) known += 1;
  const count = ipma + 18;
  const associations = Buffer.from(
    added.map((one, i) => (one.toString("latin1", 4, 8) === "colr" ? 0 : 0x80) | (known + 1 + i)),
  );
  const inserted = Buffer.concat(added);
  const grown = inserted.length + associations.length;
  const bytes = Buffer.from(avif);
  bytes[count] = (bytes[count] as number) + added.length;
  for (const [start, more] of [
    [meta, grown],
    [iprp, grown],
    [ipco, inserted.length],
    [ipma, associations.length],
  ] as const) {
    bytes.writeUInt32BE(bytes.readUInt32BE(start) + more, start);
  }
  moveExtents(bytes, iloc, grown);
  const end = count + 1 + (avif[count] as number);
  return Buffer.concat([
    bytes.subarray(0, ipcoEnd),
    inserted,
    bytes.subarray(ipcoEnd, end),
    associations,
    bytes.subarray(end),
  ]);
}

/** `iloc` of version 0 with four bytes an offset and a length. */
function moveExtents(bytes: Buffer, iloc: number, by: number): void {
  const baseBytes = (bytes[iloc + 13] as number) >> 4;
  let at = iloc + 16;
  for (let item = bytes.readUInt16BE(iloc + 14); item > 0; item--) {
    at += 4;
    if (baseBytes === 4) bytes.writeUInt32BE(bytes.readUInt32BE(at) + by, at);
    at += baseBytes;
    const extents = bytes.readUInt16BE(at);
    at += 2;
    for (let i = 0; i < extents; i++, at += 8) {
      if (baseBytes === 0) bytes.writeUInt32BE(bytes.readUInt32BE(at) + by, at);
    }
  }
}
