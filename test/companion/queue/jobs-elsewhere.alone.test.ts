// The suite of jobs, as it is, over a queue with two workers: nothing else may change for who asks. Alone, since a module
// that another file has loaded before in the same process would bring no tests along.

import { afterAll } from "vitest";
import { openServicesWith } from "../support/job-service.ts";
import { openServiceElsewhere } from "../support/job-service-elsewhere.ts";
import { startRedis } from "../support/redis.ts";

const redis = await startRedis();
// Before the suite is there, whose own end comes first then: the server goes last.
afterAll(() => redis.stop());
openServicesWith((options) => openServiceElsewhere(redis.url, options));
await import("../jobs/job-service.test.ts");
