// impasto models: import, list, show, remove. Networks of others that are styles themselves.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import type { Model } from "../protocol/models.ts";
import { confirm } from "./confirm.ts";
import { formatBytes } from "./format.ts";
import { addExamples, addOutputFlags } from "./program.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

interface ImportFlags extends OutputOptions {
  name?: string;
  descriptor?: string;
  styleNetwork?: string;
  yes?: boolean;
}

export function addModels(program: Command): void {
  const models = program
    .command("models")
    .summary("bring in and manage networks of others that are styles")
    .description(
      "Networks of others that paint a picture in one pass (Johnson, CIN, CycleGAN, AdaIN and the like), as ONNX files. " +
        "Each runs in a process of its own that ends when it takes too much time or memory.",
    );
  addExamples(models, [
    "impasto models import mosaic.onnx",
    "impasto models show mosaic",
    "impasto stylize photo.jpg --model mosaic -o out.png",
  ]);
  addImport(models);
  addList(models);
  addShow(models);
  addRemove(models);
}

function addImport(models: Command): void {
  const command = models
    .command("import")
    .summary("look a file through, try it, and keep it")
    .description(
      "Looks an ONNX file through, finds out how it wants its pixels, shows that, and keeps it. A descriptor says what it " +
        "does not say of itself, as JSON: " +
        '{"content": {"range": [0, 255], "multiple": 4}, "output": {"range": [0, 255]}, "license": "MIT"}. ' +
        "Fields: content, output and style with tensor, layout (nchw, nhwc), order (rgb, bgr), range, mean, std, fixed " +
        "({width, height}) and multiple; controls with kind (weights, index, number), tensor and labels; license; source.",
    )
    .argument("<file>", "the network, an .onnx file of at most 512 MiB without other files beside it")
    .option("--name <name>", "what to call it (default: the file's name)")
    .option("--descriptor <file>", "what is known of it, as JSON; the rest is found by trying")
    .option("--style-network <file>", "the .onnx file that reads a style's picture, where a network comes in two")
    .option("-y, --yes", "take what was found by trying without asking");
  addExamples(addOutputFlags(command), [
    "impasto models import mosaic.onnx",
    "impasto models import mosaic.onnx --name lab --descriptor lab.json --yes",
    "impasto models import transform.onnx --style-network predict.onnx --name any-style",
  ]);
  command.action(async (file: string, flags: ImportFlags) => {
    const [{ examineModel, keepModel }, { describeModel }, { readModel }, { engineInfo }] = await Promise.all([
      import("../models/import-model.ts"),
      import("../models/words.ts"),
      import("../models/store.ts"),
      import("../engine.ts"),
    ]);
    const terminal = openTerminal(flags);
    const given = await readDescriptor(flags.descriptor);
    const source = { file, styleFile: flags.styleNetwork, name: flags.name, given, threads: engineInfo().threads };
    const model = await examineModel(source);
    for (const line of describeModel(model)) terminal.note(line);
    if ((await readModel(model.name)) !== null) terminal.note(`It takes the place of the ${model.name} that is there.`);
    if (model.found.length > 0 && flags.yes !== true) await requireConfirmation(model);
    await keepModel(model, source);
    terminal.json({ model });
    const style = model.descriptor.style === null ? "" : " STYLE";
    terminal.done(
      `Imported ${model.name}, ${formatBytes(model.bytes)}. Use it: impasto stylize CONTENT${style} --model ${model.name} -o out.png`,
    );
  });
}

async function readDescriptor(path: string | undefined) {
  if (path === undefined) return {};
  const [{ parseGiven }, { fileName }, { readJsonFile }] = await Promise.all([
    import("../models/descriptor.ts"),
    import("../files.ts"),
    import("../read-json.ts"),
  ]);
  return parseGiven(await readJsonFile(path, "a descriptor"), fileName(path));
}

/** Some of it is a guess: a person has seen it, or says that this does not matter. */
async function requireConfirmation({ name }: Model): Promise<void> {
  const answer = await confirm("Does that look right? Some of it was found by trying. [Y/n] ");
  if (answer === "yes") return;
  throw new ImpastoError(
    "bad-request",
    answer === "no" ? `${name} was not imported.` : "Some of that was found by trying, and nobody is there to ask.",
    { hint: "Say what is known with --descriptor FILE, or take it as it is with --yes." },
  );
}

function addList(models: Command): void {
  const command = models.command("list").description("Lists the networks of others that are there.");
  addExamples(addOutputFlags(command), [
    "impasto models list",
    "impasto models list --json",
    "IMPASTO_HOME=/media/usb impasto models list",
  ]);
  command.action(async (flags: OutputOptions) => {
    const { listModels } = await import("../models/store.ts");
    const terminal = openTerminal(flags);
    const list = await listModels();
    terminal.json({ models: list });
    if (list.length === 0) terminal.note("There are none yet: impasto models import FILE.onnx brings one in.");
    for (const { name, bytes, descriptor } of list) {
      const takes = descriptor.style === null ? "a style itself" : "takes a style picture";
      terminal.result([name.padEnd(24), formatBytes(bytes).padStart(8), takes, descriptor.license].join("  "));
    }
  });
}

function addShow(models: Command): void {
  const command = models
    .command("show")
    .description("Shows how a network of others is fed, and what can be chosen.")
    .argument("<name>", "see models list");
  addExamples(addOutputFlags(command), [
    "impasto models show mosaic",
    "impasto models show mosaic --json",
    "impasto models show mosaic --verbose",
  ]);
  command.action(async (name: string, flags: OutputOptions) => {
    const [{ requireModel, modelPaths }, { describeModel }] = await Promise.all([
      import("../models/store.ts"),
      import("../models/words.ts"),
    ]);
    const terminal = openTerminal(flags);
    const model = await requireModel(name);
    terminal.json({ model });
    for (const line of describeModel(model)) terminal.result(line);
    terminal.detail(`${modelPaths(name).main}\nSHA-256 ${model.sha256}`);
  });
}

function addRemove(models: Command): void {
  const command = models
    .command("remove")
    .description("Deletes a network of others.")
    .argument("<name>", "see models list");
  addExamples(addOutputFlags(command), [
    "impasto models remove mosaic",
    "impasto models remove mosaic --quiet",
    "impasto models remove mosaic --json",
  ]);
  command.action(async (name: string, flags: OutputOptions) => {
    const { removeModel } = await import("../models/store.ts");
    await removeModel(name);
    const terminal = openTerminal(flags);
    terminal.json({ removed: name });
    terminal.done(`Removed ${name}.`);
  });
}
