// Every head of a model in a table: sorted, filtered, with columns of one's choice; all of it in the address.
import { explorerAddress } from "./address.js";
import { control, need, pageData } from "./dom.js";
import { HeadRows } from "./explorer_rows.js";
import { ExplorerTable } from "./explorer_table.js";
import { dataFolder, download } from "./files.js";

const FIELDS = /** @type {const} */ (["text", "label", "from", "to"]);

export class Explorer {
  /** Which heads are shown. @type {number[]} */
  #shown = [];

  /** Loads the scores and fills the table that the page came with. */
  static async start() {
    const form = /** @type {HTMLFormElement} */ (need(".explorer-controls"));
    const slug = String(form.dataset.slug);
    const explorer = new Explorer(form, slug, await dataFolder(slug, "data").heads());
    explorer.fromAddress();
    explorer.listen();
    need(".explorer").dataset.ready = "";
  }

  /**
   * @param {HTMLFormElement} form
   * @param {string} slug
   * @param {import("./files.js").Heads} heads
   */
  constructor(form, slug, heads) {
    this.form = form;
    this.slug = slug;
    this.heads = new HeadRows(heads);
    /** Columns that the page comes with. @type {string[]} */
    this.startColumns = pageData("explorer-data").columns;
    /** @type {import("./explorer_table.js").TableState} */
    this.state = { columns: this.startColumns, sort: { column: "head", down: false }, bounds: new Map() };
    this.table = new ExplorerTable(/** @type {HTMLTableElement} */ (need(".explorer")), this.heads, this.state, {
      sort: (column) => this.#sort(column),
      remove: (column) => this.#remove(column),
      bound: (column, end, value) => this.#bound(column, end, value),
    });
    this.readout = need("#explorer-readout");
  }

  listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => {
      if (event.target === control(this.form, "column")) this.#addColumn();
      this.#refresh();
    });
    this.form.querySelector("[data-csv]")?.addEventListener("click", () => this.#save());
    explorerAddress.onChange(() => this.fromAddress());
  }

  fromAddress() {
    const wanted = explorerAddress.read();
    const { patterns } = this.heads.data;
    for (const name of FIELDS) control(this.form, name).value = wanted[name];
    this.state.columns = wanted.columns?.filter((column) => column in patterns) ?? this.startColumns;
    this.state.sort = wanted.sort;
    this.state.bounds = new Map(wanted.range.map((bounds) => [bounds.column, bounds]));
    this.table.showHead();
    this.#refresh();
  }

  #toAddress() {
    const [text, label, from, to] = FIELDS.map((name) => control(this.form, name).value);
    const { columns, sort } = this.state;
    const asItCame = columns.join() === this.startColumns.join();
    explorerAddress.write({ text, label, from, to, sort, columns: asItCame ? null : columns, range: this.#bounds() });
  }

  /** Bounds of the columns that are there. */
  #bounds() {
    const { columns, bounds } = this.state;
    return columns.flatMap((column) => bounds.get(column) ?? []);
  }

  #refresh() {
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
    this.#toAddress();
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
    this.#refresh();
  }

  /** Heads run from the first, numbers from the largest; a second click turns it round. @param {string} column */
  #sort(column) {
    const { sort } = this.state;
    this.state.sort = { column, down: sort.column === column ? !sort.down : column !== "head" };
    this.table.showHead();
    this.#refresh();
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
    this.#refresh();
  }

  #save() {
    const csv = this.heads.csv(this.#shown, this.state.columns);
    download(new Blob([csv], { type: "text/csv" }), `${this.slug}-heads.csv`);
  }
}
