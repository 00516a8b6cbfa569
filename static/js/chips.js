// Several values chosen by typing (WAI-ARIA combobox over a list; the chosen ones stay ticked boxes, drawn as chips).
// Found by data-chips; data-url gives the candidates, data-single keeps one value only. Without this file the chips are
// boxes to untick and « Chercher » asks the server. A choice sends `chips:change`, with what the server says it decides.

const DELAY = 80; // ms of silence before asking
const [TALLEST, SHORTEST, GAP] = [340, 120, 10]; // px, of the list and around it
let serial = 0;

function element(name, attributes = {}, text = "") {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

const CROSS = '<svg class="ror-ic" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6"/></svg>';

class Chips {
  constructor(root) {
    this.root = root;
    this.name = root.dataset.chips;
    this.input = root.querySelector(".ror-tokens-box");
    this.list = root.querySelector("[role=listbox]");
    this.status = root.querySelector("[role=status]");
    this.single = "single" in root.dataset;
    this.lines = root.closest("[data-activites]"); // each choice is a line of its own
    this.options = [];
    this.active = -1;
    root.dataset.ready = "";
    this.input.removeAttribute("name"); // only the search without JavaScript reads it
    this.input.value = "";
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    if (!this.single) this.list.setAttribute("aria-multiselectable", "true");
    for (const chip of root.querySelectorAll(".ror-chip")) this.dress(chip);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("click", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("focusout", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the box
    this.list.addEventListener("click", (event) => this.toggle(event.target.closest("[role=option]")));
    root.querySelector(".ror-tokens").addEventListener("click", (event) => {
      if (event.target === event.currentTarget) this.input.focus();
    });
  }

  // --- What is chosen ---

  chips() { return [...this.root.querySelectorAll(".ror-chip")]; }

  keys() {
    const scope = this.lines ? [...this.lines.querySelectorAll("[data-lines] [data-key]")] : this.chips().map((chip) => chip.querySelector("input"));
    return scope.map((input) => input.value);
  }

  dress(chip) {
    const label = chip.querySelector("span").textContent;
    const box = chip.querySelector("input");
    if (!box.checked) return chip.remove(); // a candidate of the search without JavaScript
    const chosen = element("span", { class: "ror-chip" });
    box.type = "hidden";
    box.removeAttribute("class");
    const cross = element("button", { type: "button", class: "ror-chip-x", "aria-label": `Retirer ${label}` });
    cross.innerHTML = CROSS;
    cross.addEventListener("click", () => this.remove(chosen));
    chosen.append(box, element("span", {}, label), cross);
    chip.replaceWith(chosen);
    return chosen;
  }

  add({ value, label, sets }) {
    if (this.lines) {
      this.lines.dispatchEvent(new CustomEvent("ror:line", { bubbles: true, detail: { value, label, sets } }));
    } else {
      if (this.single) this.chips().forEach((chip) => chip.remove());
      const chip = element("label");
      chip.append(element("input", { type: "checkbox", name: this.name, value }), element("span", {}, label));
      chip.firstChild.checked = true;
      this.input.before(chip);
      this.dress(chip);
    }
    this.changed(`${label} ajouté`, { sets });
  }

  remove(chip) {
    const label = chip.querySelector("span").textContent;
    const next = chip.nextElementSibling;
    chip.remove();
    (next?.querySelector?.(".ror-chip-x") || this.input).focus();
    this.changed(`${label} retiré`, {});
  }

  changed(words, detail) {
    this.status.textContent = words;
    this.root.dispatchEvent(new CustomEvent("chips:change", { bubbles: true, detail: { name: this.name, keys: this.keys(), ...detail } }));
    this.root.dispatchEvent(new Event("input", { bubbles: true })); // for whoever counts or saves
  }

  // --- Candidates ---

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const url = new URL(this.root.dataset.url, location.href);
    url.searchParams.set("q", this.input.value);
    try {
      const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "application/json" } });
      const isJson = answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json");
      if (!isJson) throw new Error("refused");
      const { groups } = await answer.json();
      if (asking === this.asking && document.activeElement === this.input) this.show(groups);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.close();
      this.status.textContent = "Les propositions ne sont pas disponibles : la connexion au ROR est perdue.";
    }
  }

  show(groups) {
    this.move(-1);
    const chosen = new Set(this.keys());
    this.list.replaceChildren(...groups.map((group) => this.drawGroup(group, chosen)));
    this.options = [...this.list.querySelectorAll("[role=option]")];
    const typed = this.input.value.trim();
    if (!this.options.length && typed) this.list.append(element("div", { class: "ror-pop-title" }, `Rien trouvé pour « ${typed} »`));
    this.list.hidden = !this.options.length && !typed;
    if (!this.list.hidden) this.place();
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const n = this.options.length;
    this.status.textContent = n ? `${n} proposition${n > 1 ? "s" : ""}, flèches pour choisir` : "Rien trouvé";
    if (typed && n) this.move(this.options.findIndex((option) => option.getAttribute("aria-selected") === "false"));
  }

  // Under the box, or over it when the bar of the buttons or the end of the window leaves more room there.
  place() {
    const box = this.root.querySelector(".ror-tokens").getBoundingClientRect();
    const floor = Math.min(window.innerHeight, document.querySelector("form .ror-bar")?.getBoundingClientRect().top ?? Infinity);
    const ceiling = Math.max(0, document.querySelector(".ror-form-nav")?.getBoundingClientRect().bottom ?? 0);
    const [below, above] = [floor - box.bottom - GAP, box.top - ceiling - GAP];
    this.list.style.maxHeight = `${TALLEST}px`;
    const isAbove = below < Math.min(TALLEST, this.list.scrollHeight) && above > below;
    this.list.classList.toggle("is-above", isAbove);
    this.list.style.maxHeight = `${Math.max(SHORTEST, Math.min(TALLEST, isAbove ? above : below))}px`;
  }

  drawGroup({ title, options }, chosen) {
    const group = element("div", { role: "group" });
    if (title) {
      const heading = element("div", { role: "presentation", class: "ror-pop-title", id: `chips-${serial++}` }, title);
      group.setAttribute("aria-labelledby", heading.id);
      group.append(heading);
    }
    group.append(...options.map((one) => {
      const isOn = chosen.has(one.value);
      const option = element("div", { role: "option", id: `chips-${serial++}`, "aria-selected": String(isOn) });
      option.choice = one;
      const text = element("span");
      for (const [part, marked] of one.segments) text.append(marked ? element("mark", {}, part) : part);
      option.append(text, element("span", { class: "ror-meta ror-push ror-nowrap" }, isOn ? "✓ choisi" : ""));
      return option;
    }));
    return group;
  }

  move(position) {
    this.options[this.active]?.classList.remove("is-active");
    this.active = position;
    const option = this.options[position];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.classList.add("is-active");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  toggle(option) {
    if (!option) return;
    const { choice } = option;
    const at = this.keys().indexOf(choice.value);
    this.input.value = "";
    this.close();
    if (at < 0) this.add(choice);
    else if (this.single) this.status.textContent = `${choice.label} est déjà choisi`;
    else if (this.lines) this.lines.querySelectorAll("[data-lines] > *")[at].querySelector("[data-remove]").click();
    else this.remove(this.chips()[at]);
    this.input.focus();
  }

  pressed(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const last = this.options.length - 1;
    const { key } = event;
    if (key === "ArrowDown" && !open) this.ask();
    else if (key === "ArrowDown" && open) this.move(this.active < last ? this.active + 1 : 0);
    else if (key === "ArrowUp" && open) this.move(this.active > 0 ? this.active - 1 : last);
    else if (key === "Enter") { if (open && this.active >= 0) this.toggle(this.options[this.active]); } // never sends the form
    else if (key === "Escape" && open) this.close();
    else if (key === "Backspace" && !this.input.value && !this.lines && this.chips().length) this.remove(this.chips().at(-1));
    else return;
    event.preventDefault();
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.move(-1);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

export function enhance(root) {
  for (const one of root.querySelectorAll("[data-chips]:not([data-ready])")) {
    if (!one.closest("template")) new Chips(one);
  }
}
