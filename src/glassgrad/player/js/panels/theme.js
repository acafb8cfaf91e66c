/** Light or dark: as chosen, else as the notebook, the editor or the system has it. */

export const THEMES = ["auto", "light", "dark"];

/** Whether it is dark, by the choice and what the page says: `{notebook, editor, system}`, null for nothing said. */
export function isDark(choice, { notebook = null, editor = null, system = false }) {
  if (choice !== "auto") return choice === "dark";
  return notebook ?? editor ?? system;
}

/** What the page around the player says. */
export function surroundings() {
  const { body } = document;
  const light = body.dataset.jpThemeLight ?? body.dataset.theme;
  const notebook = light === undefined ? null : light === "false" || light === "dark";
  const editor =
    body.classList.contains("vscode-dark") || body.classList.contains("vscode-high-contrast")
      ? true
      : body.classList.contains("vscode-light")
        ? false
        : null;
  return { notebook, editor, system: matchMedia("(prefers-color-scheme: dark)").matches };
}

/** Keep the host's theme as `choice()` and the page have it; returns `{apply, stop}`. */
export function themed(host, choice) {
  const apply = () => host.toggleAttribute("data-dark", isDark(choice(), surroundings()));
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", apply);
  const watcher = new MutationObserver(apply);
  watcher.observe(document.body, { attributes: true, attributeFilter: ["class", "data-theme", "data-jp-theme-light"] });
  apply();
  return {
    apply,
    stop() {
      media.removeEventListener("change", apply);
      watcher.disconnect();
    },
  };
}
