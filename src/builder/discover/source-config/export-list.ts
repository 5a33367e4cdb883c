import type { Expression, Node } from 'oxc-parser';

/** One exported name, as the module writes it. */
export interface WrittenExport {
  readonly name: string;
  readonly node: Node;
  readonly expression?: Expression | undefined;
  /** A name of this module. */
  readonly local?: string | undefined;
  /** `export { imported as name } from specifier`; `*` for a namespace. */
  readonly from?: { readonly specifier: string; readonly imported: string } | undefined;
}

/** Everything that another module exports: `export * from '…'`, `module.exports = require('…')`. */
export interface ExportAll {
  readonly specifier: string;
  readonly node: Node;
  /** `export *` leaves the default export out, `require` does not. */
  readonly withDefault: boolean;
}

/** The exports of a module as its statements are read; of two with one name the later counts. */
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
