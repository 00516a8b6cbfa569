// The ground of the map: tiles, outlines, scale, and the names of communes when no tile comes.

export const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const FRANCE = [[41.3, -5.2], [51.1, 9.6]];

export function makeMap(element, { tiles, maxZoom, contours }) {
  const { L } = window;
  const map = L.map(element, {
    attributionControl: false, // said in the key, with the other sources
    zoomControl: false, // our own buttons, named
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    minZoom: 3,
    maxZoom,
  });
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Carte : flèches pour la déplacer, + et − pour zoomer");
  map.fitBounds(FRANCE, { animate: false });
  L.control.scale({ imperial: false, position: "topleft" }).addTo(map);
  const names = makeNames(map);
  if (tiles) addTiles(map, tiles, maxZoom, names);
  if (contours) addContours(map, contours);
  return { map, names };
}

// The first tile that comes takes the place of our names; until then, and without a network, they are there.
function addTiles(map, address, maxZoom, names) {
  const layer = window.L.tileLayer(address, { maxZoom });
  layer.once("tileload", () => {
    map.getContainer().classList.add("has-tiles");
    names.hide();
  });
  layer.addTo(map);
}

async function addContours(map, address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const data = response?.ok ? await response.json().catch(() => null) : null;
  if (!data) return; // the map does without
  const style = { className: "ror-map-contour" }; // colours are those of map.css
  map.createPane("contours").style.zIndex = 250; // over the tiles, under the names
  window.L.geoJSON(data, { interactive: false, style, pane: "contours" }).addTo(map);
}

// Names of communes, the largest first, each where it hides no other name and no marker: on its centre, or just below.
function makeNames(map) {
  const { L } = window;
  const pane = map.createPane("noms");
  pane.style.zIndex = 300;
  pane.setAttribute("aria-hidden", "true"); // the list names them
  const layer = L.layerGroup().addTo(map);
  let [communes, points] = [[], []];

  function place(name, at, taken) {
    const half = L.point(name.length * 3.6 + 6, 9);
    for (const shift of [0, 14]) {
      const middle = at.add([0, shift]);
      const box = L.bounds(middle.subtract(half), middle.add(half));
      if (!taken.some((other) => other.intersects(box))) return { box, shift };
    }
    return null;
  }

  function draw() {
    layer.clearLayers();
    const shown = map.getBounds();
    const taken = points.map((point) => {
      const foot = map.latLngToContainerPoint(point);
      return L.bounds(foot.subtract([13, 36]), foot.add([13, 2]));
    });
    for (const [name, latitude, longitude] of communes) {
      if (!shown.contains([latitude, longitude])) continue;
      const found = place(name, map.latLngToContainerPoint([latitude, longitude]), taken);
      if (!found) continue;
      taken.push(found.box);
      const html = document.createElement("span");
      html.textContent = name;
      const icon = L.divIcon({ className: "ror-map-name", html, iconSize: null, iconAnchor: [0, -found.shift] });
      L.marker([latitude, longitude], { icon, pane: "noms", interactive: false, keyboard: false }).addTo(layer);
    }
  }
  map.on("moveend", draw);

  return {
    // `markers`: [latitude, longitude] of what names leave free.
    show(list, markers) {
      [communes, points] = [list, markers];
      draw();
    },
    hide() {
      map.off("moveend", draw);
      layer.remove();
    },
  };
}
