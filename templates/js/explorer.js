// Every head of a model in a table: sorted, filtered, with columns of one's choice; all of it in the address.
import { explorerAddress } from "./address.js";
import { all, control, element, need, pageData } from "./dom.js";
import { HeadRows } from "./explorer_rows.js";
import { ExplorerTable, ROWS_A_PAGE } from "./explorer_table.js";
import { dataFolder, download } from "./files.js";
import { inThousands } from "./text.js";

const FIELDS = /** @type {const} */ (["text", "label", "probe", "from", "to"]);

export class Explorer {
  /** Which heads are shown. @type {number[]} */
  #shown = [];
  /** Which page of them, the first is 0. */
  #page = 0;

  /** Loads the scores and fills the table that the page came with. */
  static async start() {
    const form = /** @type {HTMLFormElement} */ (need(".explorer-controls"));
    const slug = String(form.dataset.slug);
    const files = dataFolder(slug, "data");
    const explorer = new Explorer(form, slug, files, await files.heads());
    await explorer.fromAddress();
    explorer.listen();
    need(".explorer").dataset.ready = "";
  }

  /**
   * @param {HTMLFormElement} form
   * @param {string} slug
   * @param {ReturnType<typeof dataFolder>} files
   * @param {import("./files.js").Heads} heads
   */
  constructor(form, slug, files, heads) {
    this.form = form;
    this.slug = slug;
    this.files = files;
    /**
     * The columns that the page comes with, where each pattern's scores lie, and the evidence that there is.
     * @type {{columns: string[], files: Record<string, string>, measures: Record<string, import("./explorer_rows.js").Measure>}}
     */
    this.data = pageData("explorer-data");
    this.heads = new HeadRows(heads, this.data.measures);
    this.startColumns = this.data.columns;
    /** @type {import("./explorer_table.js").TableState} */
    this.state = { columns: this.startColumns, sort: { column: "head", down: false }, bounds: new Map() };
    this.table = new ExplorerTable(/** @type {HTMLTableElement} */ (need(".explorer")), this.heads, this.state, {
      sort: (column) => this.#sort(column),
      remove: (column) => this.#remove(column),
      bound: (column, end, value) => this.#bound(column, end, value),
    });
    this.readout = need("#explorer-readout");
    this.pagers = all(HTMLElement, ".pager");
    /** The field that was typed in last. @type {unknown} */
    this.typedIn = null;
  }

  listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => {
      if (event.target === control(this.form, "column")) this.#addColumn();
      this.#page = 0;
      void this.#refresh(this.#isStep(event.target));
    });
    this.form.querySelector("[data-csv]")?.addEventListener("click", () => this.#save());
    for (const pager of this.pagers) pager.addEventListener("click", (event) => this.#turn(event));
    explorerAddress.onChange(() => void this.fromAddress());
  }

  fromAddress() {
    const wanted = explorerAddress.read();
    for (const name of FIELDS) control(this.form, name).value = wanted[name];
    if (!control(this.form, "probe").value) control(this.form, "probe").value = ""; // no such probe
    this.state.columns = wanted.columns?.filter((column) => this.heads.has(column)) ?? this.startColumns;
    this.state.sort = wanted.sort;
    this.#page = Math.max(wanted.page - 1, 0);
    this.state.bounds = new Map(wanted.range.map((bounds) => [bounds.column, bounds]));
    this.table.showHead();
    return this.#refresh(false);
  }

  /** Scores on the probe that is chosen, of the columns that are there. */
  async #loadScores() {
    const probe = control(this.form, "probe").value;
    await this.#loadEvidence();
    const columns = probe ? this.state.columns.filter((column) => column in this.data.files) : [];
    const measured = await Promise.all(columns.map((column) => this.files.numbers(this.data.files[column])));
    if (probe !== control(this.form, "probe").value) return; // another was chosen meanwhile
    const scores = measured.map(({ probes }, i) => [columns[i], probes[probe]?.score]);
    const changed = probe !== this.heads.probe;
    this.heads.use(probe, Object.fromEntries(scores));
    if (changed) this.table.showHead(); // headings name the probe
  }

  async #loadEvidence() {
    const { measures } = this.data;
    const missing = this.state.columns.filter((column) => column in measures && !(column in this.heads.evidence));
    const files = await Promise.all(missing.map((column) => this.files.numbers(measures[column].file)));
    files.forEach(({ probes, hue, against = "" }, i) => {
      this.heads.evidence[missing[i]] = { ...probes[measures[missing[i]].probe], hues: [hue, against] };
    });
  }

  /** What is typed letter by letter is one step for the browser's Back. @param {unknown} field */
  #isStep(field) {
    const goesOn = field === this.typedIn;
    this.typedIn = field instanceof HTMLSelectElement ? null : field;
    return !goesOn;
  }

  /** @param {boolean} step */
  #toAddress(step) {
    const [text, label, probe, from, to] = FIELDS.map((name) => control(this.form, name).value);
    const { columns, sort } = this.state;
    const asItCame = columns.join() === this.startColumns.join();
    const range = this.#bounds();
    const page = this.#page ? this.#page + 1 : -1;
    const state = { text, label, probe, from, to, sort, columns: asItCame ? null : columns, range, page };
    explorerAddress.write(state, "", { step });
  }

  /** Bounds of the columns that are there. */
  #bounds() {
    const { columns, bounds } = this.state;
    return columns.flatMap((column) => bounds.get(column) ?? []);
  }

  /** @param {boolean} [step] whether the browser's Back undoes it */
  async #refresh(step = true) {
    await this.#loadScores();
    const layer = (/** @type {string} */ name, /** @type {number} */ otherwise) => {
      const { value } = control(this.form, name);
      return value === "" ? otherwise : Number(value);
    };
    this.#shown = this.heads.select({
      text: control(this.form, "text").value,
      label: control(this.form, "label").value,
      from: layer("from", 0),
      to: layer("to", Infinity),
      bounds: this.#bounds(),
      sort: this.state.sort,
    });
    this.#showPage();
    this.#toAddress(step);
  }

  #showPage() {
    const pages = Math.max(Math.ceil(this.#shown.length / ROWS_A_PAGE), 1);
    this.#page = Math.min(this.#page, pages - 1);
    this.table.showRows(this.#shown, this.#page);
    const [shown, total] = [this.#shown.length, this.heads.data.heads.length].map(inThousands);
    const first = this.#page * ROWS_A_PAGE;
    const rows = `, ${inThousands(first + 1)} to ${inThousands(Math.min(first + ROWS_A_PAGE, this.#shown.length))}`;
    this.readout.textContent = `${shown} of ${total} heads${pages > 1 ? rows : ""}`;
    for (const pager of this.pagers) {
      pager.hidden = pages < 2;
      pager.replaceChildren(...turns(this.#page, pages));
    }
  }

  /** Another page of the table, from its top. @param {Event} event */
  #turn(event) {
    const button = event.target instanceof HTMLElement ? event.target.closest("button") : null;
    if (!button) return;
    const [pager, turn] = [button.closest(".pager"), button.dataset.turn];
    this.#page = Number(button.dataset.page);
    this.#showPage();
    this.#toAddress(true);
    const again = pager && all(HTMLButtonElement, "button", pager).find((each) => each.dataset.turn === turn);
    if (again && !again.disabled) again.focus({ preventScroll: true }); // it was drawn anew
    need(".pager").scrollIntoView({ block: "nearest" });
  }

  #addColumn() {
    const select = control(this.form, "column");
    const column = select.value;
    select.value = "";
    if (column && !this.state.columns.includes(column)) this.state.columns = [...this.state.columns, column];
    this.table.showHead();
  }

  /** @param {string} column */
  #remove(column) {
    this.state.columns = this.state.columns.filter((each) => each !== column);
    this.state.bounds.delete(column);
    this.#page = 0;
    this.table.showHead();
    void this.#refresh();
  }

  /** Heads run from the first, numbers from the largest; a second click turns it round. @param {string} column */
  #sort(column) {
    const { sort } = this.state;
    this.state.sort = { column, down: sort.column === column ? !sort.down : column !== "head" };
    this.#page = 0;
    this.table.showHead();
    void this.#refresh();
  }

  /**
   * @param {string} column
   * @param {"least" | "most"} end
   * @param {number | undefined} value
   */
  #bound(column, end, value) {
    const bounds = { ...this.state.bounds.get(column), column, [end]: value };
    if (bounds.least === undefined && bounds.most === undefined) this.state.bounds.delete(column);
    else this.state.bounds.set(column, bounds);
    this.#page = 0;
    void this.#refresh(this.#isStep(`${column} ${end}`));
  }

  #save() {
    const csv = this.heads.csv(this.#shown, this.state.columns);
    download(new Blob([csv], { type: "text/csv" }), `${this.slug}-heads.csv`);
  }
}

/**
 * What leafs through the table: buttons, and between them where one is.
 * @param {number} page the first is 0
 * @param {number} pages
 */
function turns(page, pages) {
  const turn = (/** @type {string} */ name, /** @type {number} */ to, /** @type {string} */ said) => {
    const button = element("button", name);
    button.type = "button";
    button.ariaLabel = said;
    [button.dataset.turn, button.dataset.page] = [said, String(to)];
    button.disabled = to < 0 || to >= pages || to === page;
    return button;
  };
  return [
    turn("«", 0, "First page"),
    turn("‹", page - 1, "Previous page"),
    element("span", `page ${page + 1} of ${pages}`),
    turn("›", page + 1, "Next page"),
    turn("»", pages - 1, "Last page"),
  ];
}
