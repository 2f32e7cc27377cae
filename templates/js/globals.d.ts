// What the generated scripts define: the colours before each bundle, and the data files in each model's folder.
interface Window {
  headatlas: { light: string; dark: string; data: Record<string, unknown> };
}
