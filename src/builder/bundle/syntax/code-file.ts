/** Whether a file is JavaScript or TypeScript, by the ending of its name. */
export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}
