/** Whether a file is JavaScript or TypeScript, judged by its extension. */
export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}
