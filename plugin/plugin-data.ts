// What this plugin wrote on a layer or a page, as JSON.

/** Undefined for what is not there; what was damaged, or written by a later version in another form, reads as not there. */
export function readData(node: BaseNode, key: string): unknown {
  const text = node.getPluginData(key);
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
