// A file's bytes on stdout, to the last one or not at all: unlike words, a picture that is lost is told.

import { writeError } from "./files.ts";
import { ImpastoError } from "./protocol/errors.ts";

/** @throws ImpastoError("bad-request") where stdout is a terminal */
export function requireStdoutForFiles(): void {
  if (!process.stdout.isTTY) return;
  throw new ImpastoError("bad-request", "The result would go to the terminal, which shows no pictures.", {
    hint: "Send it into a file or a program: impasto … -o - > out.png",
  });
}

/** @throws ImpastoError disk-full or file-not-writable */
export function writeStdout(bytes: Uint8Array): Promise<void> {
  return new Promise((settle, fail) => {
    process.stdout.write(bytes, (error) => {
      if (error == null) settle();
      else fail(writeError("stdout", error));
    });
  });
}
