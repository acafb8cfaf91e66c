// esbuild gives a style sheet to whoever imports it as text.
declare module "*.css" {
  const text: string;
  export default text;
}
