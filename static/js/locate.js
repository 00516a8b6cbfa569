// « Autour de moi »: the position of the browser as the point of the « Où ? » box. Asked for on a click only, made coarse
// here (two decimals, about 1 km) before anything is sent, kept nowhere. Found by data-locate; hidden without this file.

const LABEL = "Ma position";
const DECIMALS = 2;
const OPTIONS = { enableHighAccuracy: false, timeout: 10_000, maximumAge: 600_000 };
const KEPT = "Position arrondie à 1\u00a0km, envoyée avec cette recherche et jamais enregistrée par le ROR.";
const FAILURES = {
  1: "La position est refusée par le navigateur. Autorisez-la pour ce site, ou tapez une commune.",
  2: "Le navigateur ne connaît pas votre position. Tapez une commune ou un code postal.",
  3: "La position se fait attendre. Réessayez, ou tapez une commune.",
};

export function locate(box) {
  const button = box.input.form.querySelector("[data-locate]");
  const status = box.input.form.querySelector("[data-locate-status]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  box.input.addEventListener("input", () => { status.textContent = ""; });
  button.addEventListener("click", () => {
    status.textContent = "Recherche de votre position…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        box.close();
        box.place(LABEL, coords.latitude.toFixed(DECIMALS), coords.longitude.toFixed(DECIMALS));
        status.textContent = KEPT;
      },
      ({ code }) => { status.textContent = FAILURES[code] ?? FAILURES[2]; },
      OPTIONS,
    );
  });
}
