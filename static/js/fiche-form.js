// The form of a fiche: lines added and removed, counters, levels, unsaved text. Found by data-fiche-form; each page puts
// it in its own <form data-unsaved>, and says `ror:saved` on that form when a save was acknowledged.
// Without this file the same buttons ask the server, which draws the form again.
import { enhance } from "./chips.js";
import { refreshDay, suggestStart } from "./planning.js";
import "./unsaved.js";

const MEDICO_SOCIAL = "TRE_R227|04";

function announce(from, words) {
  const box = from.closest("[data-fiche-form]")?.querySelector("[data-announce]");
  if (box) box.textContent = words;
}

function uid() {
  return crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "") : Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
}

// --- Lines ---

function addLine(list, name = "") {
  const templates = [...list.children].filter((node) => node.tagName === "TEMPLATE");
  const template = templates.find((one) => (one.dataset.name || "") === name) || templates[0];
  const lines = list.querySelector(":scope > [data-lines]");
  const box = document.createElement(lines.tagName);
  box.innerHTML = template.innerHTML.replaceAll(template.dataset.placeholder, uid());
  const line = box.firstElementChild;
  // A line that holds lines (a contact) brings its first one, which takes a uid too.
  for (const below of line.querySelectorAll("[data-lines]")) below.innerHTML = below.innerHTML.replaceAll("__uid1__", uid());
  lines.append(line);
  enhance(line);
  return line;
}

function firstControl(node) {
  return node?.querySelector("input:not([type=hidden]), select, textarea, button:not([data-remove])");
}

function added(button) {
  const list = button.closest("[data-list]");
  const line = addLine(list, button.dataset.add);
  const day = list.closest("[data-day]");
  if (day) suggestStart(line);
  const contact = line.closest("[data-contact]");
  if (contact && line !== contact) raise(contact);
  firstControl(line)?.focus();
  announce(button, "Ligne ajoutée");
  if (day) refreshDay(day);
}

function removed(button) {
  const line = button.closest("[data-line]");
  const next = line.nextElementSibling || line.previousElementSibling;
  const list = line.closest("[data-list]");
  const day = line.closest("[data-day]");
  line.remove();
  const target = firstControl(next) || list.querySelector("[data-add], .ror-tokens-box");
  target?.focus();
  announce(list, `${button.dataset.remove[0].toUpperCase()}${button.dataset.remove.slice(1)} : retiré`);
  if (day) refreshDay(day);
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- What a choice decides ---

function setSelect(form, name, value) {
  const select = form.elements[name];
  if (!select || select.tagName !== "SELECT") return;
  if (value) select.value = value;
  select.classList.toggle("is-fixed", Boolean(value));
  for (const option of select.options) option.disabled = Boolean(value) && option.value !== value;
  select.title = value ? "Fixé par le type d’UO" : "";
}

function showFamilies(form) {
  const champ = form.elements.champ_activite;
  if (!champ || champ.tagName !== "SELECT") return;
  for (const famille of form.querySelectorAll("[data-famille]")) famille.hidden = champ.value !== MEDICO_SOCIAL;
}

document.addEventListener("chips:change", ({ target, detail }) => {
  const form = target.closest("form");
  if (detail.name !== "type_uo" || !form) return;
  for (const name of ["champ_activite", "mode_prise_en_charge"]) setSelect(form, name, detail.sets?.[name] || "");
  showFamilies(form);
});

document.addEventListener("ror:line", ({ target, detail }) => {
  const line = addLine(target);
  line.querySelector("[data-key]").value = detail.value;
  line.querySelector("[data-label]").textContent = detail.label;
  const famille = line.querySelector("select");
  if (famille && [...famille.options].some((option) => option.value === detail.sets?.famille)) famille.value = detail.sets.famille;
  const champ = target.closest("form")?.elements.champ_activite;
  if (champ?.tagName === "SELECT") line.querySelector("[data-famille]").hidden = champ.value !== MEDICO_SOCIAL;
});

// A number is never more visible than its contact (RG_EXP_034): raising one raises the others.
function raise(contact) {
  const [own, ...others] = contact.querySelectorAll("select[name$='-niveau']");
  for (const select of others) {
    if (Number(select.value) < Number(own.value)) {
      select.value = own.value;
      announce(contact, "Le niveau des numéros suit celui du contact");
    }
  }
}

// --- Long texts ---

function count(area) {
  const counter = document.querySelector(`[data-counter="${CSS.escape(area.id)}"]`);
  if (!counter) return;
  const max = Number(area.dataset.count);
  counter.textContent = `${area.value.length.toLocaleString("fr-FR")} / ${max.toLocaleString("fr-FR")}`;
  counter.classList.toggle("is-over", area.value.length > max);
}

// --- Buttons that change several lines: the server draws that part again ---

async function redraw(button) {
  const { form } = button;
  const id = button.dataset.redraw;
  const data = new FormData(form, button);
  const old = document.getElementById(id);
  old.setAttribute("aria-busy", "true");
  old.inert = true; // what would be typed meanwhile would be replaced with it
  try {
    const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById(id);
    if (!part) throw new Error("not the form");
    document.getElementById(id).replaceWith(part);
    part.focus({ preventScroll: true });
    announce(part, "Horaires mis à jour");
    part.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    old.removeAttribute("aria-busy");
    old.inert = false;
    announce(document.getElementById(id), "Le ROR n’a pas répondu : votre saisie est gardée, réessayez.");
  }
}

// --- Listening ---

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button?.closest("[data-fiche-form]")) return;
  const action = ["add", "remove", "redraw"].find((name) => name in button.dataset);
  if (!action) return;
  event.preventDefault();
  if (action === "add") added(button);
  else if (action === "remove") removed(button);
  else redraw(button);
});

document.addEventListener("input", ({ target }) => {
  if (!target.closest("[data-fiche-form]")) return;
  if (target.matches("textarea[data-count]")) count(target);
  const day = target.closest("[data-day]");
  if (day) refreshDay(day);
  const form = target.closest("form[data-unsaved]");
  if (form) form.dataset.unsaved = "yes";
});

document.addEventListener("change", ({ target }) => {
  if (!target.closest("[data-fiche-form]")) return;
  if (target.name === "champ_activite") showFamilies(target.form);
  if (target.name === "unite_sensible") {
    for (const notice of document.querySelectorAll("[data-sensitive]")) notice.hidden = !target.checked;
  }
  const contact = target.closest("[data-contact]");
  if (contact && target.name?.endsWith("-niveau")) raise(contact);
});

enhance(document);
document.querySelector("[data-summary]")?.focus();
