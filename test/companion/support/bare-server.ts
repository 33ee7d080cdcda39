// What no companion could do without for a frame, as a process, to measure others against: two requests, a picture and
// a commit that survive a power cut. Arguments: folder. Tells over IPC its port, then answers each message with the
// processor's time that it has used.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openDatabase } from "../../../companion/storage/database.ts";
import { createDurably, publish, temporaryPath } from "../../../companion/storage/durable-file.ts";
import { realFileSystem } from "../../../companion/storage/file-system.ts";
import { sha256 } from "./pictures.ts";

const [folder = ""] = process.argv.slice(2);
const database = openDatabase(join(folder, "bare.sqlite"));
database.execute("CREATE TABLE results (sha256 TEXT PRIMARY KEY, told TEXT) STRICT");

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function keep(body: Buffer): Promise<void> {
  const end = body.indexOf("\n");
  const told = JSON.stringify(JSON.parse(body.toString("utf8", 0, end)));
  const picture = body.subarray(end + 1);
  const hash = sha256(picture);
  const path = temporaryPath(folder);
  await createDurably(realFileSystem, path, [picture]);
  await publish(realFileSystem, path, join(folder, hash));
  database.transaction(() => database.run("INSERT OR REPLACE INTO results VALUES (?, ?)", hash, told));
}

const server = createServer((request, response) => {
  void read(request).then(async (body) => {
    if (request.method === "PUT") {
      await keep(body);
      response.writeHead(204).end();
    } else {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(JSON.parse(String(body))));
    }
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
