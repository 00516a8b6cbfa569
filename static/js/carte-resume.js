// The summary of one establishment, docked in a corner of the map so that it never covers its marker.

function fill(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

function unit(template, uo) {
  const item = template.content.cloneNode(true).firstElementChild;
  const [name, badges, type] = [item.querySelector("a"), item.querySelectorAll("[data-statut]"), item.lastElementChild];
  name.textContent = uo.nom;
  name.href = uo.url;
  type.textContent = uo.type;
  for (const badge of badges) {
    badge.hidden = badge.dataset.statut !== uo.statut;
    badge.lastElementChild.textContent = uo.statut_texte;
  }
  return item;
}

// The button of « Ma sélection », drawn by the server in its two states; after a click the server draws it again.
function makeChoice(section, card) {
  const place = card.querySelector("[data-choix]");
  const states = { oui: section.querySelector("[data-choix-oui]"), non: section.querySelector("[data-choix-non]") };
  const remove = states.oui.content.querySelector("form").getAttribute("action");
  const chosen = new Set(section.dataset.choisis.split(" "));
  card.addEventListener("htmx:afterSettle", () => {
    const form = place.querySelector("form");
    if (form.getAttribute("action") === remove) chosen.add(form.elements.f.value);
    else chosen.delete(form.elements.f.value);
  });
  return (address) => {
    place.replaceChildren(states[chosen.has(address) ? "oui" : "non"].content.cloneNode(true));
    const { f, suivant } = place.querySelector("form").elements;
    f.value = address;
    suivant.value = location.pathname + location.search;
    window.htmx?.process(place);
  };
}

export function makeCard(section, { onClose }) {
  const card = section.querySelector("[data-resume]");
  const field = (name) => card.querySelector(`[data-champ="${name}"]`);
  const units = card.querySelector("[data-uos]");
  const offer = makeChoice(section, card);
  card.querySelector("[data-fermer]").addEventListener("click", onClose);
  card.addEventListener("keydown", (event) => event.key === "Escape" && onClose());

  return {
    show({ properties: eg }) {
      field("nom").textContent = eg.nom;
      field("url").href = eg.url;
      offer(eg.url);
      fill(field("adresse"), eg.adresse);
      fill(field("telephone"), eg.telephone);
      if (eg.tel) field("telephone").href = eg.tel;
      field("sans_telephone").hidden = Boolean(eg.telephone);
      fill(field("trajet"), eg.distance && ` · ${[eg.distance, eg.duree].filter(Boolean).join(", ")}`);
      for (const state of card.querySelectorAll("[data-etat]")) {
        const text = eg[state.dataset.etat];
        state.hidden = !text;
        state.lastElementChild.textContent = text;
      }
      card.querySelector("[data-etats]").hidden = !eg.fermeture && !eg.intervient;
      units.replaceChildren(...eg.uos.map((uo) => unit(section.querySelector("[data-uo]"), uo)));
      const more = eg.n_uo - eg.uos.length;
      if (more > 0) {
        const item = document.createElement("li");
        item.className = "ror-meta mb-2";
        item.textContent = more > 1 ? `et ${more} autres UO` : "et une autre UO";
        units.append(item);
      }
      card.hidden = false;
      field("nom").focus({ preventScroll: true });
    },
    hide() {
      card.hidden = true;
    },
    // Where the card stands, seen from the corner of the map; null when it is closed.
    box() {
      if (card.hidden) return null;
      const [own, whole] = [card.getBoundingClientRect(), section.getBoundingClientRect()];
      return { top: own.top - whole.top, right: own.right - whole.left, isWide: own.width > whole.width * 0.6 };
    },
  };
}
