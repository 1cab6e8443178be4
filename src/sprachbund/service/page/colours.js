// Colours that the colour-blind can part (Okabe and Ito), and a shape for every eight: 32 languages look different.

const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#b6568f", "#c98a00", "#2f9bd6", "#7a6a00", "#5d6770"];
const DARK = ["#3d9fe0", "#ff8340", "#1fc493", "#e59bc6", "#f0b02a", "#8ccff5", "#efe45a", "#a3adb5"];
const SHAPES = 4;

export const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
export const colour = (number) => (dark() ? DARK : LIGHT)[number % LIGHT.length];
export const shape = (number) => Math.floor(number / LIGHT.length) % SHAPES;
