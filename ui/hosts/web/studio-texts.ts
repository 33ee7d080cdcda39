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
  inWork: "Not inserted yet",
  asContent: "Use as content",
  asStyle: "Use as style",
  holdForOriginal: "Hold for the original",
  everyPixel: "100 %",
  fit: "Fit",
} as const;
