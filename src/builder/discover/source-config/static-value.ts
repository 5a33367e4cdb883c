import type { SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import type { Span } from './source-error.ts';

/** A value read from source, each part with its place. */
export type StaticValue =
  | {
      readonly kind: 'primitive';
      readonly value: string | number | boolean | null | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'array'; readonly items: readonly StaticValue[]; readonly span: Span }
  | {
      readonly kind: 'object';
      readonly members: ReadonlyMap<string, StaticMember>;
      readonly span: Span;
    };

export interface StaticMember {
  readonly key: Span;
  readonly value: StaticValue;
}

export function toPlain(value: StaticValue): unknown {
  switch (value.kind) {
    case 'primitive':
      return value.value;
    case 'array':
      return value.items.map((item) => toPlain(item));
    case 'object':
      return Object.fromEntries(
        Array.from(value.members, ([key, member]) => [key, toPlain(member.value)]),
      );
  }
}

/** The place of the value at a path; of the nearest value around it where the path leads nowhere. */
export function locateIn(value: StaticValue, path: readonly (string | number)[]): SourceLocation {
  let current = value;
  for (const part of path) {
    const next =
      current.kind === 'array'
        ? current.items[Number(part)]
        : current.kind === 'object'
          ? current.members.get(String(part))?.value
          : undefined;
    if (next === undefined) break;
    current = next;
  }
  const { file, source, start, end } = current.span;
  return locate(file, source, start, end);
}
