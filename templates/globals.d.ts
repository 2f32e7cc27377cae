// What the generated scripts define: colours.js, and the data files in each model's folder.
interface Window {
  headatlas: { light: string; dark: string; data: Record<string, any> };
}
