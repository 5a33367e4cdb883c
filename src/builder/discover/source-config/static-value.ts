import type { SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { locationOf, type Span } from './source-error.ts';

export type Primitive = string | number | boolean | null | undefined;

/** A value that was read from source. Each part of the value has its place. */
export type StaticValue =
  | { readonly kind: 'primitive'; readonly value: Primitive; readonly span: Span }
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

export function primitive(value: Primitive, span: Span): StaticValue {
  return { kind: 'primitive', value, span };
}

/** Returns the value itself, without the places. */
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

/** The item or member with a name; undefined when the value has no such item or member. */
export function memberOf(value: StaticValue, name: string | number): StaticValue | undefined {
  switch (value.kind) {
    case 'primitive':
      return undefined;
    case 'array':
      return value.items[Number(name)];
    case 'object':
      return value.members.get(String(name))?.value;
  }
}

/**
 * The place of the value at a path of keys and indices, or of the nearest value around the path
 * when the path leads to nothing.
 */
export function locateIn(value: StaticValue, keys: readonly (string | number)[]): SourceLocation {
  let current = value;
  for (const key of keys) {
    const next = memberOf(current, key);
    if (next === undefined) break;
    current = next;
  }
  return locationOf(current.span);
}
