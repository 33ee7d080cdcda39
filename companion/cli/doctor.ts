// impasto doctor: what stands on this machine, for its user and, as a text without names, for support.

import type { Command } from "commander";
import { ageOf } from "../build-date.ts";
import type { DoctorReport, NetworkReport } from "../doctor.ts";
import { EXIT } from "./exit-codes.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { print } from "./output.ts";
import { printable, printableJson } from "./printable.ts";
import { addExamples } from "./program.ts";

interface Flags {
  json?: boolean;
  report?: boolean;
  measure?: boolean;
}

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .summary("show versions, devices, networks and what would be used")
    .description("Looks at everything that a run needs, tries every device, and says what `auto` would choose and why.")
    .option("--measure", "measure the GPU again, though its verdict is known")
    .option("--json", "print everything as one JSON object")
    .option("--report", "print a text for support: no names, no pictures, no folders of yours")
    .option("-v, --verbose", "print the technical side of errors");
  addExamples(command, [
    "impasto doctor",
    "impasto doctor --report > report.txt",
    "impasto doctor --json | jq .devices",
  ]);
  command.action(async (flags: Flags) => {
    const { examine, withoutHome } = await import("../doctor.ts");
    const report = await examine({ measure: flags.measure ?? false });
    const text = flags.json ? printableJson(report, 2) : printable(describe(report).join("\n"));
    print(flags.report ? withoutHome(text) : text);
    if (report.checks.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
  });
}

function memoryWords({ freeBytes, totalBytes }: DoctorReport["memory"]): string {
  if (freeBytes !== null) return `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} memory free`;
  const total = totalBytes > 0 ? `${formatBytes(totalBytes)} memory; the` : "The";
  return `${total} system does not say how much of it is free`;
}

function describe({ versions, checks, devices, gpu, networks, memory, folders, auto }: DoctorReport): string[] {
  const { impasto, built = "", node, onnxruntime, sharp, libvips, platform } = versions;
  return [
    `Impasto ${impasto} on ${platform}, ${describeBuild(built)}`,
    `  Node ${node}, ONNX Runtime ${onnxruntime}, sharp ${sharp} with libvips ${libvips}`,
    `  ${memoryWords(memory)}`,
    "",
    "Devices",
    ...devices.map(
      ({ kind, name, usable, detail }) => `  ${usable ? "yes" : "no "} ${kind.padEnd(7)} ${name}. ${detail}`,
    ),
    ...describeVerdict(gpu),
    "",
    "Networks",
    ...networks.flatMap(describeNetwork),
    "",
    "Folders",
    ...folders.map(
      ({ holds, path, writable, detail }) => `  ${writable ? "yes" : "no "} ${holds}: ${path ?? "nowhere"}. ${detail}`,
    ),
    "",
    ...(auto === null
      ? []
      : [
          `With the default settings: ${auto.device}, network ${auto.network}`,
          `  ${auto.why}`,
          `  a photo at 512 px takes about ${formatSeconds(auto.seconds)} and ${formatBytes(auto.peakBytes)}`,
          "",
        ]),
    ...checks
      .filter(({ ok }) => !ok)
      .map(({ name, detail, hint }) => `PROBLEM ${name}: ${detail} ${hint ?? ""}`.trim()),
    checks.every(({ ok }) => ok) ? "Everything that a run needs is there." : "A run needs what is named above.",
  ];
}

function describeBuild(date: string): string {
  return Number.isNaN(Date.parse(date)) ? "built at an unknown time" : `built ${ageOf(date)} (${date})`;
}

function describeVerdict(gpu: DoctorReport["gpu"]): string[] {
  if (gpu === null || gpu.from === "refused") return [];
  const day = new Date(gpu.measuredAt).toISOString().slice(0, 10);
  const origin =
    gpu.from === "measured" ? "measured just now" : `measured on ${day}; impasto doctor --measure does it again`;
  return [`      the GPU was ${origin}`];
}

function describeNetwork(network: NetworkReport): string[] {
  const { name, state, problem, bytes, deepest, widths, precision, sha256, source, license, note } = network;
  if (problem !== undefined) return [`  no  ${name} (${state}): ${problem}`];
  if (state === "missing") return [`  no  ${name}: ${note}. Get it with: impasto networks pull ${name}`];
  return [
    `  yes ${name} (${state}): ${formatBytes(bytes)} ${precision}, to ${deepest}, sha256 ${sha256?.slice(0, 16)}…`,
    `      channels ${widths.join(" ")}`,
    ...[note, source && `${source}. License: ${license}`].filter((line) => line !== "").map((line) => `      ${line}`),
  ];
}
