/**
 * Whether the whole name of a function matches a glob of netlify.toml's `[functions."<glob>"]`. A
 * glob may have `*`, `?`, `[abc]`, `[!abc]` and `{a,b}`.
 */
export function matchesName(glob: string, name: string): boolean {
  if (!/[*?[{]/.test(glob)) return glob === name;
  let source = '';
  let braces = 0;
  for (let index = 0; index < glob.length; index += 1) {
    const char = glob[index] ?? '';
    const classEnd = char === '[' ? glob.indexOf(']', index + 2) : -1;
    if (char === '*') {
      source += '.*';
    } else if (char === '?') {
      source += '.';
    } else if (classEnd !== -1) {
      const members = glob.slice(index + 1, classEnd);
      source += `[${members.replace(/^[!^]/, '^').replaceAll('\\', '\\\\')}]`;
      index = classEnd;
    } else if (char === '{' && glob.includes('}', index)) {
      source += '(?:';
      braces += 1;
    } else if (char === '}' && braces > 0) {
      source += ')';
      braces -= 1;
    } else if (char === ',' && braces > 0) {
      source += '|';
    } else {
      source += char.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`);
    }
  }
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    return false;
  }
}

/**
 * The weight of a glob: the heaviest of several matching globs wins. As on Netlify, the weight is
 * the number of characters that are not `*`, less one if there is a `*`.
 */
export function globWeight(glob: string): number {
  const wildcards = glob.split('*').length - 1;
  return glob.length - wildcards - (wildcards === 0 ? 0 : 1);
}
