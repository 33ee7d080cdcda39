// Entry of an engine child with the fake engine; its file system fails on order, or keeps a journal.

import { appendFileSync } from "node:fs";
import { realFileSystem } from "../../../companion/storage/file-system.ts";
import { serveEngine } from "../../../companion/supervisor/child-loop.ts";
import { fakeEngine } from "./fake-engine.ts";
import { encodeEvent, orderedFileSystem, recordingFileSystem } from "./file-systems.ts";

const { IMPASTO_TEST_FAILURES: orders, IMPASTO_TEST_JOURNAL: journal } = process.env;
const failing = orders === undefined ? realFileSystem : orderedFileSystem(orders);
const fileSystem =
  journal === undefined
    ? failing
    : recordingFileSystem((event) => appendFileSync(journal, `${JSON.stringify(encodeEvent(event))}\n`), failing);
serveEngine(fakeEngine, fileSystem);
