// A Linux program without what only debuggers read: names of functions and lines, a seventh of Node's binary. They lie behind
// everything that is loaded, so the file is cut there; by itself and not with `strip`, which knows the processors of its
// own machine alone and makes other bytes in every version.

const MAGIC = 0x7f454c46;
/** Offsets in the header of a 64-bit ELF file, little-endian (System V ABI, "ELF Header" and "Program Header"). */
const HEADER = { class: 4, order: 5, segments: 0x20, sections: 0x28, segmentBytes: 0x36, segmentCount: 0x38 };
const SECTION_COUNT_AND_NAMES = [0x3c, 0x3e];
const SEGMENT = { offset: 0x08, fileBytes: 0x20 };

/** The program's bytes up to the end of what the system loads, with no table of sections. */
export function withoutSymbols(program) {
  if (program.readUInt32BE(0) !== MAGIC || program[HEADER.class] !== 2 || program[HEADER.order] !== 1) {
    throw new Error("This is no 64-bit Linux program.");
  }
  const first = Number(program.readBigUInt64LE(HEADER.segments));
  const size = program.readUInt16LE(HEADER.segmentBytes);
  const ends = Array.from({ length: program.readUInt16LE(HEADER.segmentCount) }, (_, i) => {
    const at = (field) => Number(program.readBigUInt64LE(first + i * size + field));
    return at(SEGMENT.offset) + at(SEGMENT.fileBytes);
  });
  const kept = Buffer.from(program.subarray(0, Math.max(...ends)));
  kept.writeBigUInt64LE(0n, HEADER.sections);
  for (const field of SECTION_COUNT_AND_NAMES) kept.writeUInt16LE(0, field);
  return kept;
}
