"use strict";
/** Return what a script element holds as gzip in Base64. */
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
/** Return the charts, with what draws them at hand; unpacked when the first one comes into sight. */
async function load() {
  const [charts, vega] = await Promise.all([unpacked("charts").then(JSON.parse), unpacked("vega")]);
  new Function(vega)();
  return charts;
}
let loaded;
const places = [...document.querySelectorAll(".chart")];
const scale = () => document.querySelector("#scale input:checked").value;

/** Draw a figure in the view that is switched on, unless it already shows it. */
async function draw(place) {
  try {
    const charts = await (loaded ??= load());
    const views = charts.figures[place.dataset.figure];
    const view = scale() in views ? scale() : "";
    if (place.dataset.drawn === view) return;
    place.dataset.drawn = view;
    const spec = views[view];
    const names = [spec, ...spec.layer].flatMap((part) => (part.data?.name in charts.data ? [part.data.name] : []));
    const datasets = { ...spec.datasets, ...Object.fromEntries(names.map((name) => [name, charts.data[name]])) };
    await vegaEmbed(place, { ...spec, datasets }, { actions: false, renderer: "svg" });
  } catch (error) {
    place.textContent = {{ _("This chart could not be drawn; see the folder charts.")|tojson }};
    console.error(error);
  }
}

const seen = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
  { rootMargin: "600px" },
);
// The Japanese font must be there before text is measured.
document.fonts.ready.then(() => places.forEach((place) => seen.observe(place)));

document.getElementById("scale").addEventListener("change", () => {
  places.filter((place) => "drawn" in place.dataset).forEach(draw);
});
window.addEventListener("beforeprint", () => {
  places.filter((place) => place.offsetWidth > 0).forEach(draw);
});
