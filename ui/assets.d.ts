// Files that the build puts into the bundle as bytes.

declare module "*.jpg" {
  const bytes: Uint8Array;
  // biome-ignore lint/style/noDefaultExport: the form that the bundler gives a file
  export default bytes;
}

declare module "*.css";
