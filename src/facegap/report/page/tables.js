/** Tables: sorted, filtered, and made when their block is opened. */
const [startTables, unfold] = (() => {
  const text = (cell) => (cell.querySelector(".name") ?? cell.firstChild ?? cell).textContent.trim();
  const number = (cell) => parseFloat(text(cell).replaceAll("−", "-").replaceAll(",", "").replace(/^[+<>≤≥ ]+/, ""));
  const rows = (table) => [...table.tBodies[0].rows];

  /** Sort a table by a column: what is no number comes last, in the order of its letters. */
  function sort(table, column, falling) {
    const keys = new Map(rows(table).map((row) => [row, [number(row.cells[column]), text(row.cells[column])]]));
    const order = ([one, words], [other, others]) => {
      if (Number.isNaN(one) && Number.isNaN(other)) return words.localeCompare(others) * (falling ? -1 : 1);
      if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) - Number.isNaN(other);
      return falling ? other - one : one - other;
    };
    table.tBodies[0].append(...rows(table).sort((a, b) => order(keys.get(a), keys.get(b))));
  }
  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        sort(table, column, falling);
      });
    });
  }

  // A cell that names two of a kind is found by each of them.
  const parts = (cell) => cell.title ? [...cell.title.split(" / "), cell.title] : [...text(cell).split(" / "), text(cell)];
  function makeFilters(table) {
    const words = wordsOf();
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.flatMap((head, column) => ("filter" in head.dataset ? [column] : []));
    if (!columns.length) return;
    const bar = document.createElement("div");
    bar.className = "filters";
    const count = document.createElement("p");
    count.className = "hint";
    count.setAttribute("role", "status");
    const selects = columns.map((column) => {
      const label = document.createElement("label");
      const select = document.createElement("select");
      label.append(heads[column].textContent.trim(), select);
      const values = [...new Set(rows(table).flatMap((row) => parts(row.cells[column])))];
      select.append(new Option(words.all, ""), ...values.map((value) => new Option(value, value)));
      select.addEventListener("change", choose);
      bar.append(label);
      return select;
    });
    function choose() {
      rows(table).forEach((row) => {
        row.hidden = !columns.every((column, k) => !selects[k].value || parts(row.cells[column]).includes(selects[k].value));
      });
      const [shown, all] = [rows(table).filter((row) => !row.hidden), rows(table)].map(({ length }) => length.toLocaleString("en"));
      count.textContent = shown === all ? "" : words.shown.replace("{shown}", shown).replace("{all}", all);
    }
    table.parentElement.before(bar, count);
    table.chooseEnds = (ends) => {
      ends.forEach((value, k) => (selects[k].value = value));
      choose();
    };
  }
  function prepare(root) {
    root.querySelectorAll("table[data-sorted]").forEach((table) => {
      makeFilters(table);
      makeSortable(table);
    });
  }

  /** Make the elements of a block that is opened. */
  function unfold(block) {
    const kept = block.querySelector(":scope > noscript");
    if (!kept) return;
    const made = document.createElement("div");
    made.innerHTML = kept.textContent;
    kept.replaceWith(made);
    prepare(made);
  }
  function start() {
    document.querySelectorAll("details").forEach((block) => {
      block.addEventListener("toggle", () => block.open && unfold(block));
    });
    document.querySelectorAll(".states a").forEach((link) => {
      link.addEventListener("click", () => {
        const kind = link.hash.replace("#differences-", "");
        document.querySelectorAll(`details[data-kind="${kind}"]`).forEach((block) => {
          block.open = true;
          unfold(block);
          block.querySelector("table")?.chooseEnds?.([link.dataset.models, link.dataset.cohorts]);
        });
      });
    });
    prepare(document);
  }
  return [start, unfold];
})();
