// Entry of the process in which a style is learned for the companion, dist/learn-child.js: of its own, so that pictures go
// on being painted meanwhile, and that giving it up needs nobody's consent.

import { serveLearning } from "./learned/serve-learning.ts";

serveLearning();
