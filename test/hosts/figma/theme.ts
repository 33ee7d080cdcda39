// Figma's colors as it gives them to a panel that asks for themeColors: variables, and a class on <html>.

export type Theme = "light" | "dark";

const COLORS: Record<string, readonly [light: string, dark: string]> = {
  bg: ["#ffffff", "#2c2c2c"],
  "bg-hover": ["#f5f5f5", "#383838"],
  "bg-secondary": ["#f5f5f5", "#383838"],
  "bg-tertiary": ["#e6e6e6", "#444444"],
  "bg-selected": ["#e5f4ff", "#4a5878"],
  "bg-brand": ["#0d99ff", "#0c8ce9"],
  "bg-success": ["#14ae5c", "#198f51"],
  "bg-danger": ["#f24822", "#e03e1a"],
  text: ["rgba(0, 0, 0, 0.9)", "#ffffff"],
  "text-secondary": ["rgba(0, 0, 0, 0.5)", "rgba(255, 255, 255, 0.7)"],
  "text-tertiary": ["rgba(0, 0, 0, 0.3)", "rgba(255, 255, 255, 0.4)"],
  "text-brand": ["#007be5", "#7cc4f8"],
  icon: ["rgba(0, 0, 0, 0.9)", "#ffffff"],
  border: ["#e6e6e6", "#444444"],
  "border-selected": ["#0d99ff", "#0c8ce9"],
};

export function themeStyle(): string {
  const rule = (index: 0 | 1): string =>
    Object.entries(COLORS)
      .map(([name, values]) => `--figma-color-${name}:${values[index]}`)
      .join(";");
  return `<style>.figma-light{${rule(0)}}.figma-dark{${rule(1)}}</style>`;
}
