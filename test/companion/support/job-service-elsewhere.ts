// Opens job services whose jobs two workers do, behind the same options and the same handle as those that work alone:
// the suites of jobs and batches run on it unchanged.

import type { JobServiceOptions, LocalJobService } from "../../../companion/jobs/job-service.ts";
import { openJobService } from "../../../companion/jobs/job-service.ts";
import type { EngineSupervisor } from "../../../companion/supervisor/supervisor.ts";
import { elsewhereOn, fakeEngines, openFace, startWorker } from "./workers.ts";

export async function openServiceElsewhere(url: string, options: JobServiceOptions): Promise<LocalJobService> {
  const { data = "", engine, childPath = "" } = options;
  const { elsewhere } = await elsewhereOn(url, data);
  const service = await openJobService({ ...options, elsewhere });
  const face = await openFace(service, data);
  const engines: EngineSupervisor[][] = engine ? [[engine]] : [fakeEngines(childPath), fakeEngines(childPath)];
  const agents = await Promise.all(
    engines.map((own, index) => startWorker({ ...face, url, name: `worker ${index + 1}`, engines: own })),
  );
  const close = service.close.bind(service);
  service.close = async () => {
    await Promise.all(agents.map(({ agent }) => agent.close()));
    await face.stop();
    await close();
  };
  return service;
}
