/** An HCL expression that is written unquoted: a reference, a function call, a template. */
export class Expression {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

export const expression = (code: string): Expression => new Expression(code);

/** One block: `type "label" "label" { … }`. Attributes that are undefined are left out. */
export interface Block {
  readonly type: string;
  readonly labels?: readonly string[];
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly blocks?: readonly Block[] | undefined;
}

/** A block `resource "type" "id" { … }`. */
export function resource(
  type: string,
  id: string,
  attributes: Block['attributes'],
  blocks?: Block['blocks'],
): Block {
  return { type: 'resource', labels: [type, id], attributes, blocks };
}

/**
 * Writes blocks the way `terraform fmt` does: an indent of two spaces, and the equal signs of
 * neighbouring one-line attributes in one column.
 */
export function renderHcl(blocks: readonly Block[]): string {
  return `${blocks.map((block) => renderBlock(block, '')).join('\n\n')}\n`;
}

function renderBlock(block: Block, indent: string): string {
  const head = [block.type, ...(block.labels ?? []).map((label) => JSON.stringify(label))].join(
    ' ',
  );
  const inner = `${indent}  `;
  const attributes = renderAttributes(block.attributes ?? {}, inner);
  const nested = (block.blocks ?? []).map((each) => renderBlock(each, inner));
  const body = [...(attributes === '' ? [] : [attributes]), ...nested].join('\n\n');
  return body === '' ? `${indent}${head} {}` : `${indent}${head} {\n${body}\n${indent}}`;
}

const isLong = (value: string): boolean => value.includes('\n');

function renderAttributes(attributes: Readonly<Record<string, unknown>>, indent: string): string {
  const entries = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({
      key: /^[A-Za-z_][\w-]*$/.test(key) ? key : JSON.stringify(key),
      value: renderValue(value, indent),
    }));
  return entries
    .map(({ key, value }, index) => {
      const group = neighbours(entries, index, (entry) => !isLong(entry.value));
      const width = isLong(value)
        ? key.length
        : Math.max(...group.map((entry) => entry.key.length));
      return `${indent}${key.padEnd(width)} = ${value}`;
    })
    .join('\n');
}

/** The run of entries around `index` that all satisfy `belongs`. `terraform fmt` aligns each run. */
function neighbours<T>(
  entries: readonly T[],
  index: number,
  belongs: (entry: T) => boolean,
): readonly T[] {
  let from = index;
  let to = index;
  const at = (position: number): boolean => {
    const entry = entries[position];
    return entry !== undefined && belongs(entry);
  };
  while (at(from - 1)) from -= 1;
  while (at(to + 1)) to += 1;
  return entries.slice(from, to + 1);
}

function renderValue(value: unknown, indent: string): string {
  if (value instanceof Expression) return value.code;
  if (Array.isArray(value)) return renderList(value, indent);
  if (typeof value === 'object' && value !== null) {
    const inner = renderAttributes(Object.fromEntries(Object.entries(value)), `${indent}  `);
    return inner === '' ? '{}' : `{\n${inner}\n${indent}}`;
  }
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

function renderList(values: readonly unknown[], indent: string): string {
  const rendered = values.map((value) => renderValue(value, `${indent}  `));
  const oneLine = `[${rendered.join(', ')}]`;
  if (oneLine.length < 100 && !oneLine.includes('\n')) return oneLine;
  return `[\n${rendered.map((value) => `${indent}  ${value},`).join('\n')}\n${indent}]`;
}

/** A string literal without interpolation: `${` and `%{` are escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}
