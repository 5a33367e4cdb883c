/**
 * One function as found on disk: its name and the file that starts it. Only as much of the file has
 * been read as is needed to recognize the kind. All paths are absolute.
 */
export type Entry = JavaScriptEntry | ZipEntry | GoBinaryEntry | GoSourceEntry;

interface EntryBase {
  readonly name: string;
  readonly mainFile: string;
  /** The functions directory that contains the function. */
  readonly functionsDirectory: string;
  /** The function's own directory, whose files belong to it; undefined for a single file. */
  readonly directory?: string | undefined;
}

export interface JavaScriptEntry extends EntryBase {
  readonly kind: 'javascript';
}

/** A zip that another tool made. It is published byte for byte. */
export interface ZipEntry extends EntryBase {
  readonly kind: 'zip';
}

export interface GoBinaryEntry extends EntryBase {
  readonly kind: 'go-binary';
  readonly architecture: 'x64' | 'arm64';
}

export interface GoSourceEntry extends EntryBase {
  readonly kind: 'go-source';
}
