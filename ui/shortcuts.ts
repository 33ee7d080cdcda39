// Keys of single actions. Each stands on the button that it presses (components/button.tsx), works when that button does,
// and is listed in the overview.

import { TEXTS } from "./texts.ts";

export const SHORTCUTS = {
  history: { key: "H", label: TEXTS.history },
  swap: { key: "X", label: TEXTS.keys.swap },
  pickStyle: { key: "S", label: TEXTS.pickStyle },
  texture: { key: "T", label: TEXTS.keys.texture },
  manageStyles: { key: "Y", label: TEXTS.yourStyles },
  models: { key: "M", label: TEXTS.models },
  explore: { key: "E", label: TEXTS.explore },
  live: { key: "L", label: TEXTS.live },
  pause: { key: "P", label: TEXTS.keys.pause },
  again: { key: "C", label: TEXTS.again },
  insert: { key: "I", label: TEXTS.keys.insert },
  download: { key: "D", label: TEXTS.download },
  repaint: { key: "R", label: TEXTS.repaint },
  learn: { key: "A", label: TEXTS.learn(1) },
  bringIn: { key: "B", label: TEXTS.keys.bringIn },
  chooseFolder: { key: "F", label: TEXTS.keys.chooseFolder },
  getNetwork: { key: "G", label: TEXTS.keys.getNetwork },
  connect: { key: "J", label: TEXTS.connectPanel },
  keep: { key: "K", label: TEXTS.keys.keep },
  newBatch: { key: "N", label: TEXTS.batchNew },
  cancel: { key: "Q", label: TEXTS.cancel },
  useNow: { key: "U", label: TEXTS.useNow },
  check: { key: "V", label: TEXTS.settingsCheck },
  where: { key: "W", label: TEXTS.keys.where },
  older: { key: "O", label: TEXTS.older },
  variation: { key: "Z", label: TEXTS.keys.variation },
  keys: { key: "?", label: TEXTS.keys.title },
} as const;
export type Shortcut = keyof typeof SHORTCUTS;

/** What a button says of its key. */
export function keyProps(shortcut: Shortcut | undefined, label: string) {
  if (shortcut === undefined) return { title: label };
  const { key } = SHORTCUTS[shortcut];
  return { title: `${label} (${key})`, "aria-keyshortcuts": key };
}
