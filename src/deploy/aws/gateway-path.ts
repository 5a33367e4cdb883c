/**
 * A URLPattern path in API Gateway's notation: `/orders/:id` → `/orders/{id}`, a last `/*` or `/:rest*` → `/{proxy+}`.
 * Undefined where API Gateway cannot say it: parts of segments, groups, optional segments, regular expressions.
 */
export function toGatewayPath(pattern: string): string | undefined {
  const segments = pattern.split('/').slice(1);
  const converted = segments.map((segment, index) => toGatewaySegment(segment, index === segments.length - 1));
  return converted.some((segment) => segment === undefined) ? undefined : `/${converted.join('/')}`;
}

function toGatewaySegment(segment: string, last: boolean): string | undefined {
  if (last && (segment === '*' || /^:[A-Za-z_]\w*[*+]$/.test(segment))) return `{${segment === '*' ? 'proxy' : segment.slice(1, -1)}+}`;
  const parameter = /^:([A-Za-z_]\w*)$/.exec(segment);
  if (parameter?.[1] !== undefined) return `{${parameter[1]}}`;
  return /^[A-Za-z0-9._\-:~]*$/.test(segment) && !segment.startsWith(':') ? segment : undefined;
}
