// Preloaded into a companion under test: of the few ports that companions listen on it asks for none, and takes one that is
// free. So tests do not wait for each other, nor for a companion that the machine's user has.

const { Server } = require("node:net");

const ports = new Set(process.env.IMPASTO_PORTS_OF_OTHERS.split(",").map(Number));
const { listen } = Server.prototype;

Server.prototype.listen = function (options, ...rest) {
  const own = typeof options === "object" && ports.has(options.port) ? { ...options, port: 0 } : options;
  return listen.call(this, own, ...rest);
};
