// Stands in for the native engine where a test is about the command line alone: a run of 1,000 iterations of 5 ms
// that inverts the content. IMPASTO_FAKE=fail lets it fail, =fallback lets it report one, =hang lets it not stop.

const ITERATION_MS = 5;
const ITERATIONS = 1000;

function losses(iteration) {
  const total = 1 / (1 + iteration);
  return { content: total / 2, style: total / 2, tv: 0, total, contentLayers: {}, styleLayers: {} };
}

function start(request, events) {
  const { width, height, channels, data } = request.content;
  const iterations = process.env.IMPASTO_FAKE === "hang" ? ITERATIONS : (request.settings.iterations ?? ITERATIONS);
  let iteration = 0;
  const end = (stopped) => {
    clearInterval(timer);
    const fallback = process.env.IMPASTO_FAKE === "fallback" ? { fallback: "No GPU here, so the CPU was used." } : {};
    const picture = { width, height, channels, data: data.map((value, i) => (i < 3 * width * height ? 1 - value : value)) };
    events.done({ picture, losses: losses(iteration), iterations: iteration, seconds: 1, device: "fake", stopped, ...fallback });
  };
  const timer = setInterval(() => {
    iteration += 1;
    const shared = { scale: Math.max(width, height), iteration, totalIteration: iteration, losses: losses(iteration) };
    const whole = { scaleIndex: 0, scaleCount: 1, width, height, iterations, totalIterations: iterations };
    const how = { phase: "optimize", fraction: iteration / iterations };
    const time = { secondsElapsed: 0, secondsLeft: 1, device: "fake" };
    events.progress({ ...shared, ...whole, ...how, ...time });
    if (request.trace) events.trace([{ ...shared, seconds: 0.1 }]);
    if (request.snapshotEvery > 0 && iteration % request.snapshotEvery === 0) {
      const plane = width * height;
      // Its shade says which iteration it is of.
      events.snapshot({ iteration, picture: { width, height, channels: 3, data: new Float32Array(3 * plane).fill(iteration / 255) } });
    }
    if (process.env.IMPASTO_FAKE === "fail" && iteration === 3) {
      clearInterval(timer);
      events.failed(Object.assign(new Error("The memory is full."), { code: "out-of-memory", hint: "Take a smaller size." }));
    } else if (iteration >= iterations) end(false);
  }, ITERATION_MS);
  const preview = async () => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(128) });
  return { update() {}, pause() {}, resume() {}, stop: () => process.env.IMPASTO_FAKE !== "hang" && end(true), cancel() {}, preview, checkpoint: async () => null };
}

module.exports = {
  setLibraryPath() {},
  start,
  info: () => ({ onnxruntime: "0.0.0", threads: 1 }),
  gpu: () => ({ names: [], drivers: [], refused: "There is no GPU in a fake." }),
  devices: async () => [{ kind: "cpu", name: "a fake", usable: true, detail: "always there" }],
  plan: async () => ({ width: 1, height: 1, scales: [], peakBytes: 1, seconds: 1, fits: true, largestSize: 1, device: "cpu" }),
  evaluate: async () => ({ content: {}, style: {}, tv_l1: 0, tv_l2: 0 }),
  readNetworkInfo: () => ({ name: "fake", layers: [], widths: [], pooling: null, padding: null, bytes: 0 }),
};
