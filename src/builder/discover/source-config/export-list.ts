import type { Expression, Node } from 'oxc-parser';

/** One exported name, as it is written in the module. */
export interface WrittenExport {
  readonly name: string;
  readonly node: Node;
  readonly expression?: Expression | undefined;
  /** The name of the value inside this module. */
  readonly local?: string | undefined;
  /** Set for `export { imported as name } from specifier`; `*` stands for the whole module. */
  readonly from?: { readonly specifier: string; readonly imported: string } | undefined;
}

/** An export of a whole other module: `export * from '…'` or `module.exports = require('…')`. */
export interface ExportAll {
  readonly specifier: string;
  readonly node: Node;
  /** Whether the default export is included: `export *` leaves it out, `require` does not. */
  readonly withDefault: boolean;
}

/** Collects the exports of a module. Of two exports with the same name the later one counts. */
export class ExportList {
  readonly named = new Map<string, WrittenExport>();
  readonly all: ExportAll[] = [];

  add(written: WrittenExport): void {
    this.named.set(written.name, written);
  }

  addAll(all: ExportAll): void {
    this.all.push(all);
  }
}
