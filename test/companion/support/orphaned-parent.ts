// A companion that is to be killed: starts a long job and tells its parent the engine child's process id.

import { openTestService, reached, request, submit, upload } from "./job-service.ts";
import { noisePng } from "./pictures.ts";

const [data = "", childPath = ""] = process.argv.slice(2);
const service = await openTestService({ data, childPath });
const content = await upload(service, noisePng(1));
const style = await upload(service, noisePng(2));
const job = await submit(service, request(content, style, { stepSize: 0.2, iterations: 10_000 }));
await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 1);
process.send?.(service.childPid);
