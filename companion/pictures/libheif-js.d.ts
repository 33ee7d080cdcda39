// The part of libheif-js that is used here: the package brings no types for its WebAssembly.

declare module "libheif-js/wasm-bundle.js" {
  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    is_primary(): boolean;
    has_alpha_channel(): boolean;
    /** Fills RGBA of 8 bits; hands null to `done` where it failed. */
    display(
      target: { data: Uint8ClampedArray; width: number; height: number },
      done: (filled: { data: Uint8ClampedArray } | null) => void,
    ): void;
    free(): void;
  }
  export interface HeifDecoder {
    decoder: { delete(): void } | null;
    /** The pictures of the file; empty where it holds none that can be read. */
    decode(bytes: Uint8Array): HeifImage[];
  }
  const libheif: { ready: Promise<unknown>; HeifDecoder: new () => HeifDecoder };
  // biome-ignore lint/style/noDefaultExport: the form that the package has
  export default libheif;
}
