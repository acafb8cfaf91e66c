/**
 * The two entries to the player: `render` for anywidget in a notebook, and a page that starts by itself.
 */

import { App } from "./app.js";
import { h } from "./dom.js";
import graphCss from "./graph.css";
import { learn, speak, t } from "./messages.js";
import { tied } from "./panels/model.js";
import printCss from "./print.css";
import { Session } from "./session.js";
import css from "./style.css";
import { languageFor } from "./view.js";

let sheets = null;

/**
 * Show the player of a document's text inside `el`: `{session, app, destroy}`. If the text is not one, show a message.
 */
function mount(el, text, options) {
  const host = h("div", { class: "glassgrad-player", "data-lm-suppress-shortcuts": "true" });
  host.attachShadow({ mode: "open" });
  sheets ??= [css, graphCss, printCss].map((source) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(source);
    return sheet;
  });
  host.shadowRoot.adoptedStyleSheets = sheets;
  el.append(host);
  const own = options.page ? null : document.documentElement.lang; // a page of its own has no other language around
  speak(languageFor({}, options.search, own));
  try {
    const content = JSON.parse(text);
    const lang = languageFor(content, options.search, own);
    speak(lang);
    host.lang = lang;
    if (options.page) document.documentElement.lang = lang;
    learn(content.messages);
    const session = new Session(content);
    const app = new App(session, host, { ...options, lang });
    return {
      session,
      app,
      destroy() {
        app.destroy();
        host.remove();
      },
    };
  } catch (error) {
    host.shadowRoot.replaceChildren(
      h("p", { role: "alert", class: "ui-error" }, t("app.cannot_start", { error: error.message })),
    );
    console.error(error);
    return { session: null, app: null, destroy: () => host.remove() };
  }
}

/** anywidget's entry: show the model's document in `el`. */
function render({ model, el }) {
  let player = null;
  let untie = () => {};
  const answered = (answers) => {
    model.set("answers", answers);
    model.save_changes();
  };
  const told = () => player?.app?.pythonSays(model.get("message"));
  const start = () => {
    stop();
    player = mount(el, model.get("document"), { answered });
    if (player.session) untie = tied(player.session, model);
    told();
  };
  const stop = () => {
    untie();
    untie = () => {};
    player?.destroy();
    player = null;
  };
  model.on("change:document", start);
  model.on("change:message", told);
  start();
  return () => {
    model.off("change:document", start);
    model.off("change:message", told);
    stop();
  };
}

/** Start on a page that has a document of its own. */
function boot() {
  const text = document.getElementById("glassgrad-document").textContent;
  let main = document.querySelector("main");
  if (!main) {
    main = h("main");
    document.body.append(main);
  }
  document.body.style.margin = "0"; // the page's policy may forbid it a style sheet
  mount(main, text, { page: true, search: location.search });
}

if (globalThis.document?.documentElement.dataset.glassgrad === "page") boot();

export default { render };
