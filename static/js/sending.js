// A long form sent once, by a button: before it leaves, whether its author is still logged in. When she is not, she logs
// in on the page itself, and the form then leaves with her text. Found by data-sending on the form, which says where to
// ask (data-session, data-login) and whose text it is (data-user). Without this file the ROR keeps the text during the
// login (`accounts.kept_text`).
import { askLogin, session } from "./relogin.js";
import "./unsaved.js";

const LOST = "La connexion au ROR est perdue : votre texte reste sur cette page. Réessayez dans un instant.";
const LATER = "Votre session est terminée : votre texte reste sur cette page, il n’est pas enregistré.";

class Sending {
  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.submitted(event));
  }

  // The first time the form waits for the answer; the second, it leaves.
  async submitted(event) {
    if (this.isSure) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.say("");
    try {
      this.isSure = await this.isThere();
    } catch {
      this.say(LOST);
    } finally {
      this.busy = false;
    }
    if (!this.isSure) return;
    const { submitter } = event;
    this.form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  }

  // True when she is logged in, maybe again; the page says why not.
  async isThere() {
    const found = await session(this.form);
    if (found?.isOther) this.say(`Vous êtes connecté avec un autre compte (${found.nom}) : votre texte n’a pas été envoyé.`);
    if (found) return !found.isOther;
    const isBack = await askLogin(this.form);
    if (!isBack) this.say(LATER);
    return isBack;
  }

  say(words) {
    const box = this.form.querySelector("[data-told]");
    box.querySelector("[data-words]").textContent = words;
    box.hidden = !words;
  }
}

for (const form of document.querySelectorAll("form[data-sending]")) {
  const sending = new Sending(form);
  // Back from the page that followed, which the browser may show as it was left: the form asks again.
  window.addEventListener("pageshow", () => { sending.isSure = false; });
}
