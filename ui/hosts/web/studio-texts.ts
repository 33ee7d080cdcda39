// The words of the studio around the panel.

export const STUDIO_TEXTS = {
  canvas: "Canvas",
  layers: "Pictures",
  add: "Add pictures…",
  remove: "Remove",
  download: (count: number) => (count === 1 ? "Download" : `Download ${count}`),
  empty: "Drop two pictures here: one to paint over, one whose style you like.",
  hint: "Drop or paste pictures anywhere, or drop a folder. Shift-click selects a second one, Space looks closer.",
  picture: "Picture",
  view: "Look closer",
  keys: [
    ["← → ↑ ↓", "From picture to picture"],
    ["Shift", "One more, with click or arrow"],
    ["Ctrl or ⌘ A", "Select all"],
    ["Delete", "Remove"],
    ["Ctrl or ⌘ Y", "Redo"],
    ["Space", "Look closer; again: the original"],
    ["1, 0", "There: 100 %, or fitted"],
    ["Shift F10", "Menu"],
  ],
  inWork: "Not inserted yet",
  asContent: "Use as content",
  asStyle: "Use as style",
  holdForOriginal: "Hold for the original",
  everyPixel: "100 %",
  fit: "Fit",
} as const;
