// What every runtime that imports the protocol has (Node, browsers, Figma's main thread's types aside),
// declared here because the leaf is compiled without DOM and Node types.

interface AbortSignal {
  readonly aborted: boolean;
}
