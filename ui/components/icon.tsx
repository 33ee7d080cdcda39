// 16 px icons in the weight of Figma's own: one-pixel strokes, currentColor.

const PATHS = {
  swap: "M3.5 6h8.5m0 0L9.5 3.5M12 6 9.5 8.5M12.5 10H4m0 0 2.5 2.5M4 10l2.5-2.5",
  chevron: "M5 6.5 8 9.5l3-3",
  back: "M9.5 5 6.5 8l3 3",
  close: "M4.5 4.5l7 7m0-7-7 7",
  check: "M3.5 8.5l3 3 6-7",
  retry: "M12.5 8A4.5 4.5 0 1 1 11 4.6M11.2 2.5v2.4H8.8",
  skip: "M4 4l4 4-4 4m4-8 4 4-4 4",
  plus: "M8 3.5v9M3.5 8h9",
  layer: "M8 3 13 6 8 9 3 6zM3.5 9.2 8 12l4.5-2.8",
  brush:
    "M12.8 3.2c-2.3.8-5 3.2-6 5.1l.9.9c1.9-1 4.3-3.7 5.1-6zM6.2 9c-1.6 0-1.9 1.4-1.9 2.3 0 .6-.6 1-1.3 1 2 1.2 4.8.3 4.6-1.9",
  folder: "M2.5 4.5h4l1.2 1.5h5.8v6.5h-11z",
  page: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  eye: "M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM9.8 8a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0z",
  "eye-off": "M2.5 7.5C3.4 9 5.3 10.6 8 10.6s4.6-1.6 5.5-3.1M3.8 9.4 2.6 11M8 10.8v1.9M12.2 9.4l1.2 1.6",
  download: "M8 3v7m0 0L5.2 7.2M8 10l2.8-2.8M3.5 12.5h9",
  keys: "M2 4.5h12v7H2zM4.5 7h.1M6.8 7h.1M9.1 7h.1M11.4 7h.1M5 9.2h6",
  history: "M3.2 6.2A5.2 5.2 0 1 1 2.8 8.6M3 3v3.3h3.3M8 5.2V8l2 1.6",
  adjust: "M3 5.5h5m3 0h2M3 10.5h2m3 0h5M9.5 4v3M6.5 9v3",
  grid: "M3 3.5h4v4H3zM9 3.5h4v4H9zM3 9.5h4v3H3zM9 9.5h4v3H9z",
  warning: "M8 3 14 13H2zM8 6.8v3M8 11.2v.6",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
