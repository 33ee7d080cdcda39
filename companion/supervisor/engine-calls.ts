// What is asked of the engine's child beside runs: each question until it is answered, also when nobody waits for that
// any more.

import { ImpastoError } from "../protocol/errors.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { ModelToExamine } from "./child-engine.ts";
import { givenUp } from "./engine-errors.ts";
import type { AnswerMessage, CallMessage, CallName, PictureFile, ToChild } from "./messages.ts";

export type CallArgument = RequestOf<PictureFile> | PictureFile | ModelToExamine | string | null;

export interface CallOptions {
  /** Told while the answer is waited for. */
  news?: (value: unknown) => void;
  /** Ends the call with "cancelled". */
  signal?: AbortSignal;
}

interface Call {
  message: CallMessage;
  sent: boolean;
  /** Why nobody waits for it any more. */
  withdrawn: ImpastoError | null;
  news: (value: unknown) => void;
  resolve: (value: unknown) => void;
  reject: (error: ImpastoError) => void;
}

export interface EngineCallsOptions {
  send: (message: ToChild) => void;
  /** A call that was withdrawn so long ago, ms, is still not answered. */
  withdrawMs: number;
  onStubborn: () => void;
}

export class EngineCalls {
  readonly #options: EngineCallsOptions;
  readonly #calls = new Map<number, Call>();
  #next = 1;
  /** Of the last call that was withdrawn: the child gives them up in their order. */
  #patience: { call: number; timer: NodeJS.Timeout } | null = null;

  constructor(options: EngineCallsOptions) {
    this.#options = options;
  }

  get waiting(): boolean {
    return this.#calls.size > 0;
  }

  /** A live picture is asked for, or still being given up. */
  get live(): boolean {
    return [...this.#calls.values()].some(({ message }) => message.name === "live");
  }

  /** Goes to the child with the next sendAll(). Rejects with ImpastoError. */
  ask(name: CallName, argument: CallArgument, { news, signal }: CallOptions): Promise<unknown> {
    const call = this.#next++;
    const message = { type: "call", call, name, argument } as CallMessage;
    const answer = new Promise<unknown>((resolve, reject) => {
      const told = news ?? (() => undefined);
      this.#calls.set(call, { message, sent: false, withdrawn: null, news: told, resolve, reject });
    });
    if (signal === undefined) return answer;
    const withdraw = (): void => this.#withdraw(call, givenUp());
    signal.addEventListener("abort", withdraw);
    return answer.finally(() => signal.removeEventListener("abort", withdraw));
  }

  sendAll(): void {
    for (const call of this.#calls.values()) {
      if (!call.sent) this.#options.send(call.message);
      call.sent = true;
    }
  }

  /** Null: the call goes on, or is not known. */
  hear(message: AnswerMessage): { error: ImpastoError | null } | null {
    const call = this.#calls.get(message.call);
    if (call === undefined) return null;
    if (message.type === "news") {
      call.news(message.value);
      return null;
    }
    this.#calls.delete(message.call);
    if (this.#patience?.call === message.call) this.stopTimer();
    const error = message.type === "refused" ? ImpastoError.fromBody(message.error) : null;
    if (call.withdrawn !== null) call.reject(call.withdrawn);
    else if (message.type === "answer") call.resolve(message.value);
    else if (error !== null) call.reject(error);
    return { error };
  }

  withdrawLive(why: ImpastoError): void {
    for (const [call, { message }] of this.#calls) if (message.name === "live") this.#withdraw(call, why);
  }

  /** Whoever waits hears of the error. */
  end(error: ImpastoError): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(call.withdrawn ?? error);
  }

  stopTimer(): void {
    if (this.#patience !== null) clearTimeout(this.#patience.timer);
    this.#patience = null;
  }

  #withdraw(call: number, why: ImpastoError): void {
    const known = this.#calls.get(call);
    if (known === undefined || known.withdrawn !== null) return;
    known.withdrawn = why;
    if (known.sent) {
      this.#options.send({ type: "withdraw", call });
      this.stopTimer();
      this.#patience = { call, timer: setTimeout(this.#options.onStubborn, this.#options.withdrawMs) };
      return;
    }
    this.#calls.delete(call);
    known.reject(why);
  }
}
