// Photopea's messaging as people found it: the bridge trusts its own tokens and nothing else.

import { describe, expect, test } from "vitest";
import { type Channel, makeBridge } from "../../../ui/hosts/photopea/bridge.ts";

/** A Photopea that runs each script with `echo`, and may say more than asked. */
function channelOf(answer: (script: string, say: (message: unknown) => void) => void) {
  let listener: (data: unknown) => void = () => {};
  const sent: unknown[] = [];
  const channel: Channel = {
    listen: (added) => {
      listener = added;
    },
    post: (message) => {
      sent.push(message);
      setTimeout(() => typeof message === "string" && answer(message, (data) => listener(data)));
    },
  };
  return { channel, sent };
}

/** Runs the script as Photopea would. */
function run(script: string, say: (message: unknown) => void): void {
  new Function("app", script)({ echoToOE: say });
}

describe("the bridge to Photopea", () => {
  test("waits for its own token through early and repeated dones and pings", async () => {
    const { channel } = channelOf((script, say) => {
      say("done");
      say("MSFAPI#1");
      run(script, say);
      say("done");
      say("done");
    });
    const bridge = makeBridge(channel);
    expect((await bridge.run("reply({a: 1}); reply([2]);")).values).toEqual([{ a: 1 }, [2]]);
    expect((await bridge.run("reply(3);")).values).toEqual([3]);
  });

  test("waits for a file that comes after the script has ended", async () => {
    const { channel } = channelOf((script, say) => {
      run(script, say);
      setTimeout(() => say(new Uint8Array([1, 2, 3]).buffer), 30);
    });
    const { files } = await makeBridge(channel).run("reply(1);", { files: 1 });
    expect(files).toEqual([new Uint8Array([1, 2, 3])]);
  });

  test("runs one script at a time, in order", async () => {
    const order: string[] = [];
    const { channel } = channelOf((script, say) => {
      order.push(script.includes("first") ? "first" : "second");
      setTimeout(() => run(script, say), script.includes("first") ? 40 : 0);
    });
    const bridge = makeBridge(channel);
    const finished: string[] = [];
    await Promise.all([
      bridge.run("reply('first');").then(() => finished.push("first")),
      bridge.run("reply('second');").then(() => finished.push("second")),
    ]);
    expect(order).toEqual(["first", "second"]);
    expect(finished).toEqual(["first", "second"]);
  });

  test("turns a throw inside a script into one sentence, and goes on with the next", async () => {
    const { channel } = channelOf(run);
    const bridge = makeBridge(channel);
    await expect(bridge.run("throw new Error('layer gone');")).rejects.toMatchObject({
      code: "internal",
      message: "Photopea could not do this.",
    });
    expect((await bridge.run("reply(4);")).values).toEqual([4]);
  });

  test("gives up on a Photopea that does not answer", async () => {
    const { channel } = channelOf(() => {});
    await expect(makeBridge(channel, 50).run("reply(1);")).rejects.toThrow("does not answer");
  });

  test("takes no file for its own that a script saved which was given up", async () => {
    const late = new Uint8Array([1]).buffer;
    const own = new Uint8Array([2]).buffer;
    const { channel } = channelOf((script, say) => {
      if (script.includes("slow")) return;
      say(late);
      run(script, say);
      say(own);
    });
    const bridge = makeBridge(channel, 50);
    await expect(bridge.run("reply('slow');", { files: 1 })).rejects.toThrow("does not answer");
    expect((await bridge.run("reply(1);", { files: 1 })).files).toEqual([new Uint8Array(own)]);
  });

  test("carries names with quotes and script in them as plain text", async () => {
    const { channel } = channelOf(run);
    const name = '"); app.echoToOE("owned"); ("';
    const { values } = await makeBridge(channel).run(`reply(${JSON.stringify(name)});`);
    expect(values).toEqual([name]);
  });
});
