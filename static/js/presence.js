// Who else is on this dossier: the page says it is here every half minute while it is visible.
// `X-Background`: nobody typed, so the session is not kept alive by this.

const EVERY = 25_000;
const HEADERS = { Accept: "text/html, application/json", "X-Requested-With": "fetch", "X-Background": "1" };

for (const box of document.querySelectorAll("[data-presence]")) {
  const tell = async () => {
    if (document.hidden) return;
    const body = new URLSearchParams({ csrfmiddlewaretoken: box.dataset.token, fiche: box.dataset.fiche || "" });
    try {
      const answer = await fetch(box.dataset.presence, { method: "POST", body, headers: HEADERS, redirect: "error" });
      if (!answer.ok) return;
      const html = await answer.text();
      if (box.dataset.shown !== html) box.innerHTML = html;
      box.dataset.shown = html;
    } catch {
      // Offline, or logged out: the next call says it again.
    }
  };
  tell();
  setInterval(tell, EVERY);
  document.addEventListener("visibilitychange", tell);
}
