// impasto networks: list, pull, verify, import, remove, path, normalize.

import { resolve } from "node:path";
import type { Command } from "commander";
import type { Verdict } from "../networks/verify.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { formatBytes } from "./format.ts";
import { addInterruptHelp, watchInterrupts } from "./interrupts.ts";
import { addExamples, addOutputFlags, FORCE_FLAG } from "./program.ts";
import { toNumber } from "./setting-flags.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

interface PullFlags extends OutputOptions {
  from?: string;
  hash?: string;
  full?: boolean;
  fp32?: boolean;
}
interface ImportFlags extends OutputOptions {
  name?: string;
  full?: boolean;
  fp32?: boolean;
}
interface NormalizeFlags extends OutputOptions {
  photos: string;
  out: string;
  force?: boolean;
  size: number;
  max: number;
  fp32?: boolean;
}

export function addNetworks(program: Command): void {
  const networks = program
    .command("networks")
    .summary("fetch, check and manage networks")
    .description(
      "The networks whose features the pictures are compared by: built in, or fetched once into a cache folder.",
    );
  addExamples(networks, [
    "impasto networks list",
    "impasto networks pull vgg19",
    "impasto networks pull vgg19 --from ~/Downloads/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  ]);
  addList(networks);
  addPull(networks);
  addVerify(networks);
  addImport(networks);
  addRemove(networks);
  addPath(networks);
  addNormalize(networks);
}

function addList(networks: Command): void {
  const command = networks
    .command("list")
    .description("Lists what is built in, what is there and what can be fetched.");
  addExamples(addOutputFlags(command), [
    "impasto networks list",
    "impasto networks list --json",
    "IMPASTO_CACHE=/media/usb impasto networks list",
  ]);
  command.action(async (flags: OutputOptions) => {
    const { listNetworks } = await import("../networks/list.ts");
    const terminal = openTerminal(flags);
    const list = await listNetworks();
    terminal.json({ networks: list });
    const states = { embedded: "built in", present: "there", missing: "to be fetched" } as const;
    for (const { name, state, bytes, layers, license } of list) {
      const columns = [
        name.padEnd(18),
        states[state].padEnd(13),
        formatBytes(bytes).padStart(8),
        `to ${layers.at(-1)}`,
        license,
      ];
      terminal.result(columns.join("  "));
    }
  });
}

function addPull(networks: Command): void {
  const command = networks
    .command("pull")
    .description("Fetches a network, checks it and puts it into the cache. Interrupted, it resumes when run again.")
    .argument("<name>", "vgg19, vgg19-torchvision or vgg16")
    .option("--from <url or file>", "another source than the published ones")
    .option("--hash <hex>", "SHA-256 or MD5 that the source must have")
    .option("--full", "keep every convolution (default: conv1_1 to conv5_1)")
    .option("--fp32", "store 32-bit floats (default: 16-bit, half the size)");
  addInterruptHelp(command, "networks pull");
  addExamples(addOutputFlags(command), [
    "impasto networks pull vgg19",
    "impasto networks pull vgg19-torchvision --full --fp32",
    "HTTPS_PROXY=http://proxy:3128 impasto networks pull vgg19",
  ]);
  command.action(async (name: string, flags: PullFlags) => {
    const [{ pullWithProgress }, { layersOfRecord }] = await Promise.all([
      import("./network-pull.ts"),
      import("../networks/store.ts"),
    ]);
    const terminal = openTerminal(flags);
    const { record, path, alreadyThere } = await pullWithProgress(name, flags, terminal);
    terminal.json({ network: record, path, alreadyThere });
    const what = `${name}, ${formatBytes(record.bytes)}, conv1_1 to ${layersOfRecord(record).at(-1)?.replace("relu", "conv")}`;
    terminal.done(alreadyThere ? `Already there: ${what}` : `Fetched and checked: ${what}`);
    terminal.detail(`${path}\nSHA-256 ${record.sha256}\n${record.license}, ${record.source}`);
  });
}

function addVerify(networks: Command): void {
  const command = networks
    .command("verify")
    .description("Checks hash, shapes and values of one network, or of all that are there.")
    .argument("[name]", "all where absent");
  addExamples(addOutputFlags(command), [
    "impasto networks verify",
    "impasto networks verify vgg19",
    "impasto networks verify vgg19 --json",
  ]);
  command.action(async (name: string | undefined, flags: OutputOptions) => {
    const { presentNetworks, verifyNetwork } = await import("../networks/verify.ts");
    const terminal = openTerminal(flags);
    const verdicts: Verdict[] = [];
    const failures: { name: string; error: ImpastoError }[] = [];
    for (const candidate of name === undefined ? await presentNetworks() : [name]) {
      try {
        const verdict = await verifyNetwork(candidate);
        verdicts.push(verdict);
        terminal.result(`${candidate}: good (${formatBytes(verdict.bytes)}, ${verdict.depth} convolutions)`);
        terminal.detail(`${verdict.path}\nSHA-256 ${verdict.sha256}`);
      } catch (error) {
        if (!(error instanceof ImpastoError)) throw error;
        failures.push({ name: candidate, error });
        if (name === undefined) terminal.note(`${candidate}: ${error.message}`);
      }
    }
    const failed = failures.map((failure) => ({ name: failure.name, error: failure.error.toBody() }));
    terminal.json({ verified: verdicts, failed });
    const [first] = failures;
    if (first !== undefined) throw first.error;
  });
}

function addImport(networks: Command): void {
  const command = networks
    .command("import")
    .description("Converts a network file of yours and puts it into the cache.")
    .argument("<file>", "safetensors (Impasto's or torchvision's names) or Keras' HDF5; never a pickle")
    .option("--name <name>", "what to call it (default: the file's name)")
    .option("--full", "keep all convolutions (default: up to conv5_1)")
    .option("--fp32", "store 32-bit floats");
  addExamples(addOutputFlags(command), [
    "impasto networks import my-vgg.safetensors",
    "impasto networks import weights.h5 --name lab --full",
    "impasto networks import my-vgg.safetensors --fp32 --json",
  ]);
  command.action(async (file: string, flags: ImportFlags) => {
    const { importNetwork } = await import("../networks/import-file.ts");
    const terminal = openTerminal(flags);
    const record = await importNetwork(file, flags);
    terminal.json({ network: record });
    terminal.done(`Imported ${record.name}, ${formatBytes(record.bytes)}. Use it with --network ${record.name}.`);
  });
}

function addRemove(networks: Command): void {
  const command = networks
    .command("remove")
    .description("Deletes a network from the cache, and what an interrupted pull left of it.")
    .argument("<name>", "see networks list");
  addExamples(addOutputFlags(command), [
    "impasto networks remove vgg19",
    "impasto networks remove lab",
    "impasto networks remove vgg19 --json",
  ]);
  command.action(async (name: string, flags: OutputOptions) => {
    const [{ removeNetwork }, { isEmbeddedName }] = await Promise.all([
      import("../networks/store.ts"),
      import("../networks/embedded.ts"),
    ]);
    if (isEmbeddedName(name)) throw new ImpastoError("bad-request", `${name} is part of Impasto and stays.`);
    await removeNetwork(name);
    const terminal = openTerminal(flags);
    terminal.json({ removed: name });
    terminal.done(`Removed ${name}.`);
  });
}

function addPath(networks: Command): void {
  const command = networks
    .command("path")
    .description("Prints where a network's file lies, after checking it.")
    .argument("[name]", "see networks list; auto is the one that standard and fine use", "auto");
  addExamples(addOutputFlags(command), [
    "impasto networks path",
    "impasto networks path vgg19-slim",
    'cp "$(impasto networks path vgg19)" .',
  ]);
  command.action(async (name: string, flags: OutputOptions) => {
    const { locateNetwork } = await import("../networks/locate.ts");
    const network = await locateNetwork(name, "standard");
    const terminal = openTerminal(flags);
    if (network.note !== undefined) terminal.note(network.note);
    const { path } = network;
    terminal.json({ name: network.name, path });
    terminal.result(path);
  });
}

function addNormalize(networks: Command): void {
  const command = networks
    .command("normalize")
    .description("Rescales a network's filters so that every channel's mean activation over some photos is 1.")
    .argument("<network>", "a file, or a name from networks list")
    .requiredOption("--photos <folder>", "pictures to measure with")
    .requiredOption("-o, --out <file>", "the rescaled network; replaced whole")
    .option(...FORCE_FLAG)
    .option("--size <px>", "long side to which photos are shrunk", parseCount, 128)
    .option("--max <n>", "at most so many photos", parseCount, 64)
    .option("--fp32", "store 32-bit floats (default: as the network itself)");
  addInterruptHelp(command, "networks normalize");
  addExamples(addOutputFlags(command), [
    "impasto networks normalize vgg19 --photos ~/Pictures -o vgg19-normalized.safetensors",
    "impasto networks normalize my-vgg.safetensors --photos photos -o out.safetensors --size 256",
    "impasto networks normalize vgg19-slim --photos photos -o out.safetensors --max 500 --fp32",
  ]);
  command.action(async (network: string, flags: NormalizeFlags) => {
    const [{ normalizeFile }, { openStatusLine }] = await Promise.all([
      import("../networks/normalize-file.ts"),
      import("./status-line.ts"),
    ]);
    const terminal = openTerminal(flags);
    const abort = new AbortController();
    const interrupts = watchInterrupts(() => abort.abort());
    const line = openStatusLine(process.stderr, flags.quiet ?? false);
    try {
      const { photos } = await normalizeFile(network, {
        ...flags,
        signal: abort.signal,
        onPhoto: (done, total) => line.update(`${done} of ${total} photos measured`, done === total),
      });
      line.end();
      terminal.json({ path: resolve(flags.out), photos });
      terminal.done(`Measured ${photos} photos; wrote ${flags.out}.`);
    } finally {
      line.end();
      interrupts.release();
    }
  });
}

function parseCount(text: string): number {
  const value = toNumber(text);
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new ImpastoError(
    "bad-request",
    `Expected a whole number from 1 to 100000 but received ${JSON.stringify(text)}.`,
  );
}
