// The login in place, on a page that holds a text being typed. `askLogin(form)` opens the dialog of the page and gives
// true once the same person is back, her new token in the form; false when she puts it off.

const EVERY = 3000;

// Who is logged in, or null. The forms of the page take the token of that session.
export async function session(form) {
  const answer = await fetch(form.dataset.session, { headers: { Accept: "application/json", "X-Background": "1" }, cache: "no-store" });
  if (!answer.ok) return null;
  const found = await answer.json();
  const isOther = String(found.user) !== form.dataset.user;
  if (!isOther) {
    for (const field of document.querySelectorAll("main input[name=csrfmiddlewaretoken], header input[name=csrfmiddlewaretoken]")) field.value = found.csrf;
    for (const box of document.querySelectorAll("[data-token]")) box.dataset.token = found.csrf;
  }
  return { ...found, isOther };
}

class Login {
  constructor(form, dialog) {
    this.form = form;
    this.dialog = dialog;
    this.place = dialog.querySelector("[data-login-form]");
  }

  part(name) {
    return this.dialog.querySelector(`[data-${name}]`);
  }

  open() {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.controller = new AbortController();
      const { signal } = this.controller;
      this.part("later").addEventListener("click", () => this.close(false), { signal });
      this.dialog.addEventListener("cancel", () => this.close(false), { signal });
      this.place.addEventListener("submit", (event) => this.send(event), { signal });
      this.dialog.showModal();
      this.draw().catch(() => this.problem("La connexion au ROR est perdue. Réessayez dans un instant."));
      this.poll = setInterval(() => this.look().catch(() => {}), EVERY); // logged in from another tab
    });
  }

  close(isBack) {
    clearInterval(this.poll);
    this.controller.abort();
    this.place.replaceChildren();
    this.part("elsewhere").hidden = true;
    this.part("problem").hidden = true;
    if (this.dialog.open) this.dialog.close();
    this.resolve(isBack);
  }

  problem(words) {
    this.part("problem").textContent = words;
    this.part("problem").hidden = !words;
  }

  async draw() {
    const answer = await fetch(this.form.dataset.login, { cache: "no-store" });
    this.show(await answer.text());
  }

  // The form of the login page, alone; false when the page has none.
  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const login = [...page.querySelectorAll("form")].find((one) => one.getAttribute("action") === this.form.dataset.login);
    if (!login) return false;
    for (const button of login.querySelectorAll("button[type=button]")) button.remove(); // « Afficher » has its own file
    this.place.replaceChildren(document.adoptNode(login));
    const [name, password] = this.place.querySelectorAll("input:not([type=hidden])");
    name.value ||= this.dialog.dataset.relogin;
    password.focus();
    return true;
  }

  async send(event) {
    event.preventDefault();
    const button = this.place.querySelector("button:not([type=button])");
    if (button) button.disabled = true;
    this.problem("");
    try {
      const answer = await fetch(this.form.dataset.login, { method: "POST", body: new FormData(event.target) });
      const html = await answer.text();
      if (await this.look()) return;
      if (!this.show(html)) this.elsewhere(answer.url);
    } catch {
      this.problem("La connexion au ROR est perdue. Réessayez dans un instant.");
    } finally {
      if (button) button.disabled = false;
    }
  }

  // A second factor: its page asks for a code, in a tab of its own; this one waits.
  elsewhere(address) {
    this.place.replaceChildren();
    const link = this.part("elsewhere").querySelector("a");
    link.href = address;
    this.part("elsewhere").hidden = false;
    link.focus();
  }

  async look() {
    if (!this.dialog.open) return false;
    const found = await session(this.form);
    if (!found || !this.dialog.open) return false;
    if (found.isOther) {
      this.problem(`Vous êtes connecté avec un autre compte (${found.nom}) : votre texte n’a pas été envoyé.`);
      return true;
    }
    this.close(true);
    return true;
  }
}

let waiting = null;

export function askLogin(form) {
  const dialog = document.querySelector("dialog[data-relogin]");
  if (!dialog) return Promise.resolve(false);
  waiting ||= new Login(form, dialog).open().finally(() => { waiting = null; });
  return waiting;
}
