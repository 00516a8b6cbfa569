// Validation: a line is decided as soon as it is clicked, without losing the place one reads at. Without this file the
// form of the fiche sends everything at once, and « Actualiser l’aperçu » reloads the page.

const PAUSE = 600; // ms after the last key before the preview is asked for

// --- Decisions ----------------------------------------------------------------------------------------------------

const form = document.querySelector("form[data-review]");

function say(text) {
  const place = form.querySelector("[data-saving]");
  if (place) place.textContent = text;
}

function isComplete(line) {
  const choice = line.querySelector("input[type=radio]:checked");
  if (!choice) return false;
  if (choice.value === "oui") return true;
  return Boolean(line.querySelector("select").value || line.querySelector("input[name^='t:']").value.trim());
}

/** The fields of one line, as the whole form would send them. */
function fieldsOf(line, button) {
  const data = new FormData();
  for (const name of ["csrfmiddlewaretoken", "fiche"]) data.append(name, form.elements[name].value);
  if (button) data.append(button.name, button.value);
  for (const field of line.querySelectorAll("input, select")) {
    if (field.type !== "radio" || field.checked) data.append(field.name, field.value);
  }
  return data;
}

/** Puts each part of the answer in the place of the one that has its id; the keyboard stays where it was. */
function place(html) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  const focused = document.activeElement?.id;
  for (const part of answer.content.querySelectorAll("tbody[id], nav[id], section[id]")) {
    document.getElementById(part.id)?.replaceWith(part);
  }
  if (focused && document.activeElement?.id !== focused) {
    const back = document.getElementById(focused) || document.getElementById(focused.replace(/-annuler$/, "-oui"));
    back?.focus({ preventScroll: true });
  }
}

async function send(line, button) {
  line.setAttribute("aria-busy", "true");
  say("Enregistrement…");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: fieldsOf(line, button),
      headers: { "X-Fragment": "1", "X-Requested-With": "XMLHttpRequest" },
    });
    const text = await answer.text();
    if (answer.status === 401) {
      location.assign(JSON.parse(text).connexion);
    } else if (answer.ok || answer.status === 422) {
      place(text);
      const now = new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });
      say(answer.ok ? `Décision enregistrée à ${now}.` : "Cette décision n’est pas enregistrée : voir sous la ligne.");
    } else if (answer.status === 409) {
      const told = new DOMParser().parseFromString(text, "text/html").body.textContent.trim();
      say(`${told} Rechargez la page.`);
    } else {
      say("Le ROR n’a pas répondu comme prévu : la décision n’est pas enregistrée. Réessayez.");
    }
  } catch {
    say("La connexion au ROR est perdue : la décision n’est pas enregistrée. Réessayez.");
  } finally {
    line.removeAttribute("aria-busy");
  }
}

// One after the other: two answers that cross would put an old bar in place of a new one.
let queue = Promise.resolve();
const enqueue = (id, button) => {
  queue = queue.then(() => {
    const line = document.getElementById(id);
    return line && send(line, button);
  });
};

if (form) {
  form.addEventListener("change", (event) => {
    const line = event.target.closest("[data-line]");
    if (!line) return;
    if (isComplete(line)) enqueue(line.id);
    else if (event.target.value === "non") line.querySelector("select")?.focus();
  });
  // Chosen before this file was there.
  for (const choice of form.querySelectorAll("[data-line] input[type=radio]:checked")) {
    const line = choice.closest("[data-line]");
    if (!choice.defaultChecked && isComplete(line)) enqueue(line.id);
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "annuler") return;
    event.preventDefault();
    enqueue(event.submitter.closest("[data-line]").id, { name: "annuler", value: event.submitter.value });
  });
}

// --- Preview of a message -----------------------------------------------------------------------------------------

const letter = document.querySelector("form[data-preview]");

async function preview() {
  const data = new FormData(letter);
  data.append("apercu", "1");
  const answer = await fetch(location.href, { method: "POST", body: data }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("apercu");
  if (fresh) document.getElementById("apercu").replaceWith(fresh);
}

if (letter) {
  let timer;
  letter.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE);
  });
}
