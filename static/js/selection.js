// « Ma sélection »: a box of the results is a line put aside, at once. Without this file the boxes are sent by the
// button « Ajouter à ma sélection ».

const bar = () => document.getElementById("barre-selection");

// The bar says what is put aside; boxes say the same, after each answer too (a full selection refuses one).
function sync() {
  const chosen = new Set((bar()?.dataset.chosen || "").split(" "));
  for (const box of document.querySelectorAll("form[data-selection] input[name=f]")) box.checked = chosen.has(box.value);
}

// One request at a time: each answer shows the whole selection, and an older one must not undo a newer box.
const waiting = [];

async function send(form, box) {
  const address = box.checked ? form.action : form.dataset.remove;
  const values = { f: box.value, suivant: form.elements.suivant.value };
  const token = form.elements.csrfmiddlewaretoken.value;
  waiting.push({ address, values, token });
  if (waiting.length > 1) return;
  while (waiting.length) {
    const one = waiting[0];
    const headers = { "X-CSRFToken": one.token };
    await window.htmx
      .ajax("POST", one.address, { source: bar(), target: bar(), swap: "none", values: one.values, headers })
      .catch(() => {});
    waiting.shift();
  }
  sync();
}

// The page is left before the last boxes are told: the browser sends them by itself. The first of them is on its way.
window.addEventListener("pagehide", () => {
  for (const one of waiting.splice(1)) {
    const body = new URLSearchParams({ ...one.values, csrfmiddlewaretoken: one.token });
    navigator.sendBeacon(one.address, body);
  }
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-selection]");
  if (form && target.name === "f") send(form, target);
});
document.addEventListener("htmx:afterSettle", () => {
  if (!waiting.length) sync();
});
sync();

// The link of a shared selection.
for (const button of document.querySelectorAll("[data-copy]")) {
  const told = document.querySelector("[data-copy-told]");
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      told.textContent = "Lien copié.";
    } catch {
      told.textContent = "Le lien est sélectionné : copiez-le avec Ctrl+C.";
    }
  });
}
