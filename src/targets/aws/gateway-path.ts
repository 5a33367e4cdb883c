/**
 * Converts a URLPattern path to API Gateway's notation: `/orders/:id` → `/orders/{segment2}`, a
 * last `/*` or `/:rest*` → `/{proxy+}`. Variables are named by their position, because API Gateway
 * allows one name for the variable at a position in all paths; the adapter finds the parameters of
 * a function in the path itself.
 *
 * @returns Undefined when API Gateway has no notation for the pattern: parts of segments, groups,
 *   optional segments, regular expressions
 */
export function toGatewayPath(pattern: string): string | undefined {
  const segments = pattern.split('/').slice(1);
  const converted = segments.map((segment, index) =>
    toGatewaySegment(segment, index + 1, index === segments.length - 1),
  );
  return converted.some((segment) => segment === undefined) ? undefined : `/${converted.join('/')}`;
}

function toGatewaySegment(segment: string, place: number, last: boolean): string | undefined {
  if (last && (segment === '*' || /^:[A-Za-z_]\w*[*+]$/.test(segment))) return '{proxy+}';
  if (/^:[A-Za-z_]\w*$/.test(segment)) return `{segment${place}}`;
  return /^[A-Za-z0-9._\-:~]*$/.test(segment) && !segment.startsWith(':') ? segment : undefined;
}
