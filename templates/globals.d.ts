// What the generated script colours.js defines.
interface Window {
  headatlas: { light: string; dark: string };
}
