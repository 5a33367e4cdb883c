/**
 * One function as found on disk: its name and the file that starts it. Nothing has been read of its
 * content but what tells its kind. All paths are absolute.
 */
export type Entry = JavaScriptEntry | ZipEntry | GoBinaryEntry | GoSourceEntry;

interface EntryBase {
  readonly name: string;
  readonly mainFile: string;
  /** The functions directory it was found in. */
  readonly functionsDirectory: string;
  /** Set when the function is a directory of its own; its files belong to it. */
  readonly directory?: string | undefined;
}

export interface JavaScriptEntry extends EntryBase {
  readonly kind: 'javascript';
}

/** A zip somebody else made: passed through byte for byte. */
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
