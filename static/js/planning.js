// The hours in the form: « Ouvert » or « Fermé » on the header of each day, as its slots change.

const CLOSURE = "TRE_R252|08";

function isOpen(slot) {
  const [from] = slot.querySelectorAll("input[type=time]");
  const kind = slot.querySelector("select");
  return Boolean(from?.value) && kind?.value !== CLOSURE;
}

export function refreshDay(day) {
  const badge = day.querySelector("[data-state]");
  const open = [...day.querySelectorAll("[data-slot]")].some(isOpen);
  badge.textContent = open ? "Ouvert" : "Fermé";
  badge.classList.toggle("ror-ok", open);
}

// A slot added after another starts where it ends: one time less to type.
export function suggestStart(line) {
  const before = line.previousElementSibling?.querySelectorAll("input[type=time]")[1];
  const [from] = line.querySelectorAll("input[type=time]");
  if (before?.value && from && !from.value) from.value = before.value;
}
