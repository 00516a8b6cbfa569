// Saves a fiche of a dossier while it is typed, and loses nothing: a copy stays in this tab until the ROR has it.
// Found by data-autosave on the form; without this file the same form is saved by its buttons.
import { askLogin, session } from "./relogin.js";

const PAUSE = 2000; // after the last key
const TIMEOUT = 30_000;
const RETRIES = [5, 10, 20, 40, 60]; // seconds
const HEADERS = { Accept: "application/json", "X-Requested-With": "fetch" };
const NOT_TEXT = new Set(["csrfmiddlewaretoken", "version", "base", "champs", "auteur"]);
const BADGES = { a_completer: "", enregistree: "ror-warn", finalisee: "ror-ok" };

const clock = () => new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });

class Autosave {
  constructor(form) {
    this.form = form;
    this.key = `ror-fiche-${form.dataset.user}-${form.dataset.autosave}`;
    this.typed = 0; // counts what was typed; `acknowledged` is how far the ROR has it
    this.acknowledged = 0;
    this.failures = 0;
    this.lostSince = "";
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => this.leaving());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.now(); });
    window.addEventListener("blur", () => this.now());
    window.addEventListener("online", () => this.now());
    this.offer();
    if ("typed" in form.dataset || this.isTyped) this.changed();
    else this.text = this.textOf(this.fields());
  }

  get isWaiting() {
    return this.typed > this.acknowledged;
  }

  // Something was typed or ticked before this file was there.
  get isTyped() {
    return [...this.form.elements].some((field) => (
      field.matches("textarea, input[type=text]") ? field.value !== field.defaultValue
        : field.matches("input[type=checkbox], input[type=radio]") && field.checked !== field.defaultChecked));
  }

  field(name) {
    return this.form.querySelector(`input[type=hidden][name=${name}]`);
  }

  say(words, lost = false) {
    const box = this.form.querySelector("[data-status]");
    if (box.textContent !== words) box.textContent = words;
    box.parentElement.classList.toggle("is-lost", lost);
  }

  // --- Typing ---

  changed() {
    if (this.stopped) return;
    const text = this.textOf(this.fields());
    if (text === this.text) { // a search box, or the « change » that follows what was typed
      if (!this.isWaiting) this.form.dispatchEvent(new Event("ror:saved", { bubbles: true }));
      return;
    }
    this.text = text;
    this.typed += 1;
    this.form.dataset.unsaved = "yes";
    this.store();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), this.lostSince ? Math.max(PAUSE, this.delay()) : PAUSE);
    if (!this.lostSince && !this.busy) this.say("Modifications à enregistrer");
  }

  now() {
    if (!this.isWaiting) return;
    clearTimeout(this.timer);
    this.save();
  }

  delay() {
    return RETRIES[Math.min(this.failures, RETRIES.length) - 1] * 1000;
  }

  // --- Saving: one request at a time ---

  async save() {
    if (this.busy || this.stopped || !this.isWaiting) return;
    this.busy = true;
    const upTo = this.typed;
    const body = new FormData(this.form);
    body.set("autosave", "1");
    if (!this.lostSince) this.say("Enregistrement…");
    try {
      const address = this.form.getAttribute("action") || location.href;
      const answer = await fetch(address, { method: "POST", headers: HEADERS, body, signal: AbortSignal.timeout(TIMEOUT) });
      await this.answered(answer, upTo);
    } catch {
      this.lost();
    } finally {
      this.busy = false;
    }
    if (this.again) {
      this.again = false;
      this.save();
    } else if (this.isWaiting && !this.lostSince && !this.stopped) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), PAUSE);
    }
  }

  async answered(answer, upTo) {
    const isData = (answer.headers.get("Content-Type") || "").includes("application/json");
    const said = isData ? await answer.json() : {};
    if (answer.ok && isData) this.saved(said, upTo);
    else if (answer.status === 401) await this.loggedOut();
    else if (answer.status === 403 && !isData) await this.otherToken();
    else if (answer.status === 409 && said.erreur === "conflit") this.stop("[data-conflict]", said.message);
    else if (answer.status === 409 || answer.status === 403) this.stop("[data-stopped]", said.message);
    else if (answer.status === 404) this.stop("[data-stopped]", "Cette fiche n’est plus dans le dossier.");
    else if (answer.status >= 500 || answer.status === 429) this.lost();
    else this.stop("[data-stopped]", "Le ROR n’a pas pu enregistrer cette saisie.");
  }

  saved(said, upTo) {
    this.field("version").value = said.version;
    this.field("base").value = said.base;
    this.acknowledged = upTo;
    this.failures = 0;
    this.lostSince = "";
    this.refused = false;
    this.showState(said);
    if (this.isWaiting) {
      this.store();
      return;
    }
    this.say(`Enregistré à\u00a0${said.saved_at}`);
    sessionStorage.removeItem(this.key);
    this.form.dispatchEvent(new Event("ror:saved", { bubbles: true }));
  }

  showState(said) {
    this.form.querySelector("[data-missing]").textContent = said.n_missing
      ? ` · ${said.n_missing} point${said.n_missing > 1 ? "s" : ""} à compléter` : "";
    for (const place of document.querySelectorAll("form [data-badge], [data-current] [data-badge]")) {
      const badge = place.querySelector(".ror-badge");
      if (!badge || badge.textContent.trim() === said.state_label) continue;
      badge.className = `ror-badge ${BADGES[said.state]}`;
      badge.querySelector("svg")?.remove();
      badge.textContent = said.state_label;
    }
  }

  // --- What goes wrong ---

  lost() {
    this.failures += 1;
    this.lostSince ||= clock();
    this.say(`Connexion perdue depuis ${this.lostSince} : vos saisies restent sur cette page`, true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), this.delay());
  }

  async loggedOut() {
    this.say("Session terminée : votre texte est gardé sur cette page", true);
    const back = await askLogin(this.form);
    if (!back) {
      this.say("Session terminée : votre texte est gardé sur cette page, il n’est pas enregistré", true);
      this.lostSince ||= clock(); // the next key asks again
      this.failures = RETRIES.length;
      return;
    }
    this.lostSince = "";
    this.failures = 0;
    this.again = true;
  }

  // The token of this form is refused: somebody logged in again in another tab, or the browser forgot its cookies.
  async otherToken() {
    if (this.refused) return this.stop("[data-stopped]", "Le ROR a refusé d’enregistrer.");
    const found = await session(this.form);
    if (!found) return this.loggedOut();
    this.refused = true;
    if (found.isOther) this.stop("[data-stopped]", `Vous êtes connecté avec un autre compte (${found.nom}).`);
    else this.again = true;
  }

  stop(selector, words) {
    this.stopped = true;
    clearTimeout(this.timer);
    const notice = this.form.querySelector(selector);
    notice.querySelector("[data-words]").textContent = words || "";
    notice.hidden = false;
    this.say("Pas enregistré", true);
  }

  // --- The copy in this tab ---

  fields() {
    return [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
  }

  textOf(fields) {
    return JSON.stringify(fields.filter(([name]) => !NOT_TEXT.has(name) && !name.startsWith("chercher")));
  }

  store(more = {}) {
    const copy = { at: clock(), fields: this.fields().filter(([name]) => name !== "csrfmiddlewaretoken"), ...more };
    try {
      sessionStorage.setItem(this.key, JSON.stringify(copy));
    } catch {
      // Full or forbidden: the text is on the page all the same.
    }
  }

  leaving() {
    clearTimeout(this.timer);
    if (this.isWaiting) this.store({ isSent: true });
  }

  // A text of this tab that was never acknowledged: the page was reloaded, or left in spite of the warning.
  offer() {
    const copy = JSON.parse(sessionStorage.getItem(this.key) || "null");
    if (!copy || "typed" in this.form.dataset) return;
    const since = Number(this.field("version").value) - Number(copy.fields.find(([name]) => name === "version")?.[1]);
    const wasSaved = copy.isSent && since > 0 && "mine" in this.form.dataset;
    if (wasSaved || this.textOf(copy.fields) === this.textOf(this.fields())) {
      sessionStorage.removeItem(this.key);
      return;
    }
    const notice = this.form.querySelector("[data-found]");
    notice.querySelector("[data-words]").textContent = `(${copy.at})`;
    notice.hidden = false;
    notice.querySelector("[data-forget]").addEventListener("click", () => {
      sessionStorage.removeItem(this.key);
      notice.hidden = true;
    });
    notice.querySelector("[data-restore]").addEventListener("click", () => this.restore(copy.fields));
  }

  // The server draws the form again on that text; nothing is written before it is saved.
  restore(fields) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = this.form.getAttribute("action");
    const token = ["csrfmiddlewaretoken", this.field("csrfmiddlewaretoken").value];
    for (const [name, value] of [...fields, token, ["reprendre", "1"]]) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
