/** An entry of `includedFiles` that matches no file, and what its author probably wants. */
export interface UnmatchedEntry {
  /** As it is in the settings, relative to the project. */
  readonly entry: string;
  readonly reason:
    /** The entry is the name of a directory. */
    | 'directory'
    /** The entry is a pattern that matches directories and no file. */
    | 'only-directories'
    /** The entry starts with `/`, and what follows is a path in the project. */
    | 'machine-path'
    /** The entry has a line break or a tab, which a backslash in double quotes stands for. */
    | 'control-character'
    | 'nothing';
  /** An entry that matches files, relative to the project. */
  readonly suggestion?: string | undefined;
  /** Whether the suggestion differs from the entry in upper and lower case alone. */
  readonly differsInCase?: boolean | undefined;
}
