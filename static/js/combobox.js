// A text field with suggestions (WAI-ARIA combobox, list autocomplete with manual selection).
// Found by data-combobox="<address of the JSON>"; data-list, data-hidden and data-scope name the listbox, the hidden
// field that keeps the code, and the select that narrows the suggestions; data-adresses, a second address of JSON, asked
// when the first one says the text may be an address. Without this file the field is a plain one.

import { locate } from "./locate.js";

const DELAY = 80; // ms of silence before asking
const MORE_DELAY = 250; // and before asking the service of addresses
const ids = { next: 0 };

class Combobox {
  constructor(input) {
    this.input = input;
    this.list = document.getElementById(input.dataset.list);
    this.hidden = document.getElementById(input.dataset.hidden);
    this.scope = document.getElementById(input.dataset.scope);
    this.icon = input.form.querySelector("template[data-icon]");
    this.status = input.form.querySelector("[data-count]");
    this.options = [];
    this.active = -1;
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) input.setAttribute(name, value);
    if (input.dataset.lat) this.setPoint(input.dataset.lat, input.dataset.lon);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("focusout", () => this.close());
    this.scope?.addEventListener("change", () => { this.hidden.value = ""; });
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
  }

  typed() {
    this.hidden.value = ""; // another text: the chosen code or point means nothing any more
    if (this.input.dataset.adresses) this.setPoint();
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!this.input.value.trim()) return this.close();
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const query = new URLSearchParams({ q: this.input.value, ...(this.scope && { dans: this.scope.value }) });
    try {
      const answer = await fetch(`${this.input.dataset.combobox}?${query}`, {
        signal: asking.signal, headers: { Accept: "application/json" },
      });
      const isJson = answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json");
      const { groups, adresses } = isJson ? await answer.json() : { groups: [] };
      if (asking !== this.asking || document.activeElement !== this.input) return;
      this.show(groups);
      if (adresses) this.timer = setTimeout(() => this.askMore(asking), MORE_DELAY);
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // no network: the typed text can still be sent
    }
  }

  // Addresses come from another service, later or never: below what is already there, which does not move.
  async askMore(asking) {
    try {
      const query = new URLSearchParams({ q: this.input.value });
      const answer = await fetch(`${this.input.dataset.adresses}?${query}`, {
        signal: asking.signal, headers: { Accept: "application/json" },
      });
      const { groups } = answer.ok ? await answer.json() : { groups: [] };
      if (groups.length && asking === this.asking && document.activeElement === this.input) this.show(groups, true);
    } catch (error) {
      if (error.name !== "AbortError") console.info("adresses", error.name); // communes are enough
    }
  }

  show(groups, below = false) {
    if (!below) {
      this.move(-1);
      this.list.replaceChildren();
      this.list.scrollTop = 0;
    }
    this.list.append(...groups.map((group) => this.drawGroup(group)));
    this.options = [...this.list.querySelectorAll("[role=option]")];
    const open = this.options.length > 0;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    const n = this.options.length;
    this.status.textContent = open ? `${n} suggestion${n > 1 ? "s" : ""}, flèches pour choisir` : "Aucune suggestion";
  }

  drawGroup({ title, kind, options }) {
    const group = element("div", { role: "group" });
    const heading = element("div", { role: "presentation", class: "ror-pop-title", id: `pop-${ids.next++}` }, title);
    group.setAttribute("aria-labelledby", heading.id);
    group.append(heading, ...options.map(({ value, label, segments }) => {
      const option = element("div", { role: "option", id: `pop-${ids.next++}`, "aria-selected": "false" });
      Object.assign(option.dataset, { kind, value, label });
      const text = element("span");
      for (const [part, marked] of segments) text.append(marked ? element(kind === "dans" ? "b" : "mark", {}, part) : part);
      if (kind === "dans" && this.icon) option.append(this.icon.content.cloneNode(true));
      option.append(text);
      return option;
    }));
    return group;
  }

  move(position) {
    const previous = this.options[this.active];
    if (previous) { previous.classList.remove("is-active"); previous.setAttribute("aria-selected", "false"); }
    this.active = position;
    const option = this.options[position];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.classList.add("is-active");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  pressed(event) {
    const last = this.options.length - 1;
    const open = !this.list.hidden;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && !open && this.input.value.trim()) this.ask();
    else if (!open) return;
    else if (event.key === "ArrowDown") this.move(this.active < last ? this.active + 1 : 0);
    else if (event.key === "ArrowUp") this.move(this.active > 0 ? this.active - 1 : last);
    else if (event.key === "Home" && this.active >= 0) this.move(0);
    else if (event.key === "End" && this.active >= 0) this.move(last);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.options[this.active]);
    else if (event.key === "Escape") this.close();
    else {
      if (event.key === "Tab" && this.active >= 0) this.choose(this.options[this.active], { submit: false });
      return;
    }
    event.preventDefault();
  }

  choose(option, { submit = true } = {}) {
    if (!option) return;
    const { kind, value, label } = option.dataset;
    if (kind === "dans") this.scope.value = value;
    else if (kind === "adresse") this.place(label, ...value.split(","));
    else [this.input.value, this.hidden.value] = [label, value];
    this.close();
    if (submit && kind !== "ou" && kind !== "adresse") this.input.form.requestSubmit();
  }

  // A point and the text that names it: sent together, forgotten as soon as the text changes.
  place(label, lat, lon) {
    [this.input.value, this.hidden.value] = [label, ""];
    this.setPoint(lat, lon);
  }

  setPoint(lat, lon) {
    for (const [name, value] of [["lat", lat], ["lon", lon]]) {
      const field = this.input.form.elements.namedItem(name);
      if (value === undefined) field?.remove();
      else if (field) field.value = value;
      else this.input.form.append(element("input", { type: "hidden", name, value }));
    }
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.move(-1);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
  }
}

function element(name, attributes = {}, text = "") {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

export function enhance(root) {
  for (const input of root.querySelectorAll("input[data-combobox]:not([role])")) {
    const box = new Combobox(input);
    if (input.dataset.adresses) locate(box);
  }
}
