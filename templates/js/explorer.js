// Every head of a model in a table: sorted, filtered, with columns of one's choice; all of it in the address.
import { explorerAddress } from "./address.js";
import { control, need, pageData } from "./dom.js";
import { HeadRows } from "./explorer_rows.js";
import { ExplorerTable } from "./explorer_table.js";
import { dataFolder, download } from "./files.js";

const FIELDS = /** @type {const} */ (["text", "label", "probe", "from", "to"]);

export class Explorer {
  /** Which heads are shown. @type {number[]} */
  #shown = [];

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
     * The columns that the page comes with, each pattern's file, and the evidence that there is.
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
    /** The field that was typed in last. @type {unknown} */
    this.typedIn = null;
  }

  listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => {
      if (event.target === control(this.form, "column")) this.#addColumn();
      void this.#refresh(this.#isStep(event.target));
    });
    this.form.querySelector("[data-csv]")?.addEventListener("click", () => this.#save());
    explorerAddress.onChange(() => void this.fromAddress());
  }

  fromAddress() {
    const wanted = explorerAddress.read();
    for (const name of FIELDS) control(this.form, name).value = wanted[name];
    if (!control(this.form, "probe").value) control(this.form, "probe").value = ""; // no such probe
    this.state.columns = wanted.columns?.filter((column) => this.heads.has(column)) ?? this.startColumns;
    this.state.sort = wanted.sort;
    this.state.bounds = new Map(wanted.range.map((bounds) => [bounds.column, bounds]));
    this.table.showHead();
    return this.#refresh(false);
  }

  /** Scores on the probe that is chosen, of the columns that are there. Each pattern's lie in a file of their own. */
  async #loadScores() {
    const probe = control(this.form, "probe").value;
    await this.#loadEvidence();
    const columns = probe ? this.state.columns.filter((column) => column in this.data.files) : [];
    const measured = await Promise.all(columns.map((column) => this.files.pattern(this.data.files[column])));
    if (probe !== control(this.form, "probe").value) return; // another was chosen meanwhile
    const scores = measured.map(({ probes }, i) => [columns[i], probes[probe]?.score]);
    const changed = probe !== this.heads.probe;
    this.heads.use(probe, Object.fromEntries(scores));
    if (changed) this.table.showHead(); // headings name the probe
  }

  async #loadEvidence() {
    const { measures } = this.data;
    const missing = this.state.columns.filter((column) => column in measures && !(column in this.heads.evidence));
    const files = await Promise.all(missing.map((column) => this.files.evidence(measures[column].file)));
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
    explorerAddress.write({ text, label, probe, from, to, sort, columns: asItCame ? null : columns, range }, "", {
      step,
    });
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
    this.table.showRows(this.#shown);
    const [shown, total] = [this.#shown.length, this.heads.data.heads.length].map((n) => n.toLocaleString("en"));
    this.readout.textContent = `${shown} of ${total} heads`;
    this.#toAddress(step);
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
    this.table.showHead();
    void this.#refresh();
  }

  /** Heads run from the first, numbers from the largest; a second click turns it round. @param {string} column */
  #sort(column) {
    const { sort } = this.state;
    this.state.sort = { column, down: sort.column === column ? !sort.down : column !== "head" };
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
    void this.#refresh(this.#isStep(`${column} ${end}`));
  }

  #save() {
    const csv = this.heads.csv(this.#shown, this.state.columns);
    download(new Blob([csv], { type: "text/csv" }), `${this.slug}-heads.csv`);
  }
}
