// The mistakes that `npm run lint` finds. The layout of the code is prettier's.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    rules: {
      complexity: ["error", 24],
      curly: ["error", "multi-line"],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  { ignores: ["tests/**"], languageOptions: { globals: globals.browser } },
  {
    files: ["panels/**"],
    rules: { "max-lines-per-function": "off" }, // A panel is one function around its state.
  },
  {
    files: ["tests/**"],
    languageOptions: { globals: globals.node },
    rules: {
      "max-lines-per-function": "off",
      "no-loss-of-precision": "off", // Expected values are written with all the digits that mpmath gives.
    },
  },
];
