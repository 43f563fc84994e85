/** Return what a script element holds as gzip in Base64. */
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
/** Return the texts of the scripts, in the language of the page. */
const wordsOf = () => JSON.parse(document.getElementById("script-words").textContent);

/** Charts: each is drawn when it comes into sight, in place of its static picture. */
const startCharts = (() => {
  let loaded, observer;
  const places = () => [...document.querySelectorAll(".chart")];
  const scale = () => document.querySelector("#scale input:checked").value;

  /** Return the charts, with what draws them at hand; unpacked when the first one comes into sight. */
  async function load() {
    const [charts, vega] = await Promise.all([unpacked("charts").then(JSON.parse), unpacked("vega")]);
    new Function(vega)();
    return charts;
  }
  /** Return what says a text in the language of the page. */
  function translator() {
    const words = new Map(Object.entries(wordsOf().charts));
    return (value) => words.get(value) ?? value;
  }
  const titles = new Set(["title", "domain", "sort"]);
  /** Return a specification with its titles, and the names of its series, in the language of the page. */
  function titled(spec, say, title = false) {
    if (Array.isArray(spec)) return spec.map((one) => titled(one, say, title));
    if (typeof spec === "string") return title ? say(spec) : spec;
    if (spec === null || typeof spec !== "object") return spec;
    return Object.fromEntries(Object.entries(spec).map(([key, one]) => [key, titled(one, say, titles.has(key))]));
  }
  function rows(columns, say) {
    const names = Object.keys(columns);
    return columns[names[0]].map((_value, k) => Object.fromEntries(names.map((name) => [name, say(columns[name][k])])));
  }

  /** Draw a figure in the view that is switched on, unless it already shows it. */
  async function draw(place) {
    try {
      const charts = await (loaded ??= load());
      const views = charts.figures[place.dataset.figure];
      const view = scale() in views ? scale() : "";
      if (place.dataset.drawn === view) return;
      place.dataset.drawn = view;
      const say = translator();
      const spec = titled(views[view], say);
      const names = [spec, ...spec.layer].flatMap((part) => (part.data?.name in charts.data ? [part.data.name] : []));
      const datasets = Object.fromEntries(names.map((name) => [name, rows(charts.data[name], say)]));
      const alternative = place.getAttribute("aria-label");
      await vegaEmbed(place, { ...spec, datasets: { ...spec.datasets, ...datasets } }, { actions: false, renderer: "svg" });
      // Vega has put words of its own in place of the text alternative.
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", alternative);
      place.removeAttribute("aria-roledescription");
    } catch (error) {
      if (!place.querySelector("svg")) place.textContent = wordsOf().undrawn;
      console.error(error);
    }
  }

  window.addEventListener("beforeprint", () => {
    places().filter((place) => place.offsetWidth > 0).forEach(draw);
  });
  return () => {
    observer?.disconnect();
    observer = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
      { rootMargin: "600px" },
    );
    // The Japanese font must be there before text is measured.
    document.fonts.ready.then(() => places().forEach((place) => observer.observe(place)));
    document.getElementById("scale").addEventListener("change", () => {
      places().filter((place) => "drawn" in place.dataset).forEach(draw);
    });
  };
})();
