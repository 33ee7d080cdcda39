// The wire format of protocol buffers, as much of it as it takes to look through a file that nobody vouches for: fields
// one after another, lengths held against what is there, nothing copied, and an end to how many fields are looked at.

/** The bytes are no message. */
export class ProtobufError extends Error {}

export type Field =
  | { number: number; kind: "varint"; value: bigint }
  /** A text, a message, packed numbers: a view of the file. */
  | { number: number; kind: "bytes"; bytes: Uint8Array }
  /** Four or eight bytes that nobody here asks for. */
  | { number: number; kind: "fixed" };

/** Counts the fields of a whole file down, nested ones included. */
export interface FieldBudget {
  left: number;
}

const MAX_VARINT_BYTES = 10;

export function* fieldsOf(bytes: Uint8Array, budget: FieldBudget): Generator<Field> {
  let at = 0;

  function varint(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtobufError("It ends in the middle of a number.");
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("A number in it has no end.");
  }

  function take(length: number): Uint8Array {
    if (length > bytes.length - at) throw new ProtobufError("It ends before what it announces.");
    at += length;
    return bytes.subarray(at - length, at);
  }

  while (at < bytes.length) {
    if (--budget.left < 0) throw new ProtobufError("It has too many parts.");
    const tag = varint();
    const number = Number(tag >> 3n);
    if (number === 0 || number > 0x1fff_ffff) throw new ProtobufError("A field in it has an impossible number.");
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, kind: "varint", value: varint() };
        break;
      case 1:
        take(8);
        yield { number, kind: "fixed" };
        break;
      case 2: {
        const length = varint();
        if (length > BigInt(bytes.length)) throw new ProtobufError("It ends before what it announces.");
        yield { number, kind: "bytes", bytes: take(Number(length)) };
        break;
      }
      case 5:
        take(4);
        yield { number, kind: "fixed" };
        break;
      default:
        throw new ProtobufError("A field in it is of no known kind.");
    }
  }
}
