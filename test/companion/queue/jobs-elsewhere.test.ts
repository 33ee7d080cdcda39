// The suite of jobs, as it is, over a queue with two workers: nothing else may change for who asks.

import { openServicesWith } from "../support/job-service.ts";
import { openServiceElsewhere } from "../support/job-service-elsewhere.ts";
import { startRedis } from "../support/redis.ts";

const redis = await startRedis();
openServicesWith((options) => openServiceElsewhere(redis.url, options));
await import("../jobs/job-service.test.ts");
